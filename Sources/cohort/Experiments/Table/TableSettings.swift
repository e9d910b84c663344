package import GRPO

extension AlgorithmSettings {
    /// What studies start from, so that each arm states its one difference: centred advantages that nothing
    /// divides, token ratios clipped at 0.2, no KL.
    package static func study(_ change: (inout AlgorithmSettings) -> Void = { _ in }) -> Self {
        var settings = AlgorithmSettings()
        settings.advantage.scaling = .none
        settings.objective.beta = 0
        change(&settings)
        return settings
    }

    /// Clips against the policy at the start of the batch and weighs by its ratio to the sampler, at most
    /// `limit`.
    package mutating func decouple(limit: Double) {
        run.proximal = .recomputed
        objective.importanceSamplingCorrection = .tokenTruncate
        objective.importanceSamplingClipMax = limit
    }
}
