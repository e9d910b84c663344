package import GRPO

/// `[grpo]`: the algorithm. TRL's names one to one.
package struct GRPOSettings: Hashable, Sendable {
    package enum LearningRateSchedule: String, SettingWord {
        case constant, linear, cosine
        case constantWithWarmup = "constant_with_warmup"
    }

    /// The named choice that stands under what the configuration itself says.
    package var profile = Profile.cohort.name
    /// Advantages, objective, and what surrounds them, profile included.
    package var algorithm = Self.standard
    /// Prompts that may take the place of one whose rewards are all equal.
    package var dynamicSamplingBudget = 3
    /// Whether the value head's loss trains the policy's layers too.
    package var vfTrainsBackbone = false
    /// Of the value head, times `learningRate`.
    package var vfLearningRateMultiplier = 10.0
    /// Completions per group, G.
    package var numGenerations = 4
    /// Completions per generation batch, which is what one version is trained on.
    package var generationBatchSize = 1024
    /// Passes over each generation batch, μ.
    package var numIterations = 1
    /// Optimiser steps per pass.
    package var stepsPerGeneration = 4
    package var learningRate = 5e-4
    package var learningRateSchedule = LearningRateSchedule.linear
    /// Optimiser steps.
    package var warmupSteps = 10
    package var weightDecay = 0.0
    package var adamBeta1 = 0.9
    package var adamBeta2 = 0.95
    package var adamEpsilon = 1e-8
    /// 0: not clipped.
    package var maxGradNorm = 1.0
    /// Activations inside layers are computed again instead of being kept.
    package var gradientCheckpointing = false
    package var temperature = 1.0
    /// 0: off.
    package var topK = 0
    /// 1: off.
    package var topP = 1.0
    /// Tokens.
    package var maxCompletionLength = 16

    /// Groups per generation batch.
    package var groupsPerBatch: Int { generationBatchSize / numGenerations }
    /// Optimiser steps per generation batch.
    package var optimizerStepsPerBatch: Int { numIterations * stepsPerGeneration }
    /// Prompts that may take the place of a constant group; 0: none.
    package var replacementsMax: Int { algorithm.run.dynamicSampling ? dynamicSamplingBudget : 0 }

    /// The profile `cohort` with a smaller β, which suits models of a million parameters better.
    private static let standard: AlgorithmSettings = {
        var settings = AlgorithmSettings()
        settings.objective.beta = 0.01
        return settings
    }()
}
