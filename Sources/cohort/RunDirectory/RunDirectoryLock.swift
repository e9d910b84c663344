#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif

/// Keeps two learners from writing into one run directory. The kernel drops the lock when the
/// process ends, however it ends, so there is nothing stale to clean up.
final class RunDirectoryLock: Sendable {
    static let fileName = "run.lock"

    private let descriptor: Int32

    /// `fileName`: which of the directory's locks.
    init(directory: String, fileName: String = fileName) throws(CommandFailure) {
        let path = directory + "/" + fileName
        descriptor = try POSIXFile.open(path, O_RDWR | O_CREAT)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            _ = close(descriptor)
            guard code == EWOULDBLOCK else {
                throw CommandFailure(errno: code, "cannot lock \(path)")
            }
            throw CommandFailure(
                "the run directory \(directory) is in use by another process; wait for it or "
                    + "stop it",
                .tryAgain)
        }
    }

    deinit { _ = close(descriptor) }
}
