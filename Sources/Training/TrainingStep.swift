package import GRPO
package import Ports

/// One generation batch: advantages once, then `num_iterations` passes over its minibatches, each an
/// optimiser step. Ratios come from stored log-probabilities in every one of them.
package struct TrainingStep: Sendable {
    private let recipe: TrainingRecipe
    private let batch: [Group]
    private let tokens: [TokenGroup]

    /// Throws `AdvantageError` for a group without rewards.
    package init(recipe: TrainingRecipe, batch: [Group]) throws {
        self.recipe = recipe
        self.batch = batch
        for group in batch { _ = try group.rewards() }
        tokens = batch.map(TokenGroup.init)
    }

    /// Trains `policy`; `optimizerSteps` were taken before. Throws `AdvantageError` and `ObjectiveError`,
    /// and what the policy throws.
    package func run(
        on policy: some TrainablePolicy, optimizerSteps: Int
    ) async throws -> StepReport {
        let prepared = try await BatchPreparation(recipe: recipe, batch: batch, tokens: tokens)
            .prepare(policy)
        var report = StepReport(step: 0)
        var gradNorms = 0.0
        for _ in 0..<recipe.numIterations {
            for range in minibatches() {
                report.learningRate = recipe.schedule.rate(
                    at: optimizerSteps + report.optimizerSteps)
                let outcome = try await step(
                    on: range, completions: prepared.completions,
                    learningRate: report.learningRate, policy)
                report.statistics += ObjectiveStatistics.merged(outcome.reports).map { [$0] } ?? []
                gradNorms += outcome.gradNorm
                report.optimizerSteps += 1
                try await moveReference(
                    of: policy, afterStep: optimizerSteps + report.optimizerSteps)
            }
        }
        report.gradNorm = gradNorms / Double(max(1, report.optimizerSteps))
        report.batch = batch
        report.advantages = prepared.advantages
        report.rewards = batch.map { $0.completions.map { $0.reward ?? .nan } }
        report.lengths = batch.flatMap { $0.completions.map(\.tokens.count) }
        report.terminated = batch.flatMap { $0.completions.map { $0.finishReason == .stop } }
        return report
    }

    /// Consecutive whole groups, as equal in number as possible.
    private func minibatches() -> [Range<Int>] {
        let count = min(recipe.stepsPerGeneration, batch.count)
        return (0..<count).map { $0 * batch.count / count..<($0 + 1) * batch.count / count }
    }

    /// TRL's `SyncRefModelCallback`: π_ref ← α·π_θ + (1 − α)·π_ref every so many optimiser steps.
    private func moveReference(
        of policy: some TrainablePolicy, afterStep step: Int
    ) async throws {
        let run = recipe.algorithm.run
        guard run.syncRefModel, recipe.needsReference, step % run.refModelSyncSteps == 0 else { return }
        try await policy.mixReference(run.refModelMixupAlpha)
    }

    private func step(
        on range: Range<Int>, completions: [[TrainingCompletion]], learningRate: Double,
        _ policy: some TrainablePolicy
    ) async throws -> OptimizerStep<ObjectiveStatistics> {
        let configuration = recipe.algorithm.objective
        let minibatch = Array(completions[range])
        let objective = try Objective(
            configuration: configuration,
            step: try await extent(of: minibatch, tokens: Array(tokens[range]), policy))
        return try await policy.step(
            on: Array(tokens[range]), temperature: recipe.temperature, learningRate: learningRate,
            maxGradNorm: recipe.maxGradNorm, needsDivergence: configuration.needsDivergences
        ) { block, scores in
            let members = minibatch[block].flatMap { $0 }
            let evaluation = try objective.evaluate(members[...], TokenInputs(scores))
            return BlockGradient(evaluation)
        }
    }

    /// What the whole optimiser step holds. The tokens of highest entropy are only known after a forward
    /// pass of their own.
    private func extent(
        of minibatch: [[TrainingCompletion]], tokens: [TokenGroup], _ policy: some TrainablePolicy
    ) async throws -> StepExtent {
        let configuration = recipe.algorithm.objective
        var extent = StepExtent(
            groups: minibatch, configuration: configuration,
            maxCompletionLength: recipe.maxCompletionLength)
        guard configuration.topEntropyQuantile < 1 else { return extent }
        let scores = try await policy.score(
            tokens, with: .current, temperature: recipe.temperature)
        var rest = scores.entropies[...]
        let completions = minibatch.flatMap { $0 }
        let entropies = completions.map { completion in
            let own = rest.prefix(completion.tokenCount)
            rest = rest.dropFirst(own.count)
            return own.map(Double.init)
        }
        extent.selectHighEntropy(
            completions, entropies: entropies, configuration: configuration)
        return extent
    }
}

extension TokenInputs<Double> {
    /// What a forward pass says.
    init(_ scores: TokenScores) {
        self.init(
            logprobs: scores.logprobs.map(Double.init), entropies: scores.entropies.map(Double.init),
            divergences: scores.divergences.map(Double.init), values: scores.values.map(Double.init))
    }
}

extension BlockGradient<ObjectiveStatistics> {
    /// What a backward pass takes.
    init(_ evaluation: ObjectiveEvaluation<Double>) {
        let gradients = evaluation.gradients
        self.init(
            logprobs: gradients.logprobs.map { Float($0) },
            entropies: gradients.entropies.map { Float($0) },
            divergences: gradients.divergences.map { Float($0) },
            values: gradients.values.map { Float($0) }, report: evaluation.statistics)
    }
}
