import CZeroMQ
import Foundation

/// The right to be the one process that works in a run directory; taken before ipc sockets are
/// bound in it.
///
/// libzmq lets a second process bind a live ipc path and silently steal its peers. The lock is the
/// system's (`flock`), so it ends with the process, however that ends; the lock file stays.
/// Children do not inherit it. Directories on network filesystems may not have it: keep run
/// directories on a local disk.
public struct RunDirectoryLock: ~Copyable, Sendable {
    /// Name of the lock file, unless another is asked for; it holds the process id of the last holder.
    public static let fileName = "lock"

    public let directory: String
    private let descriptor: Int32

    /// Takes the lock, and makes the directory with rights for its owner only if it is not there.
    /// Locks with other file names are other locks.
    ///
    /// Throws: `RunDirectoryError` when another process (or another lock in this one) holds it, or
    /// when directory or lock file cannot be made.
    public init(
        directory: String, fileName: String = Self.fileName
    ) throws(RunDirectoryError) {
        if mkdir(directory, 0o700) != 0, zmq_errno() != EEXIST {
            throw RunDirectoryError(directory: directory, problem: .system(errno: zmq_errno()))
        }
        let path = directory + "/" + fileName
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            throw RunDirectoryError(directory: directory, problem: .system(errno: zmq_errno()))
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let cause = zmq_errno()
            let holder = Self.readPID(from: file)
            close(file)
            throw RunDirectoryError(
                directory: directory,
                problem: cause == EWOULDBLOCK ? .held(by: holder) : .system(errno: cause))
        }
        Self.writePID(to: file)
        self.directory = directory
        descriptor = file
    }

    deinit { close(descriptor) }

    /// Lets the next process in.
    public consuming func release() {}

    /// The ipc endpoint of a socket file in the directory.
    ///
    /// Throws: `EndpointError` when its path is too long for the system.
    public func endpoint(named name: String) throws(EndpointError) -> Endpoint {
        try .ipc(path: directory + "/" + name)
    }

    /// The number in the lock file; `nil` if there is none.
    private static func readPID(from file: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let digits = bytes.prefix(count).prefix { (0x30...0x39).contains($0) }
        return Int32(String(decoding: digits, as: UTF8.self))
    }

    /// For the message of whoever is refused; the lock holds without it.
    private static func writePID(to file: Int32) {
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(file, 0) == 0 else { return }
        _ = pwrite(file, text, text.count, 0)
    }
}

/// A run directory that cannot be worked in.
public struct RunDirectoryError: Error, Hashable, Sendable {
    public var directory: String
    public var problem: Problem

    public enum Problem: Hashable, Sendable {
        /// Another lock is held on it; by this process id, where the lock file says so.
        case held(by: Int32?)
        case system(errno: Int32)
    }
}

extension RunDirectoryError: CustomStringConvertible {
    public var description: String {
        switch problem {
        case .held(let holder):
            let who = holder.map { "process \($0)" } ?? "another process"
            return
                "run directory \(directory) is in use by \(who); wait for it, stop it, or choose another"
        case .system(let errno):
            return
                "run directory \(directory) cannot be locked: \(String(cString: strerror(errno)))"
        }
    }
}
