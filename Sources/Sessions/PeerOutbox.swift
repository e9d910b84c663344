/// Frames that wait for room at a ROUTER, by peer. Writability of the socket does not say which
/// peer has room, so they are tried again at that peer's next message or by a timer.
///
/// Bounded: a frame that finds the queue full is dropped, for everything a learner says is said
/// again. A peer that takes nothing for longer than the deadline is given up.
package struct PeerOutbox: Sendable {
    private struct Queue {
        var frames: [[UInt8]]
        /// Since when nothing could be sent.
        var since: Duration
    }

    /// Frames per peer, unless a caller wants another bound.
    package static let capacity = 64

    private let capacity: Int
    private let deadline: Duration
    private var queues: [PeerAddress: Queue] = [:]
    /// Frames that found no room.
    package private(set) var dropped = 0

    package init(deadline: Duration, capacity: Int = Self.capacity) {
        self.deadline = deadline
        self.capacity = capacity
    }

    package var isEmpty: Bool { queues.isEmpty }

    /// Peers with frames waiting, in a fixed order.
    package var peers: [PeerAddress] {
        queues.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// Whether a frame for `peer` has to queue behind others.
    package func isBlocked(_ peer: PeerAddress) -> Bool { queues[peer] != nil }

    package mutating func append(_ frame: [UInt8], for peer: PeerAddress, now: Duration) {
        var queue = queues[peer] ?? Queue(frames: [], since: now)
        if queue.frames.count < capacity { queue.frames.append(frame) } else { dropped += 1 }
        queues[peer] = queue
    }

    /// Tries to send what waits for `peer`, in order, until `send` answers false.
    package mutating func flush<Failure: Error>(
        _ peer: PeerAddress, now: Duration, send: ([UInt8]) throws(Failure) -> Bool
    ) throws(Failure) {
        guard let queue = queues[peer] else { return }
        var sent = 0
        for frame in queue.frames {
            guard try send(frame) else { break }
            sent += 1
        }
        guard sent > 0 else { return }
        queues[peer]?.frames.removeFirst(sent)
        queues[peer]?.since = now
        if queues[peer]?.frames.isEmpty == true { queues[peer] = nil }
    }

    package mutating func forget(_ peer: PeerAddress) { queues[peer] = nil }

    /// Takes out the peers that have taken nothing for too long.
    package mutating func expire(now: Duration) -> [PeerAddress] {
        let stuck = peers.filter { now - queues[$0]!.since > deadline }
        for peer in stuck { queues[peer] = nil }
        return stuck
    }
}
