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
    /// The name of the only reward function, for workers of 1.0, which know no others.
    private var reward: String?
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
        reward = rewards.names.count == 1 ? rewards.names[0] : nil
        self.modelDirectory = modelDirectory
    }
}

extension WorkerConfiguration {
    /// A learner of 1.0 names one reward function and no type.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let rewards =
            try values.decodeIfPresent(RewardPlan.self, forKey: .rewards)
            ?? RewardPlan(names: [try values.decode(String.self, forKey: .reward)])
        self.init(
            runID: try values.decode(String.self, forKey: .runID),
            seed: try values.decode(UInt64.self, forKey: .seed),
            model: try values.decode(String.self, forKey: .model),
            dtype: try values.decodeIfPresent(TensorType.self, forKey: .dtype) ?? .float32,
            groupSize: try values.decode(Int.self, forKey: .groupSize),
            sampling: try values.decode(SamplingParameters.self, forKey: .sampling),
            rewardPlacement: try values.decode(RewardPlacement.self, forKey: .rewardPlacement),
            rewards: rewards,
            modelDirectory: try values.decodeIfPresent(String.self, forKey: .modelDirectory))
    }
}
