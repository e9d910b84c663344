internal import Wire

/// What the learner knows of one worker's groups by sequence: which wait for a verdict, which have
/// one.
///
/// A group that comes twice is delivered once; the second time its verdict is said again. The
/// window is bounded, whatever sequences a worker makes up.
struct GroupWindow: Sendable {
    /// Sequences this far beyond `acknowledged` are refused. A worker has one group per lease.
    static let span: UInt64 = 2 * UInt64(WireLimits.heldLeases)
    /// Verdicts at or below `acknowledged` that are still remembered.
    static let remembered = WireLimits.verdictsPerAcknowledgement

    enum Admission: Hashable {
        /// Not seen before.
        case new
        /// Delivered; its verdict is to come.
        case waiting
        /// It has a verdict; `nil` where that is so long ago that only the fact is known.
        case answered(Verdict?)
        /// Far from what can be expected.
        case unexpected
    }

    private enum Entry: Hashable {
        case waiting(lease: UInt64)
        case answered(Verdict)
    }

    /// Highest sequence up to which every group has a verdict.
    private(set) var acknowledged: UInt64
    /// Beyond `acknowledged`.
    private var entries: [UInt64: Entry] = [:]
    private var waiting: [UInt64: UInt64] = [:]
    private var recent: [Verdict] = []

    init(acknowledged: UInt64) { self.acknowledged = acknowledged }

    /// Leases whose group waits for a verdict.
    var waitingLeases: [UInt64] { waiting.keys.sorted() }

    func isWaiting(lease: UInt64) -> Bool { waiting[lease] != nil }

    func admission(of sequence: UInt64) -> Admission {
        guard sequence > acknowledged else {
            return .answered(recent.last { $0.sequence == sequence })
        }
        switch entries[sequence] {
        case .waiting: return .waiting
        case .answered(let verdict): return .answered(verdict)
        case nil: return sequence - acknowledged <= Self.span ? .new : .unexpected
        }
    }

    /// A new group goes to the learner; `answer` will follow.
    mutating func deliver(sequence: UInt64, lease: UInt64) {
        entries[sequence] = .waiting(lease: lease)
        waiting[lease] = sequence
    }

    /// The verdict on a new group that does not go to the learner.
    mutating func refuse(sequence: UInt64, lease: UInt64, _ cause: DropCause) -> Verdict {
        let verdict = Verdict(sequence: sequence, lease: lease, outcome: .dropped(cause))
        record(verdict)
        return verdict
    }

    /// The learner's verdict on the group that answered `lease`; `nil` if none waits.
    mutating func answer(lease: UInt64, _ outcome: Outcome) -> Verdict? {
        guard let sequence = waiting.removeValue(forKey: lease) else { return nil }
        let verdict = Verdict(sequence: sequence, lease: lease, outcome: outcome)
        record(verdict)
        return verdict
    }

    private mutating func record(_ verdict: Verdict) {
        entries[verdict.sequence] = .answered(verdict)
        while case .answered(let next)? = entries[acknowledged &+ 1] {
            acknowledged += 1
            entries[acknowledged] = nil
            recent.append(next)
        }
        if recent.count > 2 * Self.remembered { recent.removeFirst(recent.count - Self.remembered) }
    }
}
