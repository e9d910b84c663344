/// What the forward pass says of a block's tokens under the current weights, flat in the order
/// completion → token. An empty list: not known.
public struct TokenInputs<Scalar: ObjectiveScalar>: Hashable, Sendable {
    /// ℓ; nats.
    public var logprobs: [Scalar]
    /// Entropy of the distribution that the token was drawn from; nats. Needed where `entropy_coef` is
    /// not 0, reported elsewhere.
    public var entropies: [Scalar]
    /// Σ_v π_θ(v) ln(π_θ(v)/π_ref(v)) at the token; nats. Needed for `kl_estimator` "full".
    public var divergences: [Scalar]
    /// V(s_t). Needed where `vf_coef` is above 0.
    public var values: [Scalar]

    public init(
        logprobs: [Scalar], entropies: [Scalar] = [], divergences: [Scalar] = [],
        values: [Scalar] = []
    ) {
        self.logprobs = logprobs
        self.entropies = entropies
        self.divergences = divergences
        self.values = values
    }

    /// One of the lists and its name.
    var lists: [(ObjectiveError.Quantity, [Scalar])] {
        [
            (.logprobs, logprobs), (.entropies, entropies), (.divergences, divergences),
            (.values, values),
        ]
    }

    /// The part that belongs to one completion.
    func slice(_ range: Range<Int>) -> TokenInputs {
        TokenInputs(
            logprobs: Array(logprobs[range]),
            entropies: entropies.isEmpty ? [] : Array(entropies[range]),
            divergences: divergences.isEmpty ? [] : Array(divergences[range]),
            values: values.isEmpty ? [] : Array(values[range]))
    }
}

/// The loss's derivatives by each token's numbers, in the order of `TokenInputs`; 0 where the mask excludes
/// a token, empty where the loss does not depend on that number.
public struct TokenGradients<Scalar: ObjectiveScalar>: Hashable, Sendable {
    /// ∂L/∂ℓ.
    public var logprobs: [Scalar] = []
    /// ∂L/∂H.
    public var entropies: [Scalar] = []
    /// ∂L/∂KL, of the exact divergence.
    public var divergences: [Scalar] = []
    /// ∂L/∂V.
    public var values: [Scalar] = []

    /// Zeros for `count` tokens wherever `configuration` has a term.
    init(count: Int, _ configuration: ObjectiveConfiguration) {
        let zeros = [Scalar](repeating: 0, count: count)
        logprobs = zeros
        if configuration.entropyCoef != 0 { entropies = zeros }
        if configuration.needsDivergences { divergences = zeros }
        if configuration.vfCoef != 0 { values = zeros }
    }

    mutating func append(_ next: TokenGradients, dividedBy normalizer: Scalar) {
        logprobs += next.logprobs.map { $0 / normalizer }
        entropies += next.entropies.map { $0 / normalizer }
        divergences += next.divergences.map { $0 / normalizer }
        values += next.values.map { $0 / normalizer }
    }

    var isFinite: Bool {
        [logprobs, entropies, divergences, values].allSatisfy { $0.allSatisfy(\.isFinite) }
    }
}

/// What `Objective.evaluate` found out about a block.
public struct ObjectiveEvaluation<Scalar: ObjectiveScalar>: Sendable {
    public var gradients: TokenGradients<Scalar>
    public var statistics: ObjectiveStatistics

    /// ∂L/∂ℓ of each token, in the order completion → token; 0 where the mask excludes it.
    public var gradient: [Scalar] { gradients.logprobs }

    /// The gradient as a backward pass takes it.
    public var floatGradient: [Float] { gradient.map { Float($0) } }
}
