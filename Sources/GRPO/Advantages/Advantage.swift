/// Advantages of the completions of one group, in the order of `rewards`: (G).
///
/// By default A = (r − m) / (s + ε). All sums run in the order of `rewards`, in float64; the variance
/// takes two passes and divides by G − 1. Equal rewards give exactly 0 before any arithmetic, because a
/// rounding residue divided by ε would be a large advantage.
///
/// Throws `AdvantageError` for fewer than two rewards, a reward that is not finite, or a result that is
/// not.
public func advantages(
    of rewards: [Double], rule: AdvantageRule = .cohort
) throws(AdvantageError) -> [Double] {
    try advantages(ofBatch: [rewards], rule: rule)[0]
}

/// Advantages of several groups at once; needed where `rule` looks at the batch, and the same as group
/// by group elsewhere. For rules without values. Throws as `advantages(of:rule:)` does.
public func advantages(
    ofBatch groups: [[Double]], rule: AdvantageRule = .cohort
) throws(AdvantageError) -> [[Double]] {
    let table = groups.map { GroupRewards($0) }
    return try advantages(ofBatch: table, weights: [], rule: rule).map { group in
        group.map { $0.value ?? .nan }
    }
}

/// Advantages of several groups with several reward functions or with values.
///
/// - Parameters:
///   - weights: of the reward functions, in their order; empty: all 1.
/// - Returns: (groups, G). A completion to which no function applies is left out of its group's baseline
///   and gets 0, as in TRL.
/// - Throws: `AdvantageError`.
public func advantages(
    ofBatch groups: [GroupRewards], weights: [Double], rule: AdvantageRule = .cohort
) throws(AdvantageError) -> [[CompletionAdvantage]] {
    try rule.validate()
    for (index, group) in groups.enumerated() {
        try rule.requireUsable(group, weights: weights, group: index)
    }
    let result =
        switch rule.aggregation {
        case .sumThenNormalize: BatchAdvantages(groups, weights: weights, rule: rule).advantages()
        case .normalizeThenSum: normalizedThenSummed(groups, weights: weights, rule: rule)
        }
    for (index, group) in result.enumerated() {
        guard group.allSatisfy(\.isFinite) else { throw .outOfRange(group: index) }
    }
    return result
}

extension CompletionAdvantage {
    fileprivate var isFinite: Bool {
        switch self {
        case .whole(let value): value.isFinite
        case .tokens(let values): values.allSatisfy(\.isFinite)
        }
    }
}

/// The weighted sums as rewards, each group by the rule.
private struct BatchAdvantages {
    let groups: [GroupRewards]
    let totals: [[Double?]]
    let rule: AdvantageRule
    private let batchMean: Double
    private let batchDeviation: Double

    init(_ groups: [GroupRewards], weights: [Double], rule: AdvantageRule) {
        self.groups = groups
        self.rule = rule
        totals = groups.map { $0.totals(weights: weights) }
        let all = totals.flatMap { $0.compactMap { $0 } }
        batchMean = rule.baseline == .batchMean && !all.isEmpty ? mean(all) : 0
        batchDeviation =
            rule.scaling == .batch
            ? standardDeviation(all, isBiased: rule.divisor == .biased) : 0
    }

    func advantages() -> [[CompletionAdvantage]] { groups.indices.map(group) }

    private func group(_ index: Int) -> [CompletionAdvantage] {
        let scored = totals[index].compactMap { $0 }
        if groups[index].count == 1, rule.comparesWithinGroup {
            return [.whole(lone(scored.first ?? 0))]
        }
        let isSilent =
            rule.comparesWithinGroup
            && (scored.count < 2 || rule.constantGroups == .zero && isConstant(scored))
        guard !isSilent else { return totals[index].map { _ in .whole(0) } }
        let scale = GroupScale(scored, rule: rule, batchDeviation: batchDeviation)
        let baseline = rule.baseline == .batchMean ? batchMean : scale.mean
        return totals[index].enumerated().map { sample, reward in
            guard let reward else { return .whole(0) }
            return advantage(reward, baseline, scale, values: groups[index].values, sample)
        }
    }

    /// Of a group of one: the reward, over a deviation that counts as 1.
    private func lone(_ reward: Double) -> Double {
        guard rule.singleGeneration == .reward else { return 0 }
        guard rule.scaling == .group else { return reward }
        return rule.epsilonPlace.divide(reward, by: 1, epsilon: rule.epsilon)
    }

    private func advantage(
        _ reward: Double, _ baseline: Double, _ scale: GroupScale, values: [[Double]], _ sample: Int
    ) -> CompletionAdvantage {
        switch rule.baseline {
        case .mean, .batchMean: .whole(scale.apply(reward - baseline, reward: reward))
        case .leaveOneOut:
            .whole(scale.apply(reward - scale.meanOfOthers(reward), reward: reward))
        case .none: .whole(scale.apply(reward, reward: reward))
        case .value: .tokens(values[sample].map { reward - $0 })
        case .valuePrompt: .whole(reward - (values[sample].first ?? 0))
        }
    }
}

/// What the centred rewards of one group are divided by.
private struct GroupScale {
    let mean: Double
    private let rewards: [Double]
    private let rule: AdvantageRule
    private let deviation: Double

    init(_ rewards: [Double], rule: AdvantageRule, batchDeviation: Double) {
        self.rewards = rewards
        self.rule = rule
        mean = rewards.isEmpty ? 0 : GRPO.mean(rewards)
        deviation =
            switch rule.scaling {
            case .group: standardDeviation(rewards, isBiased: rule.divisor == .biased)
            case .batch: batchDeviation
            case .none, .mean: 0
            }
    }

    /// (Σ r − r_i) / (n − 1).
    func meanOfOthers(_ reward: Double) -> Double {
        (rewards.reduce(0, +) - reward) / Double(rewards.count - 1)
    }

    func apply(_ centred: Double, reward: Double) -> Double {
        switch rule.scaling {
        case .none: return centred
        case .mean: return mean > 0 ? centred / (mean + rule.epsilon) : 0
        case .group, .batch:
            let deviation =
                rule.divisor == .leaveOneOut && rule.scaling == .group
                ? deviationOfOthers(reward) : self.deviation
            // Without a comparison inside the group, equal rewards still have advantages; dividing them
            // by ε alone would blow them up.
            if deviation == 0, !rule.comparesWithinGroup { return centred }
            return rule.epsilonPlace.divide(centred, by: deviation, epsilon: rule.epsilon)
        }
    }

    private func deviationOfOthers(_ reward: Double) -> Double {
        var others = rewards
        others.remove(at: others.firstIndex(of: reward) ?? 0)
        return isConstant(others) ? 0 : standardDeviation(others)
    }
}
