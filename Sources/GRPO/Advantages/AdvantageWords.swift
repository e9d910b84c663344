/// What is subtracted from a reward. Raw values of `advantage_baseline`.
public enum AdvantageBaseline: String, Hashable, Sendable, Codable, CaseIterable {
    /// The group's mean, the reward itself included.
    case mean
    /// The mean of the group's other rewards (RLOO, arXiv 2402.14740).
    case leaveOneOut = "leave_one_out"
    /// The mean of all rewards of the batch (AReaL's documented GRPO).
    case batchMean = "batch_mean"
    /// Nothing: the raw reward.
    case none
    /// A_t = R − V(s_t): a learned value at each position; an advantage per token. Not scaled.
    case value
    /// A = R − V(s_0): the value at the end of the prompt; an advantage per completion. Not scaled.
    case valuePrompt = "value_prompt"

    /// Whether V is needed.
    public var needsValues: Bool { self == .value || self == .valuePrompt }
}

/// What the centred rewards of a group are divided by. Raw values of `scale_rewards`; TRL knows the
/// first three.
public enum RewardScaling: String, Hashable, Sendable, Codable, CaseIterable {
    /// The standard deviation of the group.
    case group
    /// The standard deviation of all rewards of the batch; the mean stays the group's.
    case batch
    /// Nothing (Dr. GRPO, arXiv 2503.20783).
    case none
    /// The group's mean (MaxRL); where that is not above 0, advantages are 0.
    case mean
}

/// What the sum of squares is divided by for the variance. Raw values of `advantage_divisor`.
public enum DeviationDivisor: String, Hashable, Sendable, Codable, CaseIterable {
    /// n − 1 (torch's `std`).
    case unbiased
    /// n (numpy's `std`).
    case biased
    /// The unbiased deviation of the others, for each completion (NeMo-RL). Breaks the zero sum.
    case leaveOneOut = "leave_one_out"
}

/// Where ε stands beside the standard deviation s. Raw values of `advantage_epsilon_place`.
public enum EpsilonPlace: String, Hashable, Sendable, Codable, CaseIterable {
    /// s + ε.
    case outside
    /// √(s² + ε).
    case inside
    /// √max(s², ε) + ε (verl's vectorised GRPO).
    case floor
    /// s + ε where s > 0; elsewhere nothing is divided (NeMo-RL).
    case nonzero
}

/// What completions get whose group has one reward. Raw values of `constant_group_advantage`.
public enum ConstantGroupAdvantage: String, Hashable, Sendable, Codable, CaseIterable {
    /// Exactly 0, before any arithmetic: a rounding residue divided by ε would be a large advantage.
    case zero
    /// What the arithmetic gives: 0, or a rounding residue divided by ε (TRL, verl and most others).
    case residue
}

/// What a group of one completion gets. Raw values of `single_generation`.
public enum SingleGeneration: String, Hashable, Sendable, Codable, CaseIterable {
    /// An error: there is nothing to compare.
    case refuse
    /// The reward itself: mean 0 and deviation 1 (verl).
    case reward
    /// 0 (SkyRL, NeMo-RL).
    case zero
}

/// How several reward functions become one advantage. Raw values of `multi_objective_aggregation`.
public enum MultiObjectiveAggregation: String, Hashable, Sendable, Codable, CaseIterable {
    /// The weighted sum is the reward.
    case sumThenNormalize = "sum_then_normalize"
    /// Each function is normalised in its group, the weighted sum once more over the batch (GDPO,
    /// arXiv 2601.05242).
    case normalizeThenSum = "normalize_then_sum"
}

/// What a group of equal rewards does to the step. Raw values of `constant_groups`.
public enum ConstantGroupPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// Its completions count in every denominator and in the KL term.
    case count
    /// It is not there: neither in a denominator nor in the KL term (DAPO).
    case drop
    /// It counts in the KL and entropy terms and their denominators, not in the policy term's.
    case klOnly = "kl_only"
}
