import CZeroMQ

let sendMore = ZMQ_SNDMORE

/// Messages of several frames, for the protocols that libzmq itself speaks (authentication,
/// monitoring) and for tests. Ours have one frame: a lost peer can swallow the rest of a longer one
/// without an error.
extension Socket {
    /// Sends copies of `frames` as one message; false, with nothing sent, if the first would block.
    ///
    /// Throws: `ZeroMQError.Code.wouldBlock` when a peer was lost between two frames.
    public func send(frames: [[UInt8]]) throws(ZeroMQError) -> Bool {
        precondition(!frames.isEmpty, "a message has at least one frame")
        for (index, frame) in frames.enumerated() {
            let flags = index == frames.count - 1 ? 0 : sendMore
            if try sendFrame(frame, flags: flags) { continue }
            if index == 0 { return false }
            throw ZeroMQError(
                code: .wouldBlock, operation: "send on \(kind) socket \(id)",
                detail: "the peer was lost after frame \(index) of \(frames.count)")
        }
        return true
    }

    /// The frames of the next message, or `nil` if there is none now.
    ///
    /// Throws: `ZeroMQError.Code.malformedMessage` when it has more than `limit` frames; it is
    /// dropped.
    public func receiveFrames(limit: Int = 16) throws(ZeroMQError) -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        while let frame = try receiveFrame() {
            frames.append(frame.bytes)
            if !frame.hasMore { return frames }
            guard frames.count < limit else { break }
        }
        guard !frames.isEmpty else { return nil }
        let count = frames.count + (try drainMessage())
        throw ZeroMQError(
            code: .malformedMessage, operation: "receive on \(kind) socket \(id)",
            detail: "a message of \(count) frames arrived and was dropped; \(limit) are allowed")
    }
}
