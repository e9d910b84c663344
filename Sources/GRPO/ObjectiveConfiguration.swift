/// How the terms of an optimiser step are added up. Raw values of `loss_type`.
public enum LossType: String, Hashable, Sendable, Codable, CaseIterable {
    /// Mean over all completion tokens of the optimiser step (TRL's "dapo", its default).
    case dapo
    /// Sum over the group and over tokens, mean over prompts (DeepSeekMath read literally).
    case original
}

/// What a ratio is of. Raw values of `importance_sampling_level`.
///
/// TRL's "sequence" is something else, GSPO's exp(*mean* log-ratio), hence another name here.
public enum ImportanceSamplingLevel: String, Hashable, Sendable, Codable, CaseIterable {
    /// ρ_t = exp(ℓ_t − ℓ_behavior,t), for each token.
    case token
    /// R = exp(Σ_t (ℓ_t − ℓ_behavior,t)), for the whole completion.
    case completion
}

/// The knobs of the objective, by TRL's names (`GRPOConfig`).
public struct ObjectiveConfiguration: Hashable, Sendable, Codable {
    /// `epsilon`: the ratio is clipped below at 1 − ε.
    public var epsilon: Double
    /// `epsilon_high`: the ratio is clipped above at 1 + ε_high; `nil`: as `epsilon`. DAPO: 0.28.
    public var epsilonHigh: Double?
    /// `beta`: weight of the KL term to the reference policy; 0: no reference is needed. TRL's default
    /// is 0, ours is DeepSeekMath's.
    public var beta: Double
    /// `loss_type`.
    public var lossType: LossType
    /// `importance_sampling_level`.
    public var importanceSamplingLevel: ImportanceSamplingLevel

    public init(
        epsilon: Double = 0.2, epsilonHigh: Double? = nil, beta: Double = 0.04,
        lossType: LossType = .dapo, importanceSamplingLevel: ImportanceSamplingLevel = .token
    ) {
        self.epsilon = epsilon
        self.epsilonHigh = epsilonHigh
        self.beta = beta
        self.lossType = lossType
        self.importanceSamplingLevel = importanceSamplingLevel
    }

    public var bounds: ClipBounds {
        ClipBounds(epsilon: epsilon, epsilonHigh: epsilonHigh ?? epsilon)
    }

    /// Throws `ObjectiveError.badParameter` for a value that is negative or not finite.
    func validate() throws(ObjectiveError) {
        let values = [
            ("epsilon", epsilon), ("epsilon_high", epsilonHigh ?? epsilon), ("beta", beta),
        ]
        for (name, value) in values where !(value.isFinite && value >= 0) {
            throw .badParameter(name: name, value: value)
        }
    }
}
