/// `normalize_then_sum`: every function's rewards are normalised in their group, weighted and added up,
/// and the sums normalised over the batch; TRL's order of operations. The batch's step always divides,
/// whatever `scale_rewards` says.
func normalizedThenSummed(
    _ groups: [GroupRewards], weights: [Double], rule: AdvantageRule
) -> [[CompletionAdvantage]] {
    let sums = groups.map { group in
        let columns = (0..<(group.rewards.first?.count ?? 0)).map { column in
            normalized(group.rewards.map { $0[column] }, rule: rule)
        }
        return group.rewards.indices.map { sample -> Double? in
            guard columns.contains(where: { $0[sample] != nil }) else { return nil }
            return columns.enumerated().reduce(0.0) { sum, column in
                guard let value = column.element[sample] else { return sum }
                return sum + (weights.isEmpty ? value : weights[column.offset] * value)
            }
        }
    }
    let all = sums.flatMap { $0.compactMap { $0 } }
    let center = all.isEmpty ? 0 : mean(all)
    let deviation = standardDeviation(all, isBiased: rule.divisor == .biased)
    return sums.map { group in
        let isSilent = rule.constantGroups == .zero && isConstant(group.compactMap { $0 })
        return group.map { sum in
            guard let sum, !isSilent, all.count > 1 else { return .whole(0) }
            return .whole(
                rule.epsilonPlace.divide(sum - center, by: deviation, epsilon: rule.epsilon))
        }
    }
}

/// One function's rewards in one group. A lone value has no deviation and is left out, as TRL's NaN is.
private func normalized(_ rewards: [Double?], rule: AdvantageRule) -> [Double?] {
    let known = rewards.compactMap { $0 }
    guard known.count > 1 else { return rewards.map { $0 == nil ? nil : 0 } }
    if rule.constantGroups == .zero, isConstant(known) { return rewards.map { $0.map { _ in 0 } } }
    let center = mean(known)
    let deviation = standardDeviation(known, isBiased: rule.divisor == .biased)
    return rewards.map { reward in
        reward.map { rule.epsilonPlace.divide($0 - center, by: deviation, epsilon: rule.epsilon) }
    }
}
