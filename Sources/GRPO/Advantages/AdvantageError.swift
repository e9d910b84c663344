/// Why a group has no advantages. `group` is its place in the call's batch, 0 for a single group; `index`
/// the completion's place in the group.
public enum AdvantageError: Error, Hashable {
    /// Fewer than two rewards: nothing to compare.
    case tooFewRewards(group: Int, count: Int)
    /// A reward is NaN or infinite.
    case nonFiniteReward(group: Int, index: Int, value: Double)
    /// A completion was never scored.
    case missingReward(group: Int, index: Int)
    /// A completion has another number of rewards than there are reward functions.
    case wrongRewardCount(group: Int, index: Int, count: Int, expected: Int)
    /// The group has another number of completions than was asked for.
    case wrongGroupSize(group: Int, count: Int, expected: Int)
    /// The completion answers another prompt than the group's first.
    case mixedPrompts(group: Int, index: Int)
    /// The baseline is a learned value, and the completion has none.
    case missingValues(group: Int, index: Int)
    /// A value of the baseline is NaN or infinite.
    case nonFiniteValue(group: Int, index: Int, value: Double)
    /// The rewards are finite, the advantages are not: too far apart, or too close for a rule without ε.
    case outOfRange(group: Int)
    /// ε is negative or not finite.
    case badEpsilon(Double)
    /// `normalize_then_sum` is defined for group means only.
    case unsupportedBaseline(AdvantageBaseline)
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
        case .wrongRewardCount(let group, let index, let count, let expected):
            "completion \(index) in group \(group) has \(count) reward(s) for \(expected) reward "
                + "function(s); every function gives one, or null where it does not apply"
        case .wrongGroupSize(let group, let count, let expected):
            "group \(group) has \(count) completion(s) instead of \(expected); its baseline would be "
                + "another one, so sample the group again"
        case .mixedPrompts(let group, let index):
            "completion \(index) in group \(group) answers another prompt than completion 0; "
                + "a group compares answers to one prompt"
        case .missingValues(let group, let index):
            "completion \(index) in group \(group) has no values; advantage_baseline needs one per token"
        case .nonFiniteValue(let group, let index, let value):
            "a value of completion \(index) in group \(group) is \(value); values must be finite"
        case .outOfRange(let group):
            "the rewards of group \(group) are finite but their advantages are not; "
                + "scale the reward function to an ordinary range"
        case .badEpsilon(let epsilon):
            "the ε of the advantage's divisor is \(epsilon); it must be finite and not negative"
        case .unsupportedBaseline(let baseline):
            "multi_objective_aggregation = \"normalize_then_sum\" goes with advantage_baseline = \"mean\", "
                + "not \"\(baseline.rawValue)\""
        }
    }
}
