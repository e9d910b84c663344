package import GRPO
package import Wire

/// A worker's side of 1/ROLLOUT: messages, calls and time in, actions out. No socket and no clock;
/// `now` is any monotonic time.
package struct WorkerSession: Sendable {
    package enum Phase: Hashable, Sendable {
        /// Saying HELLO, for the first time or again.
        case connecting
        case live
        /// DRAIN came: no more leases; verdicts on the last groups are awaited.
        case draining
        /// The learner needs nothing more, or this side has left.
        case ended
        case failed(WorkerFailure)
    }

    /// What to do, in order.
    package enum Action: Hashable, Sendable {
        case send(WorkerCommand)
        /// An encoded GROUP.
        case sendGroup([UInt8])
        /// Leases, phase or welcome have changed: whoever waits for one of them should look again.
        case wake
    }

    /// A group that has no verdict.
    struct Unacknowledged: Hashable, Sendable {
        var sequence: UInt64
        var lease: UInt64
        var frame: [UInt8]
    }

    package let identity: WorkerIdentity
    let numerics: String
    let slots: Int
    let timing: WorkerTiming
    let sha256: @Sendable ([UInt8]) -> ContentDigest

    package internal(set) var phase = Phase.connecting
    /// What the learner said last; its `configuration` is always there.
    package internal(set) var welcome: Welcome?
    /// The learner's, once it is known.
    package internal(set) var learner: UInt32?
    /// What is spoken in this session.
    package internal(set) var version = ProtocolVersion.oldest
    package internal(set) var counters = WorkerCounters()

    var connectingSince: Duration
    var nextHello: Duration
    var attempt = 0
    var lastHeard: Duration
    var nextHeartbeat: Duration
    var lastProgress: Duration
    /// What the learner answered to HELLO instead of WELCOME.
    var refusal: String?
    var malformed = 0

    /// Of LEASE and DRAIN, in this session.
    var seen: UInt64 = 0
    /// Every lease without a verdict, with the version it names.
    var held: [UInt64: PolicyVersion] = [:]
    /// Those that nobody has taken yet.
    var queue: [LeasedTicket] = []
    /// Leases that need no answer any more; a repeated LEASE does not bring them back.
    var closed = RecentLeases()
    var unacknowledged: [Unacknowledged] = []
    /// Leases of an earlier start of the learner whose groups await a verdict of this one.
    var carried: Set<UInt64> = []
    var sequence: UInt64 = 0
    var acknowledged: UInt64 = 0
    var adopted: SnapshotReference?
    /// What the learner has said of its versions.
    var digests: [PolicyVersion: ContentDigest] = [:]

    /// `slots`: leases to hold at one time. `sha256` hashes the configuration, at most 64 KiB.
    package init(
        _ identity: WorkerIdentity, numerics: String, slots: Int, timing: WorkerTiming,
        now: Duration, sha256: @escaping @Sendable ([UInt8]) -> ContentDigest
    ) {
        precondition(slots > 0 && slots <= WireLimits.heldLeases, "\(slots) slots")
        self.identity = identity
        self.numerics = numerics
        self.slots = slots
        self.timing = timing
        self.sha256 = sha256
        connectingSince = now
        nextHello = now
        lastHeard = now
        nextHeartbeat = now
        lastProgress = now
    }

    /// Whether the worker should come to its end: nothing it does now would count.
    package var isOver: Bool { phase != .connecting && phase != .live }

    /// The digest that the learner gave for a version; `nil` if it has not.
    package func digest(of version: PolicyVersion) -> ContentDigest? { digests[version] }

    /// Groups without a verdict.
    package var unacknowledgedCount: Int { unacknowledged.count }

    // MARK: What the worker asks for

    /// Up to `limit` leases that came and nobody has taken, in order.
    package mutating func takeLeases(upTo limit: Int) -> [LeasedTicket] {
        guard !isOver, !queue.isEmpty else { return [] }
        let taken = Array(queue.prefix(limit))
        queue.removeFirst(taken.count)
        return taken
    }

    /// The snapshot is here and verified. The learner hears of it before the first group sampled
    /// from it.
    package mutating func adopt(_ snapshot: SnapshotReference, now: Duration) -> [Action] {
        guard adopted != snapshot else { return [] }
        adopted = snapshot
        return phase == .live ? [heartbeat(now: now)] : []
    }

    /// The version cannot be had any more: the leases that name it are given up.
    package mutating func giveUp(_ version: PolicyVersion, now: Duration) -> [Action] {
        let answered = Set(unacknowledged.map(\.lease))
        let lost = held.filter { $0.value == version && !answered.contains($0.key) }
        guard !lost.isEmpty else { return [] }
        for lease in lost.keys { forget(lease) }
        queue.removeAll { lost[$0.lease] != nil }
        return phase == .live ? [heartbeat(now: now)] : []
    }

    /// This side leaves.
    package mutating func leave(_ farewell: Farewell, reason: String) -> [Action] {
        guard phase == .live || phase == .draining || phase == .connecting else { return [] }
        // Without a session there is nobody to say it to.
        let mayBeHeard = phase != .connecting || welcome != nil
        phase = .ended
        let goodbye = Goodbye(farewell, reason: reason.shortened())
        return (mayBeHeard ? [.send(.goodbye(goodbye))] : []) + [.wake]
    }

    /// The version to write a command in. A HELLO's is the highest that this worker speaks.
    package func version(of command: WorkerCommand) -> ProtocolVersion {
        if case .hello = command { .current } else { version }
    }

    mutating func forget(_ lease: UInt64) {
        held[lease] = nil
        closed.insert(lease)
    }

    mutating func fail(_ failure: WorkerFailure) -> [Action] {
        phase = .failed(failure)
        queue = []
        return [.wake]
    }
}
