private import Foundation

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

/// Writes a whole file and flushes it to the disk. A failed flush is not tried again: the pages count as
/// clean afterwards, so a second one would lie. Throws `FileError`.
package func writeDurably(_ bytes: [UInt8], to path: String) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError("create", path, bytesNeeded: bytes.count) }
    do {
        try writeAll(bytes, to: descriptor, path: path)
        try flush(descriptor, path: path)
    } catch {
        close(descriptor)
        throw error
    }
    guard close(descriptor) == 0 else { throw FileError("close", path, bytesNeeded: bytes.count) }
}

/// Makes the entries of a directory durable. Throws `FileError`.
func flushDirectory(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    try flush(descriptor, path: path)
}

/// The bytes of a file. Throws `FileError`.
package func readFile(_ path: String) throws(FileError) -> [UInt8] {
    try MappedFile(path).withUnsafeBytes { Array($0) }
}

private func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, path: String
) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
        let written = bytes.withUnsafeBytes {
            write(descriptor, $0.baseAddress! + offset, $0.count - offset)
        }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
            throw FileError(
                "write", path, code: written == 0 ? ENOSPC : errno, bytesNeeded: bytes.count)
        }
        offset += written
    }
}

private func flush(_ descriptor: Int32, path: String) throws(FileError) {
    #if canImport(Darwin)
        // fsync there leaves the data in the drive's cache.
        let result = fcntl(descriptor, F_FULLFSYNC)
    #else
        let result = fsync(descriptor)
    #endif
    guard result == 0 else { throw FileError("flush", path) }
}
