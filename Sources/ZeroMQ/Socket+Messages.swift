import CZeroMQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Socket {
    /// Sends one frame as a message, if there is room; then `message` is empty.
    ///
    /// Returns false, with `message` untouched, where every queue is full or no peer is connected:
    /// wait until the socket is writable and try again. A PUB drops instead (it never answers
    /// false). Not for a ROUTER, see `send(_:to:)`.
    public func send(_ message: inout Message) throws(ZeroMQError) -> Bool {
        precondition(kind != .router, "a ROUTER sends to a peer: send(_:to:)")
        return try sendFrame(&message, flags: 0)
    }

    /// Sends a copy of `bytes` as a message, if there is room.
    public func send(_ bytes: [UInt8]) throws(ZeroMQError) -> Bool {
        precondition(kind != .router, "a ROUTER sends to a peer: send(_:to:)")
        return try sendFrame(bytes, flags: 0)
    }

    /// The next message, or `nil` if there is none now. Not for a ROUTER, see `receiveFromPeer()`.
    ///
    /// Throws: `ZeroMQError.Code.malformedMessage` for a message of several frames, which is
    /// dropped whole; go on receiving. `.terminated` when the context is terminated.
    public func receive() throws(ZeroMQError) -> sending Message? {
        precondition(kind != .router, "a ROUTER receives from a peer: receiveFromPeer()")
        guard let message = try receiveFrame() else { return nil }
        guard message.hasMore else { return message }
        let count = 1 + (try drainMessage())
        throw ZeroMQError(
            code: .malformedMessage, operation: "receive on \(kind) socket \(id)",
            detail:
                "a message of \(count) frames arrived and was dropped; a message must be one frame")
    }

    /// Sends one frame; false when it would block.
    func sendFrame(_ message: inout Message, flags: Int32) throws(ZeroMQError) -> Bool {
        let handle = handle(for: "send")
        while zmq_msg_send(&message.raw, handle, flags | ZMQ_DONTWAIT) < 0 {
            if try isBlocked("send") { return false }
        }
        return true
    }

    func sendFrame(_ bytes: [UInt8], flags: Int32) throws(ZeroMQError) -> Bool {
        let handle = handle(for: "send")
        while zmq_send(handle, bytes, bytes.count, flags | ZMQ_DONTWAIT) < 0 {
            if try isBlocked("send") { return false }
        }
        return true
    }

    /// The next frame, or `nil` when it would block.
    func receiveFrame() throws(ZeroMQError) -> sending Message? {
        let handle = handle(for: "receive")
        var message = Message()
        while zmq_msg_recv(&message.raw, handle, ZMQ_DONTWAIT) < 0 {
            if try isBlocked("receive") { return nil }
        }
        return message
    }

    /// Drops the rest of a message whose last received frame announced more; the number of frames.
    /// A message arrives whole, so this never has to wait.
    func drainMessage() throws(ZeroMQError) -> Int {
        var count = 0
        while let frame = try receiveFrame() {
            count += 1
            if !frame.hasMore { break }
        }
        return count
    }

    /// Whether the call that just failed would have blocked; false after a signal: call again.
    private func isBlocked(_ operation: String) throws(ZeroMQError) -> Bool {
        switch zmq_errno() {
        case EAGAIN: return true
        case EINTR: return false
        default: throw lastError(operation)
        }
    }
}
