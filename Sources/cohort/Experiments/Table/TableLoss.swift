import Foundation
package import GRPO

/// The one place where a study's recipe becomes advantages and an objective of `GRPO`.
package struct TableLoss: Sendable {
    package let recipe: TableRecipe
    private let configuration: ObjectiveConfiguration

    package init(_ recipe: TableRecipe) {
        self.recipe = recipe
        configuration = ObjectiveConfiguration(
            epsilon: recipe.surrogate == .clip ? recipe.epsilon : Self.unclipped, beta: recipe.beta)
    }

    /// An ε that no ratio reaches: log-ratios are clamped to ±20.
    private static let unclipped = 1e12
    /// Largest weight of the decoupled objective.
    private static let importanceWeightLimit = 2.0

    /// Advantages of the completions of one group: (G). `rewards` less the line; for a value baseline, the
    /// plain reward, from which each token's value is subtracted.
    package func advantages(of rewards: [Double]) throws(AdvantageError) -> [Double] {
        switch recipe.baseline {
        case .none, .value: return rewards
        case .mean: return try GRPO.advantages(of: rewards, rule: AdvantageRule(scaling: recipe.scaling))
        case .leaveOneOut:
            // r − (Σ − r)/(G − 1) = (r − m)·G/(G − 1).
            let factor = Double(rewards.count) / Double(rewards.count - 1)
            return try GRPO.advantages(of: rewards, rule: AdvantageRule(scaling: .none)).map { factor * $0 }
        }
    }

    /// The tokens of a group as the objective takes them, each with an advantage of its own.
    package func tokens(
        of group: Group, proximal: TableLogprobs, reference: TableLogprobs?, values: TableValues?
    ) throws -> [TableToken] {
        let prompt = Int(group.prompt[0])
        let advantages = try advantages(of: group.rewards())
        var result: [TableToken] = []
        for (index, completion) in group.completions.enumerated() {
            let rows = proximal.policy.rows(prompt: prompt, tokens: completion.tokens)
            for (position, token) in completion.tokens.enumerated() {
                let row = rows[position]
                var advantage = advantages[index]
                if recipe.baseline == .value, let values { advantage -= values[row] }
                result.append(
                    TableToken(
                        row: row, token: token,
                        loss: loss(
                            id: CompletionID(ticket: group.key, sample: UInt32(index)),
                            advantage: advantage, behavior: completion.behaviorLogprobs[position],
                            proximal: Float(proximal[row, token]),
                            reference: recipe.beta == 0 ? nil : reference.map { Float($0[row, token]) })))
            }
        }
        return result
    }

    private func loss(
        id: CompletionID, advantage: Double, behavior: Float, proximal: Float, reference: Float?
    ) -> TrainingCompletion {
        var (advantage, behavior) = (advantage, behavior)
        if recipe.isDecoupled {
            advantage *= min(exp(Double(proximal - behavior)), Self.importanceWeightLimit)
            behavior = proximal
        }
        // The ratio to a probability of 1 is the probability.
        if recipe.surrogate == .probability { behavior = 0 }
        return TrainingCompletion(
            id: id, advantage: advantage, behaviorLogprobs: [behavior],
            referenceLogprobs: reference.map { [$0] } ?? [])
    }

    /// ∂L/∂logits of an optimiser step over `tokens`, and the largest ratio. `normalizer`: what the sum
    /// over tokens is divided by; `nil`: their number.
    package func gradient(
        _ tokens: ArraySlice<TableToken>, at logprobs: TableLogprobs, normalizer: Int? = nil
    ) throws -> (gradient: [Double], ratioMax: Double) {
        let objective = try Objective(
            configuration: configuration,
            step: StepExtent(prompts: 1, lossTokens: normalizer ?? tokens.count))
        let evaluation = try objective.evaluate(
            tokens.map(\.loss)[...], logprobs: tokens.map { Float(logprobs[$0.row, $0.token]) })
        var gradient = [Double](repeating: 0, count: logprobs.values.count)
        for (token, coefficient) in zip(tokens, evaluation.gradient) where coefficient != 0 {
            logprobs.addGradient(
                row: token.row, token: token.token, coefficient: coefficient, to: &gradient)
        }
        return (gradient, evaluation.statistics.ratioMax ?? 1)
    }
}

/// One token of a completion, ready for the objective.
package struct TableToken: Sendable {
    package var row: Int
    package var token: Int32
    package var loss: TrainingCompletion
}
