private import GRPO

// What a message says to a peer of an earlier minor version. A newer one is written as it is: whoever
// speaks it knows what came before, and everyone ignores what it does not know.

extension ProtocolVersion {
    /// The version that two sides speak with each other: the older one of theirs.
    package func common(with other: ProtocolVersion) -> ProtocolVersion {
        ProtocolVersion(major: major, minor: min(minor, other.minor))
    }

    /// Whether limits are announced, rewards come by function and scoring may fail, with the causes and
    /// codes that belong to that.
    var hasLimitsAndFunctionRewards: Bool { minor >= 1 }
}

extension Command {
    /// What a peer of `version` is told instead.
    func spoken(in version: ProtocolVersion) -> Self { self }
}

extension Hello {
    func spoken(in version: ProtocolVersion) -> Hello {
        var result = self
        if !version.hasLimitsAndFunctionRewards { result.limits = nil }
        return result
    }
}

extension Welcome {
    func spoken(in version: ProtocolVersion) -> Welcome {
        var result = self
        if !version.hasLimitsAndFunctionRewards { result.limits = nil }
        return result
    }
}

extension GroupDelivery {
    /// A 1.0 learner reckons `largest_group_bytes` without what came later, and drops a group without
    /// rewards as unscored.
    func spoken(in version: ProtocolVersion) -> GroupDelivery {
        guard !version.hasLimitsAndFunctionRewards else { return self }
        var result = self
        result.group.scoringFailure = nil
        for index in result.group.completions.indices {
            result.group.completions[index].rewards = []
        }
        return result
    }
}

extension Acknowledgement {
    func spoken(in version: ProtocolVersion) -> Acknowledgement {
        guard !version.hasLimitsAndFunctionRewards else { return self }
        var result = self
        for index in result.verdicts.indices {
            guard case .dropped(let cause) = result.verdicts[index].outcome else { continue }
            result.verdicts[index].outcome = .dropped(cause.in1_0)
        }
        return result
    }
}

extension Rejection {
    func spoken(in version: ProtocolVersion) -> Rejection {
        var result = self
        // OTHER has the same remedy: the worker exits.
        if code == .barred, !version.hasLimitsAndFunctionRewards { result.code = .other }
        return result
    }
}

extension DropCause {
    /// The cause that 1.0 knows and that says the most of this one.
    fileprivate var in1_0: DropCause {
        switch self {
        case .rewardFailed: .badReward
        case .constantRewards: .notNeeded
        case .other, .stale, .expired, .unknownLease, .ticketMismatch, .invalid, .badReward, .numerics,
            .notNeeded:
            self
        }
    }
}
