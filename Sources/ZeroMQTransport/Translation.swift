internal import GRPO
internal import Ports
internal import Sessions
internal import Wire

// The ports' words and the wire's.

extension WorkerID {
    init(_ identity: WorkerIdentity) {
        self.init(name: identity.name, incarnation: identity.incarnation)
    }

    var identity: WorkerIdentity { WorkerIdentity(name: name, incarnation: incarnation) }
}

extension LearnerSession.Reply {
    init(_ reply: Ports.Reply) {
        switch reply {
        case .verdict(let verdict, let lease, let worker):
            self = .verdict(.init(verdict), lease: lease, worker: worker.identity)
        case .leases(let leases, let worker):
            self = .leases(leases.map { ($0.id, $0.ticket) }, worker: worker.identity)
        }
    }
}

extension Wire.Outcome {
    init(_ verdict: Ports.Verdict) {
        self =
            switch verdict {
            case .accepted(let durable): .accepted(durable: durable)
            case .duplicate: .duplicate
            case .dropped(let cause): .dropped(.init(cause))
            }
    }
}

extension Wire.DropCause {
    init(_ cause: Ports.DropCause) {
        self =
            switch cause {
            case .stale: .stale
            case .badReward: .badReward
            case .rewardFailed: .rewardFailed
            case .constantRewards: .constantRewards
            case .malformed: .invalid
            case .unknownTicket: .unknownLease
            case .drained: .notNeeded
            }
    }
}

extension SnapshotReference {
    init(_ snapshot: Snapshot) {
        self.init(version: snapshot.version, digest: ContentDigest(snapshot.digest))
    }
}

extension ContentDigest {
    init(_ digest: SnapshotDigest) { self = ContentDigest(digest.bytes)! }
}

extension RunID {
    /// `nil` unless there are 32 hexadecimal digits.
    init?(hexadecimal text: String) {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 32, text.utf8.count == 32 else { return nil }
        self.init(stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}

/// SHA-256 as the wire carries it.
func sha256(_ bytes: some Collection<UInt8>) -> ContentDigest {
    ContentDigest(SnapshotDigest.sha256(ArraySlice(bytes)))!
}
