/// What became of a message that a ROUTER was to send.
public enum SendOutcome: Hashable, Sendable {
    case sent
    /// The peer's queue is full. Writability does not tell when it has room: try again at that
    /// peer's next message or by a timer.
    case full
    /// No such peer is connected.
    case unroutable
}

/// A message that a ROUTER received.
public enum PeerMessage: ~Copyable, Sendable {
    case message(Message, from: RoutingID)
    /// A message that was not one frame after the routing id; it was dropped whole. Count it.
    case malformed(frames: Int, from: RoutingID)
}

extension Socket {
    /// Sends one frame to a peer; when it was sent, `body` is empty, otherwise untouched.
    ///
    /// `.sent` means queued: a peer that is lost between the two frames takes the message with it.
    public func send(
        _ body: inout Message, to peer: RoutingID
    ) throws(ZeroMQError) -> SendOutcome {
        precondition(kind == .router, "a \(kind) socket does not choose its peer")
        // Routing id and body go out in one call without a suspension, so that no other task's
        // frame can come between them.
        do throws(ZeroMQError) {
            guard try sendFrame(peer.bytes, flags: sendMore) else { return .full }
        } catch {
            guard error.code == .unroutable else { throw error }
            return .unroutable
        }
        // Once the peer has taken the id, the body is queued or lost with its pipe; it never
        // blocks.
        let isSent = try sendFrame(&body, flags: 0)
        precondition(isSent, "a ROUTER took a routing id and then refused the body")
        return .sent
    }

    /// Sends a copy of `bytes` to a peer.
    public func send(_ bytes: [UInt8], to peer: RoutingID) throws(ZeroMQError) -> SendOutcome {
        var body = Message(bytes)
        return try send(&body, to: peer)
    }

    /// The next message of any peer, or `nil` if there is none now.
    ///
    /// Throws: `ZeroMQError.Code.terminated` when the context is terminated. Never for what a peer
    /// sent.
    public func receiveFromPeer() throws(ZeroMQError) -> sending PeerMessage? {
        precondition(kind == .router, "a \(kind) socket does not know its peers; use receive()")
        guard let first = try receiveFrame() else { return nil }
        let peer = RoutingID(received: first.bytes)
        guard first.hasMore, let body = try receiveFrame() else {
            return .malformed(frames: 0, from: peer)
        }
        guard body.hasMore else { return .message(body, from: peer) }
        return .malformed(frames: 1 + (try drainMessage()), from: peer)
    }
}
