#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif

/// Bytes that an ordinary user may still write on the file system of `directory`; `nil`: it cannot be told,
/// and `errno` says why.
package func freeBytes(onDiskOf directory: String) -> UInt64? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
        by: UInt64(status.f_frsize))
    return overflow ? .max : bytes
}
