import Checkpoints
import GRPO
import Transformer

extension RunConfiguration {
    /// The policy that the run's learner trains, at its start or as `found` has it.
    ///
    /// `model`: what the run started from. The reference is that too, not what the run goes on from.
    func learnerPolicy(
        _ model: ModelDirectory, restoring found: CheckpointKeeper.Found?
    ) async throws -> TransformerLearner {
        let type = self.model.dtype
        let policy = try await model.naming {
            try TransformerLearner(
                configuration: model.configuration, weights: model.weights,
                reference: grpo.algorithm.objective.beta == 0 ? nil : model.weights,
                codec: SafetensorsCodec(),
                threads: cluster.learnerThreads,
                optimizer: AdamWConfiguration(
                    beta1: grpo.adamBeta1, beta2: grpo.adamBeta2, epsilon: grpo.adamEpsilon,
                    weightDecay: grpo.weightDecay),
                options: TrainingOptions(
                    type: type,
                    gradientCheckpointing: grpo.gradientCheckpointing,
                    valueHead: grpo.valueHead, syncsReference: grpo.syncsReference))
        }
        if let found {
            try await policy.restore(
                weights: found.weights, optimizer: found.optimizer, reference: found.reference)
        }
        return policy
    }
}
