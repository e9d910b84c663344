/// `[grpo]`: the algorithm. TRL's names one to one.
package struct GRPOSettings: Hashable, Sendable {
    package enum LossType: String, SettingWord { case dapo, original }
    package enum RewardScale: String, SettingWord { case group, none }
    package enum LearningRateSchedule: String, SettingWord {
        case constant, linear, cosine
        case constantWithWarmup = "constant_with_warmup"
    }

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
    /// Weight of the KL term.
    package var beta = 0.01
    package var epsilon = 0.2
    /// `nil`: the same as `epsilon`.
    package var epsilonHigh: Double?
    package var lossType = LossType.dapo
    package var scaleRewards = RewardScale.group
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
    /// The upper clip bound that holds: `epsilonHigh`, or `epsilon` where that is not set.
    package var clipHigh: Double { epsilonHigh ?? epsilon }
}
