package import GRPO
package import Ports

/// How a batch becomes optimiser steps.
package struct TrainingRecipe: Hashable, Sendable {
    package var objective: ObjectiveConfiguration
    package var advantage: AdvantageRule
    package var schedule: LearningRateSchedule
    /// ≤ 0: gradients are not clipped.
    package var maxGradNorm: Double
    /// The sampling temperature; log-probabilities are of logits / temperature on both sides.
    package var temperature: Float
    /// TRL's `num_iterations`: passes over each batch.
    package var numIterations: Int
    /// TRL's `steps_per_generation`: optimiser steps per pass.
    package var stepsPerGeneration: Int

    package init(
        objective: ObjectiveConfiguration, advantage: AdvantageRule,
        schedule: LearningRateSchedule, maxGradNorm: Double, temperature: Float,
        numIterations: Int, stepsPerGeneration: Int
    ) {
        precondition(numIterations > 0 && stepsPerGeneration > 0)
        self.objective = objective
        self.advantage = advantage
        self.schedule = schedule
        self.maxGradNorm = maxGradNorm
        self.temperature = temperature
        self.numIterations = numIterations
        self.stepsPerGeneration = stepsPerGeneration
    }

    /// Optimiser steps per generation batch.
    package var optimizerStepsPerBatch: Int { numIterations * stepsPerGeneration }
}

/// One generation batch: advantages once, then `num_iterations` passes over its minibatches, each an
/// optimiser step. Ratios come from the stored behaviour log-probabilities in every one of them.
package struct TrainingStep: Sendable {
    private let recipe: TrainingRecipe
    private let batch: [Group]
    private let advantages: [[Double]]
    private let tokens: [TokenGroup]

    /// Throws `AdvantageError` for a group without usable rewards.
    package init(recipe: TrainingRecipe, batch: [Group]) throws {
        self.recipe = recipe
        self.batch = batch
        advantages = try GRPO.advantages(
            ofBatch: batch.map { try $0.rewards() }, rule: recipe.advantage)
        tokens = batch.map(TokenGroup.init)
    }

    /// Trains `policy`; `optimizerSteps` were taken before.
    package func run(
        on policy: some TrainablePolicy, optimizerSteps: Int
    ) async throws -> StepReport {
        let completions = try await trainingCompletions(policy)
        var report = StepReport(step: 0)
        var gradNorms = 0.0
        for _ in 0..<recipe.numIterations {
            for range in minibatches() {
                report.learningRate = recipe.schedule.rate(
                    at: optimizerSteps + report.optimizerSteps)
                let outcome = try await step(
                    on: range, completions: completions, learningRate: report.learningRate, policy)
                report.statistics += ObjectiveStatistics.merged(outcome.reports).map { [$0] } ?? []
                gradNorms += outcome.gradNorm
                report.optimizerSteps += 1
            }
        }
        report.gradNorm = gradNorms / Double(max(1, report.optimizerSteps))
        report.batch = batch
        report.advantages = advantages
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

    /// What the loss knows before the forward pass, by group; the reference scores the whole batch once.
    private func trainingCompletions(
        _ policy: some TrainablePolicy
    ) async throws -> [[TrainingCompletion]] {
        guard recipe.objective.beta != 0 else {
            return batch.indices.map { batch[$0].trainingCompletions(advantages: advantages[$0]) }
        }
        let scores = try await policy.score(
            tokens, with: .reference, temperature: recipe.temperature)
        var rest = scores.logprobs[...]
        return batch.indices.map { index in
            let reference = batch[index].completions.map { completion in
                let own = Array(rest.prefix(completion.tokens.count))
                rest = rest.dropFirst(completion.tokens.count)
                return own
            }
            return batch[index].trainingCompletions(
                advantages: advantages[index], referenceLogprobs: reference)
        }
    }

    private func step(
        on range: Range<Int>, completions: [[TrainingCompletion]], learningRate: Double,
        _ policy: some TrainablePolicy
    ) async throws -> OptimizerStep<ObjectiveStatistics> {
        let minibatch = completions[range]
        let objective = try Objective(
            configuration: recipe.objective,
            step: StepExtent(groups: Array(minibatch), configuration: recipe.objective))
        return try await policy.step(
            on: Array(tokens[range]), temperature: recipe.temperature, learningRate: learningRate,
            maxGradNorm: recipe.maxGradNorm
        ) { block, scores in
            let members = Array(
                completions[
                    range.lowerBound + block.lowerBound..<range.lowerBound + block.upperBound
                ]
                .joined())
            let evaluation = try objective.evaluate(
                members[...], logprobs: scores.logprobs, entropies: scores.entropies)
            return BlockGradient(
                gradient: evaluation.floatGradient, report: evaluation.statistics)
        }
    }
}
