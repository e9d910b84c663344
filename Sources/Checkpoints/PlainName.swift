/// A file's name was to be taken from outside, and leads out of its directory.
package struct UnsafeFileName: Error, Hashable, CustomStringConvertible {
    package var name: String

    package init(name: String) { self.name = name }

    package var description: String {
        "\"\(name)\" is not a plain file name; names may not be empty, start with a dot or have slashes"
    }
}

/// Throws `UnsafeFileName` for names that are hidden, or lead anywhere else.
func requirePlainName(_ name: String) throws(UnsafeFileName) {
    let isPlain =
        !name.isEmpty && !name.hasPrefix(".") && !name.utf8.contains(UInt8(ascii: "/"))
        && !name.utf8.contains(0)
    guard isPlain else { throw UnsafeFileName(name: name) }
}

/// Whether anything, even a dangling link, is at `path`.
func exists(_ path: String) -> Bool { kind(of: path, followingLinks: false) != nil }

func isSymbolicLink(_ path: String) -> Bool { kind(of: path, followingLinks: false) == .link }

func isDirectory(_ path: String) -> Bool { kind(of: path, followingLinks: true) == .directory }

/// What cannot be looked at counts as absent.
private func kind(of path: String, followingLinks: Bool) -> FileKind? {
    try? LocalFileSystem().kind(of: path, followingLinks: followingLinks)
}
