package import GRPO

/// Who computes rewards.
package enum RewardPlacement: String, Sendable, Codable { case worker, learner }

/// All that a worker must know to sample: it travels in the welcome, as JSON.
package struct WorkerConfiguration: Hashable, Sendable, Codable {
    /// 32 hexadecimal digits.
    package var runID: String
    /// The run's seed: with a ticket's key it decides every random number.
    package var seed: UInt64
    /// Text of the model's `config.json`.
    package var model: String
    /// What products compute in; snapshots have this type.
    package var dtype: TensorType
    package var groupSize: Int
    package var sampling: SamplingParameters
    package var rewardPlacement: RewardPlacement
    package var rewards: RewardPlan
    /// Where a worker on the same machine finds the tokenizer; absent when the learner scores.
    package var modelDirectory: String?

    package init(
        runID: String, seed: UInt64, model: String, dtype: TensorType = .float32, groupSize: Int,
        sampling: SamplingParameters, rewardPlacement: RewardPlacement, rewards: RewardPlan,
        modelDirectory: String?
    ) {
        self.runID = runID
        self.seed = seed
        self.model = model
        self.dtype = dtype
        self.groupSize = groupSize
        self.sampling = sampling
        self.rewardPlacement = rewardPlacement
        self.rewards = rewards
        self.modelDirectory = modelDirectory
    }
}
