/// A file's name in a directory and its bytes.
package struct NamedFile: Sendable, Hashable {
    /// A plain name without slashes.
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// The bytes of a file. Throws `FileError`.
package func readFile(_ path: String) throws(FileError) -> [UInt8] {
    try MappedFile(path).withUnsafeBytes { Array($0) }
}
