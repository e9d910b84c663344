/// The loss of an optimiser step, to be minimised, and its closed-form gradient by each token's
/// log-probability.
///
/// Default (`loss_type` "dapo"), with ρ = exp(ℓ − ℓ_behavior), x = ℓ_ref − ℓ, M the tokens that count:
///
///     L = (1/ΣM) Σ M · [ −min(ρA, clip(ρ, 1 − ε, 1 + ε_high)·A) + β·(expm1(x) − x) ]
///     ∂L/∂ℓ = (1/ΣM) · ( −ρA·1[unclipped] − β·expm1(x) )
///
/// `original`, over P prompts, with R = exp(Σ_t (ℓ_t − ℓ_behavior,t)):
///
///     L = −(1/P) Σ_p Σ_i [ min(R_i A_i, clip(R_i, 1 − ε, 1 + ε_high)·A_i) − β·Σ_t k3_it ]
///     ∂L/∂ℓ_it = −(1/P) · ( R_i A_i·1[unclipped] + β·expm1(x_it) )
///
/// The normaliser belongs to the whole optimiser step and is fixed in advance, so any range of its
/// completions is evaluated by itself, and no split changes a bit of the gradient.
///
/// Deviations from DeepSeekMath (arXiv 2402.03300, equations 3–4):
/// 1. Aggregation is the mean over all tokens of the step (DAPO, arXiv 2503.14476), not the mean over
///    completions of each one's mean. `original` sums over the group instead of dividing by G.
/// 2. The standard deviation is unbiased (÷ G − 1) and gets + 1e-6 (not in `original`); equal rewards give
///    exactly 0.
/// 3. Log-ratios and x are clamped to ±20 nats before exp, with gradient 0 outside.
/// 4. A tie at the clip's edge takes the unclipped branch.
/// 5. k3 is `expm1(x) − x`: the direct form is negative for small x. As a loss it has the gradient of the
///    forward KL(π_ref‖π_θ), not of KL(π_θ‖π_ref).
/// 6. Completions of constant groups stay in the denominator.
/// 7. Ratios always come from the stored behaviour log-probabilities, also in the first inner pass.
public struct Objective: Sendable {
    public let configuration: ObjectiveConfiguration
    /// What the sum of all terms is divided by: ΣM, or P for `original`.
    public let normalizer: Double
    private let bounds: ClipBounds

    /// `step`: what the whole optimiser step holds. Throws `ObjectiveError.badParameter`.
    public init(
        configuration: ObjectiveConfiguration, step: StepExtent
    ) throws(ObjectiveError) {
        try configuration.validate()
        self.configuration = configuration
        bounds = configuration.bounds
        let count =
            switch configuration.lossType {
            case .dapo: step.lossTokens
            case .original: step.prompts
            }
        // A step without anything to learn from has no terms; its loss is 0, not 0/0.
        normalizer = Double(max(count, 1))
    }

    /// Loss terms and gradient of any consecutive completions of the step.
    ///
    /// - Parameters:
    ///   - logprobs: ℓ under the current weights, flat in the order completion → token; nats.
    ///   - entropies: of the same tokens, for the statistics; empty: not known.
    /// - Throws: `ObjectiveError`, with the completion's id where there is one.
    public func evaluate(
        _ completions: ArraySlice<TrainingCompletion>, logprobs: [Double], entropies: [Float] = []
    ) throws(ObjectiveError) -> ObjectiveEvaluation {
        try requireTotals(completions, logprobs: logprobs.count, entropies: entropies.count)
        var gradient: [Double] = []
        gradient.reserveCapacity(logprobs.count)
        var statistics = ObjectiveStatistics(normalizer: normalizer, beta: configuration.beta)
        var start = 0
        for completion in completions {
            let range = start..<start + completion.tokenCount
            let evaluation = CompletionLoss(
                completion, logprobs: logprobs[range],
                entropies: entropies.isEmpty ? nil : entropies[range],
                configuration: configuration, bounds: bounds)
            let (terms, record) = try evaluation.evaluate()
            gradient.append(contentsOf: terms.lazy.map { $0 / normalizer })
            statistics.append(record)
            start = range.upperBound
        }
        return ObjectiveEvaluation(gradient: gradient, statistics: statistics)
    }

    /// The same for log-probabilities as a forward pass gives them.
    public func evaluate(
        _ completions: ArraySlice<TrainingCompletion>, logprobs: [Float], entropies: [Float] = []
    ) throws(ObjectiveError) -> ObjectiveEvaluation {
        try evaluate(completions, logprobs: logprobs.map { Double($0) }, entropies: entropies)
    }

    private func requireTotals(
        _ completions: ArraySlice<TrainingCompletion>, logprobs: Int, entropies: Int
    ) throws(ObjectiveError) {
        let expected = completions.reduce(0) { $0 + $1.tokenCount }
        guard logprobs == expected else {
            throw .wrongTotal(.logprobs, count: logprobs, expected: expected)
        }
        guard entropies == 0 || entropies == expected else {
            throw .wrongTotal(.entropies, count: entropies, expected: expected)
        }
    }
}

/// What one optimiser step holds: the data for its normaliser.
public struct StepExtent: Hashable, Sendable {
    public var prompts: Int
    /// Completion tokens that count in the loss.
    public var lossTokens: Int

    public init(prompts: Int, lossTokens: Int) {
        precondition(prompts >= 0 && lossTokens >= 0, "counts are not negative")
        self.prompts = prompts
        self.lossTokens = lossTokens
    }
}

/// What `Objective.evaluate` found out about a block.
public struct ObjectiveEvaluation: Sendable {
    /// ∂L/∂ℓ of each token, in the order completion → token; 0 where the mask excludes it.
    public var gradient: [Double]
    public var statistics: ObjectiveStatistics

    /// The gradient as a backward pass takes it.
    public var floatGradient: [Float] { gradient.map { Float($0) } }
}
