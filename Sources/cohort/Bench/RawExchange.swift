import CZeroMQ
import Foundation
import Synchronization

/// The ceiling: a DEALER sends frames to a ROUTER as fast as libzmq lets it, both on plain threads.
package struct RawExchange: Sendable {
    /// To bind, for instance `tcp://127.0.0.1:*`.
    package let endpoint: String
    /// Sent in turn.
    package let frames: [[UInt8]]
    /// What comes back for each frame, if anything.
    package let answers: [[UInt8]]
    /// Frames on the way without their answers; means nothing where there are none.
    package let window: Int
    package let pace: Pace

    package init(
        endpoint: String, frames: [[UInt8]], answers: [[UInt8]], window: Int, pace: Pace
    ) {
        precondition(!frames.isEmpty && window > 0, "an exchange of nothing")
        self.endpoint = endpoint
        self.frames = frames
        self.answers = answers
        self.window = window
        self.pace = pace
    }

    /// Throws `CommandFailure` where nothing arrives in time, and what breaks the sockets.
    package func run() async throws -> Throughput {
        let isOver = ThreadFlag()
        let (bound, announce) = AsyncStream.makeStream(of: String.self)
        async let result = onThread("bench-router") {
            defer {
                isOver.raise()
                announce.finish()
            }
            return try receive { announce.yield($0) }
        }
        // Without an endpoint the router has failed, which `result` says.
        for await endpoint in bound {
            try await onThread("bench-dealer") { try send(to: endpoint, until: isOver) }
        }
        return try await result
    }

    private func receive(_ announce: (String) -> Void) throws(CommandFailure) -> Throughput {
        let router = try RawPeer(ZMQ_ROUTER)
        announce(try router.bind(endpoint))
        var peer = RawFrame()
        var body = RawFrame()
        var meter = Meter(pace)
        while true {
            // A message arrives whole: once the routing id is there, so is the body.
            guard try router.receive(into: &peer), try router.receive(into: &body) else {
                guard meter.isOverdue() else { continue }
                throw CommandFailure("nothing came over \(endpoint) in raw libzmq", .tryAgain)
            }
            if let result = meter.add() { return result }
            for answer in answers {
                // Dropped where it finds no room; the window keeps that from happening.
                if try router.send(peer.bytes(), hasMore: true) { _ = try router.send(answer) }
            }
        }
    }

    private func send(to endpoint: String, until isOver: ThreadFlag) throws(CommandFailure) {
        let dealer = try RawPeer(ZMQ_DEALER)
        try dealer.connect(endpoint)
        var answer = RawFrame()
        var (sent, answered) = (0, 0)
        while !isOver.isRaised {
            if answers.isEmpty || sent - answered / answers.count < window {
                if try dealer.send(frames[sent % frames.count]) { sent += 1 }
            } else if try dealer.receive(into: &answer) {
                answered += 1
            }
        }
    }
}

/// Raised once, seen by another thread.
final class ThreadFlag: Sendable {
    private let state = Atomic<Bool>(false)

    var isRaised: Bool { state.load(ordering: .relaxed) }

    func raise() { state.store(true, ordering: .relaxed) }
}

/// Runs `body`, which may block, on a thread of its own.
func onThread<Result: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { done in
        let thread = Thread { done.resume(with: Swift.Result { try body() }) }
        thread.name = name
        thread.start()
    }
}
