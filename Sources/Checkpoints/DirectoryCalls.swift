private import Foundation

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
func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
}

func isSymbolicLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}

func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

func makeDirectory(_ path: String) throws(FileError) {
    guard mkdir(path, 0o755) == 0 else { throw FileError("create directory", path) }
}

/// Creates a directory and those above it, where they do not exist.
func makeDirectories(_ path: String) throws(FileError) {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw FileError("create directory", path, code: posixCode(of: error))
    }
    guard isDirectory(path) else { throw FileError("create directory", path, code: ENOTDIR) }
}

func renameItem(_ source: String, to destination: String) throws(FileError) {
    guard rename(source, destination) == 0 else {
        throw FileError("rename to \(destination):", source)
    }
}

/// Removes a file or a directory with all it holds.
func removeTree(_ path: String) throws(FileError) {
    do {
        try FileManager.default.removeItem(atPath: path)
    } catch {
        throw FileError("remove", path, code: posixCode(of: error))
    }
}

/// Names in a directory, without `.` and `..`, in no order.
func directoryEntries(_ path: String) throws(FileError) -> [String] {
    do {
        return try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
        throw FileError("list", path, code: posixCode(of: error))
    }
}

private func posixCode(of error: any Error) -> Int32 {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying.map { Int32($0.code) } ?? EIO
}
