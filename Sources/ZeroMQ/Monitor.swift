import CZeroMQ

/// The events of one socket's connections, as libzmq reports them (version 1).
///
/// A monitor is itself a socket: same thread, same rules. Read it until `nil`, then wait for `id`
/// to be readable. Its queue has no limit, because libzmq's I/O thread would block on a full one: a
/// monitor that nobody reads grows by a few hundred bytes per connection attempt of anybody.
public struct Monitor: ~Copyable {
    /// The socket that is watched.
    public let watched: SocketID
    private let socket: Socket

    /// What to wait for.
    public var id: SocketID { socket.id }

    /// Watches a socket from now on. Must run on the socket's thread, as `SocketThread.openMonitor`
    /// does.
    ///
    /// Throws: `ZeroMQError.Code.alreadyMonitored` if it has a monitor, `.socketClosed` if it is
    /// not open.
    public init(
        of socket: SocketID, in context: Context, on thread: SocketThread
    ) throws(ZeroMQError) {
        let name = "cohort-monitor-\(SerialNumber.next())"
        try thread.startMonitoring(socket, as: "inproc://\(name)")
        do throws(ZeroMQError) {
            self.socket = try Self.reader(of: name, in: context, on: thread)
        } catch {
            thread.stopMonitoring(socket)
            throw error
        }
        watched = socket
    }

    deinit {
        let (watched, thread) = (watched, socket.thread)
        // Before the reading end closes: an event without a reader would block libzmq's I/O thread.
        if thread.isCurrent {
            thread.stopMonitoring(watched)
        } else {
            thread.push(.call { thread.stopMonitoring(watched) })
        }
    }

    /// Stops watching.
    public consuming func close() {}

    /// The next event, or `nil` if there is none now.
    public func next() throws(ZeroMQError) -> MonitorEvent? {
        guard let frames = try socket.receiveFrames(limit: 2) else { return nil }
        guard frames.count == 2, let event = MonitorEvent(frames[0], endpoint: frames[1]) else {
            throw ZeroMQError(
                code: .malformedMessage, operation: "reading of a monitor event",
                detail: "libzmq sent an event of another version than 1")
        }
        return event
    }

    private static func reader(
        of name: String, in context: Context, on thread: SocketThread
    ) throws(ZeroMQError) -> Socket {
        let reader = try Socket(.pair, in: context, on: thread)
        try reader.set(.rcvhwm(0))
        try reader.set(.linger(.zero))
        try reader.connect(Endpoint(.inproc(name: name)))
        return reader
    }
}

extension SocketThread {
    /// Starts watching a socket of this thread and hands the monitor over. Do it between opening
    /// the socket and binding or connecting it, so that no event is missed.
    ///
    /// Throws: as `Monitor.init`.
    public func openMonitor(
        of socket: SocketID, in context: Context
    ) async throws -> sending Monitor {
        let parcel = try await run {
            Parcel(try Monitor(of: socket, in: context, on: self))
        }
        return parcel.take()
    }

    fileprivate func startMonitoring(
        _ socket: SocketID, as endpoint: String
    ) throws(ZeroMQError) {
        let operation = "monitoring of socket \(socket)"
        guard let handle = loop.sockets[socket] else {
            throw ZeroMQError(code: .socketClosed, operation: operation)
        }
        guard !loop.monitored.contains(socket) else {
            throw ZeroMQError(code: .alreadyMonitored, operation: operation)
        }
        guard zmq_socket_monitor(handle, endpoint, ZMQ_EVENT_ALL) == 0 else {
            throw ZeroMQError.last(operation)
        }
        loop.monitored.insert(socket)
    }

    /// Nothing happens if the socket is not watched, or closed, which ends the watch too.
    func stopMonitoring(_ socket: SocketID) {
        guard loop.monitored.remove(socket) != nil, let handle = loop.sockets[socket] else {
            return
        }
        _ = zmq_socket_monitor(handle, nil, 0)
    }
}
