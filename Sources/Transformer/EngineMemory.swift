/// Bytes that a learner holds from its first step on. Activations and scratch, which grow with the
/// batch and not with the number of networks, are left out.
package struct EngineMemory: Hashable, Sendable {
    /// Master weights, and weights in the form that is computed with.
    package var policy = 0
    /// Moments.
    package var optimizer = 0
    /// Of a step, and of each thread's block.
    package var gradients = 0
    /// 0 without a reference.
    package var reference = 0
    /// Weights, moments and gradients; 0 without a value head.
    package var valueHead = 0
    /// What a critic would add: a second network like the policy, with moments and gradients of its own
    /// and one output in place of the output matrix. No learner holds it; it is here to compare with.
    package var critic = 0

    package var total: Int { policy + optimizer + gradients + reference + valueHead }
    /// Of an actor-critic with the same policy and reference: its critic in place of the value head.
    package var actorCritic: Int { total - valueHead + critic }
}

extension TrainingEngine {
    var memory: EngineMemory {
        let head = valueHead?.count ?? 0
        return EngineMemory(
            policy: model.bytes + master.buffer.bytes,
            optimizer: Self.momentBytes(master.layout.count),
            gradients: gradientBytes(master.layout.count), reference: reference?.bytes ?? 0,
            valueHead: trainedBytes(head), critic: criticBytes)
    }

    private var criticBytes: Int {
        let layout = master.layout
        let tied = configuration.tiesEmbeddings
        let backbone = layout.count - (tied ? 0 : layout.head.count)
        let output = WeightLayout(valueHeadOver: configuration.hiddenSize).count
        return model.bytes - model.headBytes + trainedBytes(backbone + output)
    }

    /// Of weights, moments and gradients.
    private func trainedBytes(_ parameters: Int) -> Int {
        4 * parameters + Self.momentBytes(parameters) + gradientBytes(parameters)
    }

    private static func momentBytes(_ parameters: Int) -> Int { 2 * 4 * parameters }

    private func gradientBytes(_ parameters: Int) -> Int {
        (isLarge ? 1 : threads.count + 1) * 4 * parameters
    }
}
