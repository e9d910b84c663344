/// An advantage rule of the field under the names of those who use it: what "GRPO" means to a user who
/// comes from there.
public struct KnownRule: Hashable, Sendable {
    public let formula: String
    public let users: String
    public let rule: AdvantageRule

    init(_ formula: String, _ users: String, _ rule: AdvantageRule) {
        self.formula = formula
        self.users = users
        self.rule = rule
    }

    /// s_u and s_b: the unbiased and the biased deviation of the group; m: its mean.
    public static let all: [KnownRule] = [
        KnownRule("(r - m) / (s_u + 1e-4)", "TRL, torchforge", AdvantageRule(epsilon: 1e-4)),
        KnownRule(
            "(r - m) / (s_u + 1e-6)", "Cohort, verl, slime, SkyRL, ROLL", AdvantageRule()),
        KnownRule("(r - m) / (s_u + 1e-9)", "OpenRLHF", AdvantageRule(epsilon: 1e-9)),
        KnownRule(
            "(r - m) / (s_b + 1e-8)", "TRL async, open-instruct",
            AdvantageRule(divisor: .biased, epsilon: 1e-8)),
        KnownRule("(r - m) / (s_b + 1e-6)", "ART", AdvantageRule(divisor: .biased)),
        KnownRule(
            "(r - m) / (s_b + 1e-4)", "mlx-lm-lora",
            AdvantageRule(divisor: .biased, epsilon: 1e-4)),
        KnownRule(
            "(r - m) / (sqrt(max(s_u^2, 1e-6)) + 1e-6)", "verl, vectorised",
            AdvantageRule(epsilonPlace: .floor)),
        KnownRule("r - m", "prime-rl, Dr. GRPO", AdvantageRule(scaling: .none)),
        KnownRule(
            "r - mean of the others", "RLOO", AdvantageRule(baseline: .leaveOneOut, scaling: .none)),
        KnownRule(
            "(r - mean of the others) / (s_u + 1e-4)", "PipelineRL with deviation",
            AdvantageRule(baseline: .leaveOneOut, epsilon: 1e-4)),
        KnownRule(
            "(r - mean of the others) / (s_u of the others + 1e-6)", "NeMo-RL",
            AdvantageRule(
                baseline: .leaveOneOut, divisor: .leaveOneOut, epsilonPlace: .nonzero)),
        KnownRule(
            "(r - m) / m", "MaxRL (prime-rl, open-instruct)",
            AdvantageRule(scaling: .mean, epsilon: 0)),
        KnownRule(
            "(r - m_batch) / (s_batch + 1e-5)", "AReaL's documented GRPO",
            AdvantageRule(baseline: .batchMean, scaling: .batch, epsilon: 1e-5)),
    ]
}
