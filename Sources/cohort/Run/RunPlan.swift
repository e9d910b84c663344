import GRPO
import Ports
import Training
import Transformer

// From the configuration's words to the values that the parts take.

extension GRPOSettings {
    /// Where an advantage or a loss term needs values.
    var valueHead: ValueHeadOptions? {
        guard algorithm.advantage.baseline.needsValues || algorithm.objective.vfCoef != 0 else {
            return nil
        }
        return ValueHeadOptions(
            trainsBackbone: vfTrainsBackbone, learningRateMultiplier: vfLearningRateMultiplier)
    }

    var syncsReference: Bool { algorithm.run.syncRefModel && algorithm.objective.beta != 0 }

    func sampling(stopTokens: [Int32]) -> SamplingParameters {
        SamplingParameters(
            temperature: Float(temperature), topK: topK, topP: Float(topP),
            maxCompletionLength: maxCompletionLength, stopTokens: stopTokens)
    }
}

extension RunConfiguration {
    var schedulePlan: SchedulePlan {
        SchedulePlan(
            schedule: cluster.schedule == .lockstep ? .lockstep : .bounded,
            maxStaleness: cluster.maxStaleness, groupsPerBatch: grpo.groupsPerBatch,
            maxSteps: run.maxSteps)
    }

    var recipe: TrainingRecipe {
        TrainingRecipe(
            algorithm: grpo.algorithm, rewardWeights: reward.weights, schedule: learningRates,
            maxGradNorm: grpo.maxGradNorm, temperature: Float(grpo.temperature),
            maxCompletionLength: grpo.maxCompletionLength, numIterations: grpo.numIterations,
            stepsPerGeneration: grpo.stepsPerGeneration)
    }

    private var learningRates: LearningRateSchedule {
        let kind: LearningRateSchedule.Kind =
            switch grpo.learningRateSchedule {
            case .constant: .constant
            case .constantWithWarmup: .constantWithWarmup
            case .linear: .linear
            case .cosine: .cosine
            }
        return LearningRateSchedule(
            kind: kind, peak: grpo.learningRate, warmupSteps: grpo.warmupSteps,
            totalSteps: run.maxSteps * grpo.optimizerStepsPerBatch)
    }

    func learnerSetup(vocabularySize: Int) -> LearnerSetup {
        LearnerSetup(
            plan: schedulePlan,
            validation: GroupValidation(
                groupSize: grpo.numGenerations, maxCompletionLength: grpo.maxCompletionLength,
                vocabularySize: vocabularySize),
            seed: run.seed, shuffles: data.shuffleDataset,
            scoresHere: rewardPlacement == .learner,
            rewards: RewardValidation(names: reward.names),
            abortsOnBadReward: reward.onBadReward == .abort,
            abortsOnRewardFailure: reward.onProgramFailure == .abort,
            replacementsMax: grpo.replacementsMax, leaseDuration: .seconds(cluster.leaseSeconds))
    }
}
