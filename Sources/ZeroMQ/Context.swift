import CZeroMQ
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// libzmq's context: its I/O threads and everything its sockets share. Have one per process; with
/// 4.3.4, several contexts that use CURVE crash each other on termination (libzmq #4242).
///
/// The handle is kept as a number because libzmq makes it safe to use from every thread, which a
/// pointer's type cannot say.
public final class Context: Sendable {
    private let address: UInt
    private let state: Mutex<State>
    private let terminatedPipe: WakePipe

    private enum State { case open, terminating }

    /// Number of sockets of this context that are open.
    public var openSocketCount: Int { openSockets.load(ordering: .relaxed) }
    let openSockets = Atomic<Int>(0)

    /// A context with `ioThreads` I/O threads and room for `maxSockets` sockets.
    ///
    /// Throws: `ZeroMQError` when libzmq refuses a number or the process is out of descriptors.
    public init(ioThreads: Int = 1, maxSockets: Int = 1023) throws(ZeroMQError) {
        terminatedPipe = try WakePipe()
        state = Mutex(.open)
        guard let handle = zmq_ctx_new() else { throw ZeroMQError.last("creation of a context") }
        address = UInt(bitPattern: handle)
        try set(ZMQ_IO_THREADS, ioThreads, "ioThreads")
        try set(ZMQ_MAX_SOCKETS, maxSockets, "maxSockets")
    }

    /// Termination may have to wait for lingering messages, so it never runs on the thread that
    /// happens to drop the last reference. No socket is open any more: each holds its context.
    deinit {
        guard state.withLock({ $0 == .open }) else { return }
        let address = address
        try? PlatformThread.startDetached(named: "zmq-terminate") {
            terminateContext(at: address)
        }
    }

    var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: address)! }

    /// libzmq's version as (major, minor, patch).
    public static var libraryVersion: (major: Int, minor: Int, patch: Int) {
        var version: (Int32, Int32, Int32) = (0, 0, 0)
        zmq_version(&version.0, &version.1, &version.2)
        return (Int(version.0), Int(version.1), Int(version.2))
    }

    /// Whether libzmq was built with CURVE encryption.
    public static var hasCurve: Bool { zmq_has("curve") == 1 }

    /// Makes every wait and every call on this context's sockets fail as terminated; does not wait.
    public func shutdown() {
        // After termination the handle is freed; while it runs, libzmq has shut down already.
        state.withLock { if $0 == .open { _ = zmq_ctx_shutdown(handle) } }
    }

    /// Terminates: waits until every socket is closed and its messages are sent or its linger has
    /// passed.
    ///
    /// The waiting happens on a thread of its own. After a throw the termination goes on; call
    /// again to wait longer.
    /// Throws: `ZeroMQError.Code.contextBusy`, with the number of open sockets, when `limit`
    /// passes.
    public func terminate(within limit: Duration) async throws(ZeroMQError) {
        try beginTermination()
        let (pipe, name) = (terminatedPipe, "zmq-watchdog")
        let started = await withCheckedContinuation {
            (done: CheckedContinuation<Result<Bool, ZeroMQError>, Never>) in
            do throws(ZeroMQError) {
                try PlatformThread.startDetached(named: name) {
                    done.resume(returning: .success(pipe.waitUntilReadable(within: limit)))
                }
            } catch {
                done.resume(returning: .failure(error))
            }
        }
        guard try !started.get() else { return }
        throw ZeroMQError(
            code: .contextBusy, operation: "termination of the context",
            detail:
                "after \(limit) \(openSocketCount) of its sockets are open (close them on their "
                + "thread) or messages linger (set a finite linger)")
    }

    private func beginTermination() throws(ZeroMQError) {
        let isFirst = state.withLock { state in
            defer { state = .terminating }
            return state == .open
        }
        guard isFirst else { return }
        let (address, pipe) = (address, terminatedPipe)
        do throws(ZeroMQError) {
            try PlatformThread.startDetached(named: "zmq-terminate") {
                terminateContext(at: address)
                pipe.wake()
            }
        } catch {
            state.withLock { $0 = .open }
            throw error
        }
    }

    private func set(_ option: Int32, _ value: Int, _ name: String) throws(ZeroMQError) {
        guard let small = Int32(exactly: value), zmq_ctx_set(handle, option, small) == 0 else {
            throw ZeroMQError(
                code: .valueOutOfRange, operation: "creation of a context with \(name) = \(value)")
        }
    }
}

/// Blocks until the context at `address` is gone. libzmq may return early on a signal and be called
/// again.
private func terminateContext(at address: UInt) {
    while zmq_ctx_term(UnsafeMutableRawPointer(bitPattern: address)) != 0
        && zmq_errno() == EINTR
    {}
}
