import CZeroMQ
import Foundation

/// One sender that is faster than its one reader, over bare libzmq.
struct SlowReader: Sendable {
    enum Pattern: Sendable {
        /// With libzmq's high-water marks of 1,000.
        case publish
        /// A ROUTER with a high-water mark of 10 and without ROUTER_MANDATORY.
        case route
    }

    let pattern: Pattern
    /// To bind.
    let endpoint: String
    let messages: Int
    /// What the reader takes for a message.
    let pause: Duration

    /// Sent until the first of them arrives: a reader that has not subscribed yet would miss everything.
    private static let probe = UInt64.max
    /// Waits of the reader, 50 ms each, without a message after the last one was sent.
    private static let quietWaits = 6

    func run() async throws -> LossCount {
        let (isReady, isSent, isRead) = (ThreadFlag(), ThreadFlag(), ThreadFlag())
        async let sent = onThread("loss-sender") {
            defer { isSent.raise() }
            return try send(whenReady: isReady, sent: isSent, until: isRead)
        }
        let processed = try await onThread("loss-reader") {
            defer { isRead.raise() }
            return try read(isReady, until: isSent)
        }
        let (count, errors) = try await sent
        return LossCount(
            pattern: pattern == .publish ? "PUB/SUB" : "ROUTER, not mandatory, HWM 10",
            treatment: "slow reader", sent: count, sendErrors: errors, processed: processed)
    }

    /// Binds and sends everything as fast as libzmq takes it. The socket lives until all was read.
    private func send(
        whenReady isReady: ThreadFlag, sent isSent: ThreadFlag, until isRead: ThreadFlag
    ) throws(CommandFailure) -> (sent: Int, errors: Int) {
        let socket =
            switch pattern {
            case .publish: try RawPeer(ZMQ_PUB, options: [])
            case .route: try RawPeer(ZMQ_ROUTER, options: [(ZMQ_SNDHWM, 10)])
            }
        _ = try socket.bind(endpoint)
        let peer = try peer(on: socket, until: isRead)
        while !isReady.isRaised, !isRead.isRaised {
            _ = try send(Self.probe, to: peer, on: socket)
            usleep(1_000)
        }
        var errors = 0
        for number in 0..<UInt64(messages) where try !send(number, to: peer, on: socket) { errors += 1 }
        isSent.raise()
        while !isRead.isRaised { usleep(1_000) }
        return (messages - errors, errors)
    }

    /// The routing id of the reader where the pattern has one; it says hello first.
    private func peer(
        on socket: borrowing RawPeer, until isRead: ThreadFlag
    ) throws(CommandFailure) -> [UInt8]? {
        guard pattern == .route else { return nil }
        var frame = RawFrame()
        while !isRead.isRaised {
            guard try socket.receive(into: &frame) else { continue }
            let peer = frame.bytes()
            _ = try socket.receive(into: &frame)
            return peer
        }
        return []
    }

    /// False where libzmq says that the message was not sent.
    private func send(
        _ number: UInt64, to peer: [UInt8]?, on socket: borrowing RawPeer
    ) throws(CommandFailure) -> Bool {
        if let peer, try !socket.send(peer, hasMore: true) { return false }
        return try socket.send(NumberedMessage.frame(number))
    }

    /// The number of different messages that arrived.
    private func read(_ isReady: ThreadFlag, until isSent: ThreadFlag) throws(CommandFailure) -> Int {
        let socket =
            switch pattern {
            case .publish: try RawPeer(ZMQ_SUB, options: [])
            case .route: try RawPeer(ZMQ_DEALER, options: [(ZMQ_RCVHWM, 10)])
            }
        try socket.connect(endpoint)
        if pattern == .publish { try socket.subscribe() } else { _ = try socket.send([0]) }
        var frame = RawFrame()
        var (seen, quiet) = (Set<UInt64>(), 0)
        while quiet < Self.quietWaits {
            guard try socket.receive(into: &frame) else {
                if isSent.isRaised { quiet += 1 }
                continue
            }
            quiet = 0
            guard let number = NumberedMessage.number(of: frame.bytes()) else { continue }
            if number == Self.probe { isReady.raise() } else { seen.insert(number) }
            usleep(UInt32(pause / .microseconds(1)))
        }
        return seen.count
    }
}
