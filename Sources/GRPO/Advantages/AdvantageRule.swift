/// How rewards become advantages: A = (r − baseline) / (scale + ε). "GRPO's advantage" alone names more
/// than a dozen rules: for rewards 1, 0, 0, 0 the winner gets from 0.75 to 3.
public struct AdvantageRule: Hashable, Sendable, Codable {
    /// `advantage_baseline`.
    public var baseline: AdvantageBaseline
    /// `scale_rewards`.
    public var scaling: RewardScaling
    /// `advantage_divisor`.
    public var divisor: DeviationDivisor
    /// `advantage_epsilon`; unused where `scaling` is `.none`.
    public var epsilon: Double
    /// `advantage_epsilon_place`.
    public var epsilonPlace: EpsilonPlace
    /// `constant_group_advantage`.
    public var constantGroups: ConstantGroupAdvantage
    /// `single_generation`.
    public var singleGeneration: SingleGeneration
    /// `multi_objective_aggregation`.
    public var aggregation: MultiObjectiveAggregation

    public init(
        baseline: AdvantageBaseline = .mean, scaling: RewardScaling = .group,
        divisor: DeviationDivisor = .unbiased, epsilon: Double = 1e-6,
        epsilonPlace: EpsilonPlace = .outside, constantGroups: ConstantGroupAdvantage = .zero,
        singleGeneration: SingleGeneration = .refuse,
        aggregation: MultiObjectiveAggregation = .sumThenNormalize
    ) {
        self.baseline = baseline
        self.scaling = scaling
        self.divisor = divisor
        self.epsilon = epsilon
        self.epsilonPlace = epsilonPlace
        self.constantGroups = constantGroups
        self.singleGeneration = singleGeneration
        self.aggregation = aggregation
    }

    /// The default: A = (r − m) / (s + 1e-6). TRL's ε is 1e-4.
    public static let cohort = AdvantageRule()

    /// The plain z-score A = (r − m) / s of DeepSeekMath (arXiv 2402.03300, equation 3).
    public static let original = AdvantageRule(epsilon: 0)
}

extension AdvantageRule {
    /// Whether completions of equal reward have nothing to say: their own group is what they are
    /// compared with.
    public var comparesWithinGroup: Bool { baseline == .mean || baseline == .leaveOneOut }
}
