/// A named choice of advantage and objective: "GRPO" alone names a dozen different functions.
///
/// A profile is never edited; another choice is another profile.
public struct Profile: Hashable, Sendable, Codable {
    public var name: String
    public var advantage: AdvantageRule
    public var objective: ObjectiveConfiguration

    public init(name: String, advantage: AdvantageRule, objective: ObjectiveConfiguration) {
        self.name = name
        self.advantage = advantage
        self.objective = objective
    }

    /// The default: token ratios, token mean, s + 1e-6, β = 0.04.
    public static let cohort = Profile(
        name: "cohort", advantage: .cohort, objective: ObjectiveConfiguration())

    /// DeepSeekMath (arXiv 2402.03300) read literally: plain z-score, the ratio of the whole completion,
    /// sums over group and tokens, mean over prompts. Gradients are about G times as large as `cohort`'s,
    /// or more: choose the learning rate accordingly.
    public static let original = Profile(
        name: "original", advantage: .original,
        objective: ObjectiveConfiguration(
            lossType: .original, importanceSamplingLevel: .completion))

    public static let all = [cohort, original]
}
