/// Why a group has no advantages. `group` is its place in the call's batch, 0 for a single group.
public enum AdvantageError: Error, Hashable {
    /// Fewer than two rewards: nothing to compare.
    case tooFewRewards(group: Int, count: Int)
    /// A reward is NaN or infinite; `index` is the completion's place in the group.
    case nonFiniteReward(group: Int, index: Int, value: Double)
    /// A completion was never scored.
    case missingReward(group: Int, index: Int)
    /// The rewards are finite, the advantages are not: too far apart, or too close for a rule without ε.
    case outOfRange(group: Int)
    /// ε is negative or not finite.
    case badEpsilon(Double)
}

extension AdvantageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooFewRewards(let group, let count):
            "group \(group) has \(count) reward(s), but an advantage compares at least two; "
                + "set num_generations to 2 or more"
        case .nonFiniteReward(let group, let index, let value):
            "the reward of completion \(index) in group \(group) is \(value); "
                + "rewards must be finite, so mend the reward function or drop the group"
        case .missingReward(let group, let index):
            "completion \(index) in group \(group) has no reward; score the group before training on it"
        case .outOfRange(let group):
            "the rewards of group \(group) are finite but their advantages are not; "
                + "scale the reward function to an ordinary range"
        case .badEpsilon(let epsilon):
            "the ε of the advantage's divisor is \(epsilon); it must be finite and not negative"
        }
    }
}
