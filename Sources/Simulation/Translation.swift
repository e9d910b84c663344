internal import Ports
internal import Sessions
internal import Wire

// The ports' words and the wire's, as the links translate them.

extension WorkerID {
    init(_ identity: WorkerIdentity) {
        self.init(name: identity.name, incarnation: identity.incarnation)
    }

    var identity: WorkerIdentity { WorkerIdentity(name: name, incarnation: incarnation) }
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
