import CZeroMQ
import Synchronization

/// A libzmq socket, owned by one place and used on one thread.
///
/// `~Copyable` and not `Sendable`: keep it in a property of an actor whose executor is `thread`.
/// Every call traps unless it runs on that thread. No call blocks: what cannot be done now answers
/// `false` or `nil`; then wait with `thread.wait(until:on:…)`.
///
/// It is closed when the value ends. An actor that owns one should declare `isolated deinit`, so
/// that this happens on the thread; where the value ends elsewhere, the thread is asked to close
/// it.
public struct Socket: ~Copyable {
    public let id: SocketID
    public let kind: SocketKind
    /// The thread that every call must run on.
    public let thread: SocketThread
    private let context: Context
    private let address: UInt

    /// Opens a socket; must run on `thread`, as `SocketThread.open` does. A ROUTER is made
    /// mandatory, so that what it cannot deliver is reported and not dropped.
    ///
    /// Throws: `ZeroMQError` when the context has no socket left or is being terminated.
    public init(
        _ kind: SocketKind, in context: Context, on thread: SocketThread
    ) throws(ZeroMQError) {
        thread.preconditionIsCurrent("opening a \(kind) socket")
        guard let handle = zmq_socket(context.handle, kind.type) else {
            throw ZeroMQError.last("opening of a \(kind) socket")
        }
        id = SocketID(number: SerialNumber.next())
        self.kind = kind
        self.thread = thread
        self.context = context
        address = UInt(bitPattern: handle)
        context.openSockets.add(1, ordering: .relaxed)
        thread.loop.sockets[id] = handle
        if kind == .router { Self.makeMandatory(handle) }
    }

    deinit {
        let (id, address, context, thread) = (id, address, context, thread)
        if thread.isCurrent {
            thread.closeSocket(id, at: address, of: context)
        } else {
            thread.push(.call { thread.closeSocket(id, at: address, of: context) })
        }
    }

    /// Closes the socket. What it has not sent yet is sent in the background within its linger.
    public consuming func close() {}

    private static func makeMandatory(_ router: UnsafeMutableRawPointer) {
        var one: Int32 = 1
        let status = zmq_setsockopt(router, ZMQ_ROUTER_MANDATORY, &one, 4)
        precondition(status == 0, "libzmq refuses to make a ROUTER mandatory")
    }

    /// The handle, for a call that must run on the thread.
    func handle(for operation: String) -> UnsafeMutableRawPointer {
        thread.preconditionIsCurrent("\(operation) on \(kind) socket \(id)")
        return UnsafeMutableRawPointer(bitPattern: address)!
    }

    /// The error of the call that just failed.
    func lastError(_ operation: String, endpoint: String? = nil) -> ZeroMQError {
        ZeroMQError.last("\(operation) on \(kind) socket \(id)", endpoint: endpoint)
    }
}

@available(*, unavailable, message: "a socket is used on one thread only")
extension Socket: Sendable {}

extension SocketThread {
    /// Opens a socket on this thread and hands it over: set its options and bind or connect it in
    /// `configure`, then pass it to the actor that owns it.
    ///
    /// Throws: `ZeroMQError`, and what `configure` throws; then the socket is closed.
    public func open(
        _ kind: SocketKind, in context: Context, options: [SocketOption] = [],
        configure: @escaping @Sendable (borrowing Socket) throws -> Void = { _ in }
    ) async throws -> sending Socket {
        let parcel = try await run {
            let socket = try Socket(kind, in: context, on: self)
            for option in options { try socket.set(option) }
            try configure(socket)
            return Parcel(socket)
        }
        return parcel.take()
    }

    fileprivate func closeSocket(_ id: SocketID, at address: UInt, of context: Context) {
        let waiters = loop.polls.removeAll(on: id)
        // While its reader is still there: libzmq's reaper thread would wait for ever to tell a reader that
        // is gone of the socket's end.
        stopMonitoring(id)
        loop.sockets[id] = nil
        let status = zmq_close(UnsafeMutableRawPointer(bitPattern: address))
        precondition(status == 0, "socket \(id) was closed twice")
        context.openSockets.subtract(1, ordering: .relaxed)
        resume(waiters, with: .closed)
    }
}
