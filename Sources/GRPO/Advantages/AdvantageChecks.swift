extension AdvantageRule {
    /// Throws `AdvantageError.badEpsilon`, and `.unsupportedBaseline` for words that have no meaning
    /// together.
    public func validate() throws(AdvantageError) {
        guard epsilon.isFinite, epsilon >= 0 else { throw .badEpsilon(epsilon) }
        guard aggregation == .sumThenNormalize || baseline == .mean else {
            throw .unsupportedBaseline(baseline)
        }
    }

    /// Throws for a group that the rule cannot judge, naming the completion.
    func requireUsable(
        _ rewards: GroupRewards, weights: [Double], group: Int
    ) throws(AdvantageError) {
        let lone = rewards.count == 1 && (singleGeneration != .refuse || !comparesWithinGroup)
        guard rewards.count >= 2 || lone else {
            throw .tooFewRewards(group: group, count: rewards.count)
        }
        let functions = weights.isEmpty ? rewards.rewards[0].count : weights.count
        for (index, row) in rewards.rewards.enumerated() {
            guard row.count == functions else {
                throw .wrongRewardCount(
                    group: group, index: index, count: row.count, expected: functions)
            }
            for case let value? in row where !value.isFinite {
                throw .nonFiniteReward(group: group, index: index, value: value)
            }
        }
        if baseline.needsValues { try requireValues(rewards, group: group) }
    }

    private func requireValues(_ rewards: GroupRewards, group: Int) throws(AdvantageError) {
        for index in rewards.rewards.indices {
            guard index < rewards.values.count, baseline == .value || !rewards.values[index].isEmpty
            else { throw .missingValues(group: group, index: index) }
            let read = baseline == .value ? rewards.values[index][...] : rewards.values[index].prefix(1)
            if let value = read.first(where: { !$0.isFinite }) {
                throw .nonFiniteValue(group: group, index: index, value: value)
            }
        }
    }
}

/// Throws where a group of completions is not what the run asked for: `expected` completions of one
/// prompt. `prompts`: (G), whatever tells prompts apart.
public func requireGroup<Prompt: Equatable>(
    _ group: Int, prompts: [Prompt], expected: Int
) throws(AdvantageError) {
    guard prompts.count == expected else {
        throw .wrongGroupSize(group: group, count: prompts.count, expected: expected)
    }
    if let index = prompts.firstIndex(where: { $0 != prompts[0] }) {
        throw .mixedPrompts(group: group, index: index)
    }
}
