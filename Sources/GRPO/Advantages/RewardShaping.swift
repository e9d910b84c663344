/// The soft penalty for answers near the length limit (DAPO, arXiv 2503.14476, equation 13), to be added
/// to the reward. With L = `maxLength` and c = `buffer`: 0 up to L − c tokens, (L − c − length) / c up to
/// L, and −1 beyond.
public struct OverlongPenalty: Hashable, Sendable, Codable {
    /// L, tokens.
    public var maxLength: Int
    /// c, tokens; 0: no penalty.
    public var buffer: Int
    /// What the penalty is multiplied by.
    public var factor: Double
    /// Whether the penalty stops at −1 (TRL, OpenRLHF) or goes on falling (verl, AReaL).
    public var isBounded: Bool

    public init(maxLength: Int, buffer: Int, factor: Double = 1, isBounded: Bool = true) {
        precondition(buffer >= 0, "a buffer of \(buffer) tokens")
        self.maxLength = maxLength
        self.buffer = buffer
        self.factor = factor
        self.isBounded = isBounded
    }

    /// Not above 0. `length`: completion tokens.
    public func penalty(length: Int) -> Double {
        guard buffer > 0, length > maxLength - buffer else { return 0 }
        let fall = Double(maxLength - buffer - length) / Double(buffer)
        return factor * (isBounded ? max(fall, -1) : fall)
    }
}

/// `kl_placement = "reward"`: r − β·Σ_t k_t over the tokens that count, instead of a term of the loss
/// (TRL's RLOO trainer with k1, Ziegler et al., arXiv 1909.08593). The result enters the advantages.
///
/// `logprobs`: of the policy before the step, `reference`: of π_ref; (tokens), nats. Nothing is
/// differentiated.
public func penalizedReward(
    _ reward: Double, logprobs: [Double], reference: [Double], mask: [Bool]? = nil,
    configuration: ObjectiveConfiguration
) -> Double {
    precondition(logprobs.count == reference.count, "every token needs both log-probabilities")
    let divergence = DivergenceRule<Double>(configuration)
    let tokens = logprobs.indices.filter { mask?[$0] ?? true }
    let differences = tokens.map { reference[$0] - logprobs[$0] }
    let sum =
        configuration.klLevel == .sequence
        ? divergence.term(differences.reduce(0, +)).value
        : differences.reduce(0) { $0 + divergence.term($1).value }
    return reward - configuration.beta * sum
}
