package import GRPO

/// How a batch becomes optimiser steps.
package struct TrainingRecipe: Hashable, Sendable {
    /// Advantages, objective, and what surrounds them.
    package var algorithm: AlgorithmSettings
    /// Of the reward functions, in the run's order; empty: all 1.
    package var rewardWeights: [Double]
    package var schedule: LearningRateSchedule
    /// ≤ 0: gradients are not clipped.
    package var maxGradNorm: Double
    /// The sampling temperature; log-probabilities are of logits / temperature on both sides.
    package var temperature: Float
    /// L of the loss types and penalties that know the length limit, tokens.
    package var maxCompletionLength: Int
    /// TRL's `num_iterations`: passes over each batch.
    package var numIterations: Int
    /// TRL's `steps_per_generation`: optimiser steps per pass.
    package var stepsPerGeneration: Int

    package init(
        algorithm: AlgorithmSettings, rewardWeights: [Double] = [],
        schedule: LearningRateSchedule, maxGradNorm: Double, temperature: Float,
        maxCompletionLength: Int, numIterations: Int, stepsPerGeneration: Int
    ) {
        precondition(numIterations > 0 && stepsPerGeneration > 0 && maxCompletionLength > 0)
        self.algorithm = algorithm
        self.rewardWeights = rewardWeights
        self.schedule = schedule
        self.maxGradNorm = maxGradNorm
        self.temperature = temperature
        self.maxCompletionLength = maxCompletionLength
        self.numIterations = numIterations
        self.stepsPerGeneration = stepsPerGeneration
    }

    /// Optimiser steps per generation batch.
    package var optimizerStepsPerBatch: Int { numIterations * stepsPerGeneration }

    /// Whether π_ref is needed at all.
    package var needsReference: Bool { algorithm.objective.beta != 0 }
}
