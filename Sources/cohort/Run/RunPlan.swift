import GRPO
import Ports
import Training

// From the configuration's words to the values that the parts take.

extension GRPOSettings {
    var objective: ObjectiveConfiguration {
        ObjectiveConfiguration(
            epsilon: epsilon, epsilonHigh: epsilonHigh, beta: beta,
            lossType: lossType == .original ? .original : .dapo,
            importanceSamplingLevel: lossType == .original ? .sequenceProduct : .token)
    }

    var advantage: AdvantageRule {
        AdvantageRule(
            scaling: scaleRewards == .group ? .group : .none,
            epsilon: lossType == .original ? 0 : AdvantageRule.cohort.epsilon)
    }

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
            objective: grpo.objective, advantage: grpo.advantage, schedule: learningRates,
            maxGradNorm: grpo.maxGradNorm, temperature: Float(grpo.temperature),
            numIterations: grpo.numIterations, stepsPerGeneration: grpo.stepsPerGeneration)
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

    /// `auto`: workers score over ipc, where they are ours; the learner scores whoever comes by tcp.
    var rewardPlacement: RewardPlacement {
        switch reward.placement {
        case .worker: .worker
        case .learner: .learner
        case .auto: cluster.bind.isEmpty || cluster.bind.hasPrefix("ipc:") ? .worker : .learner
        }
    }

    func learnerSetup(vocabularySize: Int) -> LearnerSetup {
        LearnerSetup(
            plan: schedulePlan,
            validation: GroupValidation(
                groupSize: grpo.numGenerations, maxCompletionLength: grpo.maxCompletionLength,
                vocabularySize: vocabularySize),
            seed: run.seed, shuffles: data.shuffleDataset,
            scoresHere: rewardPlacement == .learner,
            abortsOnBadReward: reward.onBadReward == .abort,
            leaseDuration: .seconds(cluster.leaseSeconds))
    }
}
