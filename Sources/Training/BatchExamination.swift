package import GRPO
package import Ports

/// What the loss sees of a batch before its first optimiser step.
package struct BatchExamination: Sendable {
    /// One token, as the objective takes it.
    package struct Token: Hashable, Sendable {
        /// ℓ of the behaviour policy, of the proximal one where it was recomputed, and of the weights that
        /// the batch is trained from; nats.
        package var behavior: Double
        package var proximal: Double?
        package var current: Double
        /// To ℓ_old, as the objective weighs the token; `nil` where it does not count.
        package var ratio: Double?
        package var isClippedLow: Bool
        package var isClippedHigh: Bool
        /// The run's estimate, nats; `nil` where the loss has none, or computes the exact divergence.
        package var kl: Double?
    }

    package struct Completion: Sendable {
        /// The mean where tokens differ.
        package var advantage: Double
        package var tokens: [Token]
    }

    /// By group and completion.
    package let groups: [[Completion]]

    /// `policy` has the weights that the batch is trained from, and keeps them. Throws what preparing the
    /// batch throws, and `ObjectiveError`.
    package init(
        of batch: [Group], recipe: TrainingRecipe, policy: some TrainablePolicy
    ) async throws {
        let tokens = batch.map(TokenGroup.init)
        let prepared = try await BatchPreparation(recipe: recipe, batch: batch, tokens: tokens)
            .prepare(policy)
        let scores = try await policy.score(tokens, with: .current, temperature: recipe.temperature)
        var reader = TokenReader(recipe, TokenInputs(scores))
        groups = try zip(prepared.completions, prepared.advantages).map { completions, advantages in
            try zip(completions, advantages).map { completion, advantage in
                Completion(advantage: advantage, tokens: try reader.next(completion))
            }
        }
    }
}

/// Asks the objective for one token after the other.
private struct TokenReader {
    private let configuration: ObjectiveConfiguration
    private let maxCompletionLength: Int
    private let inputs: TokenInputs<Double>
    private var start = 0

    init(_ recipe: TrainingRecipe, _ inputs: TokenInputs<Double>) {
        var configuration = recipe.algorithm.objective
        // Neither changes a ratio: one needs the whole step, the other another forward pass.
        configuration.topEntropyQuantile = 1
        if configuration.needsDivergences { configuration.beta = 0 }
        self.configuration = configuration
        maxCompletionLength = recipe.maxCompletionLength
        self.inputs = inputs
    }

    mutating func next(_ completion: TrainingCompletion) throws -> [BatchExamination.Token] {
        let range = start..<start + completion.tokenCount
        start = range.upperBound
        let own = TokenInputs(
            logprobs: Array(inputs.logprobs[range]), entropies: cut(inputs.entropies, range),
            divergences: [], values: cut(inputs.values, range))
        let whole = try statistics(completion, own)
        let isShared = configuration.importanceSamplingLevel != .token
        return try (0..<completion.tokenCount).map { index in
            var single = completion
            single.lossMask = (0..<completion.tokenCount).map { $0 == index }
            let token = try statistics(single, own)
            let ratio = isShared ? whole : token
            return BatchExamination.Token(
                behavior: completion.behaviorLogprobs[index],
                proximal: completion.proximalLogprobs.isEmpty ? nil : completion.proximalLogprobs[index],
                current: own.logprobs[index],
                ratio: ratio.ratioCount == 0 ? nil : ratio.ratioMin,
                isClippedLow: ratio.clippedLow > 0, isClippedHigh: ratio.clippedHigh > 0,
                kl: configuration.needsReferenceLogprobs ? token.kl : nil)
        }
    }

    private func statistics(
        _ completion: TrainingCompletion, _ inputs: TokenInputs<Double>
    ) throws -> CompletionStatistics {
        let extent = StepExtent(
            groups: [[completion]], configuration: configuration,
            maxCompletionLength: maxCompletionLength)
        let objective = try Objective(configuration: configuration, step: extent)
        return try objective.evaluate([completion][...], inputs).statistics.completions[0]
    }

    private func cut(_ list: [Double], _ range: Range<Int>) -> [Double] {
        list.isEmpty ? [] : Array(list[range])
    }
}
