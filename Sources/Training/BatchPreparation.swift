internal import GRPO
internal import Ports

/// A batch as the loss takes it, by group.
struct PreparedBatch: Sendable {
    let completions: [[TrainingCompletion]]
    /// For logs: one number per completion, the mean where tokens differ.
    let advantages: [[Double]]
}

/// Everything about a batch that is fixed before its first optimiser step: what the proximal and the
/// reference policy and the value head say of its tokens, its rewards with their penalties, and its
/// advantages.
struct BatchPreparation {
    let recipe: TrainingRecipe
    let batch: [Group]
    let tokens: [TokenGroup]

    private var objective: ObjectiveConfiguration { recipe.algorithm.objective }
    private var penalizesDivergence: Bool {
        objective.klPlacement == .reward && objective.beta != 0
    }

    /// Throws `AdvantageError` for a group without usable rewards, and what scoring throws.
    func prepare(_ policy: some TrainablePolicy) async throws -> PreparedBatch {
        let current = needsCurrent ? try await score(.current, policy) : nil
        let reference =
            objective.needsReferenceLogprobs || penalizesDivergence
            ? try await score(.reference, policy) : nil
        let behavior = batch.map { $0.completions.map { $0.behaviorLogprobs.map(Double.init) } }
        let proximal =
            recipe.algorithm.run.proximal == .recomputed ? current.map { cut($0.logprobs) } : nil
        let referenceLogprobs = reference.map { cut($0.logprobs) }
        let rewards = GroupRewardTable(
            recipe, batch, values: current.map { cut($0.values) },
            penalized: penalizesDivergence
                ? zip(proximal ?? behavior, referenceLogprobs ?? []).map { ($0, $1) } : [])
        let advantages = try GRPO.advantages(
            ofBatch: rewards.groups, weights: rewards.weights, rule: recipe.algorithm.advantage)
        let completions = batch.indices.map { group in
            batch[group].completions.indices.map { sample in
                var completion = batch[group].trainingCompletion(
                    sample, advantages[group][sample], behavior: behavior[group][sample])
                completion.proximalLogprobs = proximal?[group][sample] ?? []
                if objective.needsReferenceLogprobs {
                    completion.referenceLogprobs = referenceLogprobs?[group][sample] ?? []
                }
                completion.isInConstantGroup = rewards.isConstant(group, recipe.algorithm.advantage)
                completion.reward = rewards.totals[group][sample] ?? 0
                return completion
            }
        }
        return PreparedBatch(
            completions: completions, advantages: advantages.map { $0.map(\.mean) })
    }

    /// Whether the weights before the batch have something to say of its tokens.
    private var needsCurrent: Bool {
        recipe.algorithm.run.proximal == .recomputed
            || recipe.algorithm.advantage.baseline.needsValues
    }

    private func score(
        _ which: ScoredPolicy, _ policy: some TrainablePolicy
    ) async throws -> TokenScores {
        try await policy.score(tokens, with: which, temperature: recipe.temperature)
    }

    /// A flat list by group, completion and token; empty lists where there are no numbers.
    private func cut(_ flat: [Float]) -> [[[Double]]] {
        var rest = flat[...]
        return batch.map { group in
            group.completions.map { completion in
                let own = rest.prefix(completion.tokens.count)
                rest = rest.dropFirst(own.count)
                return own.map(Double.init)
            }
        }
    }
}

/// Rewards by function; penalties count as further functions of weight 1.
private struct GroupRewardTable {
    let groups: [GroupRewards]
    let weights: [Double]
    let totals: [[Double?]]

    /// `penalized`: log-probabilities of the policy before the batch and of the reference, where the KL
    /// term stands in the reward.
    init(
        _ recipe: TrainingRecipe, _ batch: [Group], values: [[[Double]]]?,
        penalized: [(policy: [[Double]], reference: [[Double]])]
    ) {
        let overlong = recipe.algorithm.run.overlong(maxLength: recipe.maxCompletionLength)
        let objective = recipe.algorithm.objective
        let needsValues = recipe.algorithm.advantage.baseline.needsValues
        groups = batch.enumerated().map { index, group in
            let rows = group.completions.enumerated().map { sample, completion in
                var row = completion.rewards.isEmpty ? [completion.reward] : completion.rewards
                if let overlong { row.append(overlong.penalty(length: completion.tokens.count)) }
                if !penalized.isEmpty {
                    row.append(
                        penalizedReward(
                            0, logprobs: penalized[index].policy[sample],
                            reference: penalized[index].reference[sample],
                            configuration: objective))
                }
                return row
            }
            return GroupRewards(rewards: rows, values: needsValues ? values?[index] ?? [] : [])
        }
        let columns = groups.first?.rewards.first?.count ?? 0
        let penalties = (overlong == nil ? 0 : 1) + (penalized.isEmpty ? 0 : 1)
        let own = columns - penalties
        // Where only sums are known, the weights are in them.
        let known =
            recipe.rewardWeights.count == own
            && batch.contains { $0.completions.contains { !$0.rewards.isEmpty } }
        let weights =
            (known ? recipe.rewardWeights : [Double](repeating: 1, count: own))
            + [Double](repeating: 1, count: penalties)
        self.weights = weights
        totals = groups.map { $0.totals(weights: weights) }
    }

    func isConstant(_ group: Int, _ rule: AdvantageRule) -> Bool {
        let scored = totals[group].compactMap { $0 }
        return rule.comparesWithinGroup && scored.count > 1 && GRPO.isConstant(scored)
    }
}

extension Group {
    fileprivate func trainingCompletion(
        _ sample: Int, _ advantage: CompletionAdvantage, behavior: [Double]
    ) -> TrainingCompletion {
        var completion = TrainingCompletion(
            id: CompletionID(ticket: key, sample: UInt32(sample)), advantage: advantage.value ?? 0,
            behaviorLogprobs: behavior)
        if case .tokens(let values) = advantage { completion.tokenAdvantages = values }
        completion.isTruncated = completions[sample].finishReason == .length
        return completion
    }
}

extension CompletionAdvantage {
    fileprivate var mean: Double {
        switch self {
        case .whole(let value): value
        case .tokens(let values): values.reduce(0, +) / Double(max(1, values.count))
        }
    }
}
