/// Advantages of the completions of one group, in the order of `rewards`: (G).
///
/// A = (r − m) / (s + ε). All sums run in the order of `rewards`, in float64; the variance takes two
/// passes and divides by G − 1. Equal rewards give exactly 0 before any arithmetic, because a rounding
/// residue divided by ε would be a large advantage.
///
/// Throws `AdvantageError` for fewer than two rewards, a reward that is not finite, or a result that is
/// not.
public func advantages(
    of rewards: [Double], rule: AdvantageRule = .cohort
) throws(AdvantageError) -> [Double] {
    try advantages(ofBatch: [rewards], rule: rule)[0]
}

/// Advantages of several groups at once; needed where `rule.scaling` is `.batch`, and the same as group
/// by group elsewhere. Throws as `advantages(of:rule:)` does.
public func advantages(
    ofBatch groups: [[Double]], rule: AdvantageRule = .cohort
) throws(AdvantageError) -> [[Double]] {
    guard rule.epsilon.isFinite, rule.epsilon >= 0 else { throw .badEpsilon(rule.epsilon) }
    for (index, rewards) in groups.enumerated() {
        try requireUsable(rewards, group: index)
    }
    let batchDeviation = rule.scaling == .batch ? standardDeviation(groups.flatMap { $0 }) : 0
    var result: [[Double]] = []
    result.reserveCapacity(groups.count)
    for (index, rewards) in groups.enumerated() {
        let divisor: Double? =
            switch rule.scaling {
            case .group: standardDeviation(rewards) + rule.epsilon
            case .batch: batchDeviation + rule.epsilon
            case .none: nil
            }
        let values = centred(rewards, dividedBy: divisor)
        guard values.allSatisfy(\.isFinite) else { throw .outOfRange(group: index) }
        result.append(values)
    }
    return result
}

private func requireUsable(_ rewards: [Double], group: Int) throws(AdvantageError) {
    guard rewards.count >= 2 else {
        throw .tooFewRewards(group: group, count: rewards.count)
    }
    if let index = rewards.firstIndex(where: { !$0.isFinite }) {
        throw .nonFiniteReward(group: group, index: index, value: rewards[index])
    }
}

/// (r − m) / divisor, or exactly 0 for a constant group.
private func centred(_ rewards: [Double], dividedBy divisor: Double?) -> [Double] {
    guard !isConstant(rewards) else { return [Double](repeating: 0, count: rewards.count) }
    let m = mean(rewards)
    guard let divisor else { return rewards.map { $0 - m } }
    return rewards.map { ($0 - m) / divisor }
}

/// Whether all rewards are equal: max == min, no arithmetic.
public func isConstant(_ rewards: [Double]) -> Bool {
    rewards.allSatisfy { $0 == rewards[0] }
}

/// m = Σ r / G, summed in order.
private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
}

/// s = √(Σ (r − m)² / (G − 1)), two passes; needs two values.
private func standardDeviation(_ values: [Double]) -> Double {
    let m = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - m) * ($1 - m) }
    return (squares / Double(values.count - 1)).squareRoot()
}
