private import Foundation

/// Bytes that an ordinary user may still write on the file system of `directory`. Throws `FileError`.
package func freeBytes(at directory: String) throws(FileError) -> UInt64 {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { throw FileError("inspect", directory) }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
        by: UInt64(status.f_frsize))
    return overflow ? .max : bytes
}

/// Throws `InsufficientSpace` unless 1.2 × `bytes` fit, so that a write does not fail half-way.
package func requireSpace(
    for bytes: UInt64, at directory: String,
    free: (String) throws -> UInt64 = { try freeBytes(at: $0) }
) throws {
    let (padded, overflow) = bytes.addingReportingOverflow(bytes / 5)
    let needed = overflow ? UInt64.max : padded
    let available = try free(directory)
    guard available >= needed else {
        throw InsufficientSpace(path: directory, bytesNeeded: needed, bytesFree: available)
    }
}
