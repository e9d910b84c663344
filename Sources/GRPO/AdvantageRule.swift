/// What the centred rewards of a group are divided by. Raw values are TRL's for `scale_rewards`.
public enum RewardScaling: String, Hashable, Sendable, Codable, CaseIterable {
    /// The unbiased standard deviation of the group.
    case group
    /// The unbiased standard deviation of all rewards of the batch; the mean stays the group's.
    case batch
    /// Nothing (Dr. GRPO, arXiv 2503.20783).
    case none
}

/// How rewards become advantages: A = (r − m) / (s + ε), with m the group's mean and s by `scaling`.
public struct AdvantageRule: Hashable, Sendable, Codable {
    /// `scale_rewards`.
    public var scaling: RewardScaling
    /// ε, added to the standard deviation; unused where `scaling` is `.none`.
    public var epsilon: Double

    public init(scaling: RewardScaling = .group, epsilon: Double = 1e-6) {
        self.scaling = scaling
        self.epsilon = epsilon
    }

    /// The default: A = (r − m) / (s + 1e-6). TRL's ε is 1e-4.
    public static let cohort = AdvantageRule()

    /// The plain z-score A = (r − m) / s of DeepSeekMath (arXiv 2402.03300, equation 3).
    public static let original = AdvantageRule(epsilon: 0)
}
