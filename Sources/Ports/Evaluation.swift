/// What a policy is worth on prompts that it is not trained on.
package struct EvaluationScores: Hashable, Sendable, Codable {
    /// Mean reward of sampled completions.
    package var reward: Double
    /// Share of sampled, and of greedy, completions that are right.
    package var sampledAccuracy: Double
    package var greedyAccuracy: Double
    /// Tokens of sampled completions, mean.
    package var meanLength: Double

    enum CodingKeys: String, CodingKey {
        case reward
        case sampledAccuracy = "sampled_accuracy"
        case greedyAccuracy = "greedy_accuracy"
        case meanLength = "mean_length"
    }

    package init(
        reward: Double, sampledAccuracy: Double, greedyAccuracy: Double, meanLength: Double
    ) {
        self.reward = reward
        self.sampledAccuracy = sampledAccuracy
        self.greedyAccuracy = greedyAccuracy
        self.meanLength = meanLength
    }
}

/// Evaluates snapshots while a run goes on.
package protocol SnapshotEvaluator: Sendable {
    /// `weights`: image of the version after `step` generation batches.
    func evaluate(_ weights: [UInt8], step: Int) async throws -> EvaluationScores
}
