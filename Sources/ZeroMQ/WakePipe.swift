import CZeroMQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A pipe whose read end becomes readable when another thread wants attention.
///
/// A pipe rather than an eventfd, because it serves Linux and macOS alike. The descriptors stay
/// open as long as the object lives, so a late wake-up never writes into someone else's descriptor.
final class WakePipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(ZeroMQError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ZeroMQError(
                code: .init(errno: zmq_errno()), operation: "creation of a wake-up pipe")
        }
        for end in ends {
            // Close on exec: no child may hold the pipe. Non-blocking: a full pipe is wake-up
            // enough.
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Makes the read end readable; from any thread.
    func wake() {
        var byte: UInt8 = 1
        while write(writeEnd, &byte, 1) < 0 && zmq_errno() == EINTR {}
    }

    /// Empties the pipe.
    func drain() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while true {
            let count = read(readEnd, &bytes, MemoryLayout.size(ofValue: bytes))
            if count <= 0 && !(count < 0 && zmq_errno() == EINTR) { return }
        }
    }

    /// Blocks the calling thread until the pipe is readable, which stays so; false if `limit`
    /// passed first.
    func waitUntilReadable(within limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            var item = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            let rest = (deadline - ContinuousClock.now).pollMilliseconds
            let count = poll(&item, 1, Int32(clamping: rest))
            if count > 0 { return true }
            if count == 0 && ContinuousClock.now >= deadline { return false }
        }
    }
}

extension Duration {
    /// Whole milliseconds for `poll`, rounded up so that a wait never ends before its deadline; 0
    /// if past.
    var pollMilliseconds: Int {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1000 - 1 else { return Int(Int32.max) }
        let roundedUp = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int(seconds * 1000 + roundedUp)
    }
}
