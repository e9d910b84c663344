/// Sums over the tokens of one completion, before any normaliser. "Loss" sums carry their weights, so
/// that the step's normaliser is all that is left to divide by.
public struct CompletionStatistics: Hashable, Sendable {
    public let id: CompletionID
    /// Tokens that count.
    public let tokenCount: Int
    /// All terms.
    public internal(set) var loss = 0.0
    /// Policy term only.
    public internal(set) var policyLoss = 0.0
    /// The KL term, β included.
    public internal(set) var klLoss = 0.0
    /// The squared log-ratio to the sampler, its weight included.
    public internal(set) var samplerLoss = 0.0
    /// The entropy term, its coefficient included.
    public internal(set) var entropyLoss = 0.0
    /// The value head's regression, its coefficient included.
    public internal(set) var valueLoss = 0.0
    /// Σ_t k, as the estimator has it; 0 where β = 0.
    public internal(set) var kl = 0.0
    /// Σ_t entropy, nats; `nil` where it was not given.
    public internal(set) var entropy: Double?
    /// Ratios seen: one per token, or one per completion.
    public internal(set) var ratioCount = 0
    public internal(set) var ratioSum = 0.0
    public internal(set) var ratioMin = Double.infinity
    public internal(set) var ratioMax = -Double.infinity
    /// Ratios below 1 − ε where A < 0.
    public internal(set) var clippedLow = 0
    /// Ratios above 1 + ε_high where A > 0.
    public internal(set) var clippedHigh = 0
    /// Ratios that the dual clip or `delta` bounded.
    public internal(set) var capped = 0
    /// Tokens without a policy term because the policy moved too far.
    public internal(set) var maskedTokens = 0
    /// Off-policy weights, one per token.
    public internal(set) var importance = ImportanceSums()
    /// Σ_t |ℓ − ℓ_behavior|, not clamped; nats.
    public internal(set) var logprobDifferenceSum = 0.0
    public internal(set) var logprobDifferenceMax = 0.0
    /// Of exp(ℓ − ℓ_behavior), clamped at ±20 nats; one per token.
    public internal(set) var samplingRatioSum = 0.0
    public internal(set) var samplingRatioMin = Double.infinity
    public internal(set) var samplingRatioMax = -Double.infinity
    /// Of values against rewards.
    public internal(set) var values = ValueSums()

    init(id: CompletionID, tokenCount: Int) {
        self.id = id
        self.tokenCount = tokenCount
    }

    mutating func observe<Scalar>(_ term: SurrogateTerm<Scalar>, ratio: Double) {
        observe(ratio: ratio, isClippedLow: term.isClippedLow, isClippedHigh: term.isClippedHigh)
        capped += term.isCapped ? 1 : 0
    }

    mutating func observe(
        ratio: Double, isClippedLow: Bool = false, isClippedHigh: Bool = false
    ) {
        ratioCount += 1
        ratioSum += ratio
        ratioMin = min(ratioMin, ratio)
        ratioMax = max(ratioMax, ratio)
        clippedLow += isClippedLow ? 1 : 0
        clippedHigh += isClippedHigh ? 1 : 0
    }

    /// `difference`: ℓ − ℓ_behavior of a token.
    mutating func observe(samplingDifference difference: Double) {
        logprobDifferenceSum += abs(difference)
        logprobDifferenceMax = max(logprobDifferenceMax, abs(difference))
        let ratio = Double.exponential(ClampedDifference(difference, limit: LogClamp.standard).value)
        samplingRatioSum += ratio
        samplingRatioMin = min(samplingRatioMin, ratio)
        samplingRatioMax = max(samplingRatioMax, ratio)
    }

    mutating func observeImportance(_ weight: Double, isRejected: Bool) {
        importance.count += 1
        importance.sum += weight
        importance.minimum = min(importance.minimum, weight)
        importance.maximum = max(importance.maximum, weight)
        importance.rejected += isRejected ? 1 : 0
    }

    mutating func observe(value: Double, target: Double) {
        values.count += 1
        values.target += target
        values.targetSquare += target * target
        values.error += target - value
        values.errorSquare += (target - value) * (target - value)
    }

    /// `beta`: in units of the policy term's denominator. `divergence`: Σ_t w·k.
    mutating func addLoss(beta: Double, divergence: Double) {
        klLoss = beta * divergence
        loss = policyLoss + klLoss
        // Absent terms are not added: −0 + 0 would change a bit.
        for term in [samplerLoss, entropyLoss, valueLoss] where term != 0 { loss += term }
    }
}

/// Sums over off-policy weights.
public struct ImportanceSums: Hashable, Sendable {
    public internal(set) var count = 0
    public internal(set) var sum = 0.0
    public internal(set) var minimum = Double.infinity
    public internal(set) var maximum = -Double.infinity
    /// Tokens whose weight the mask made 0.
    public internal(set) var rejected = 0
}

/// Sums over values V and the rewards R that they should predict.
public struct ValueSums: Hashable, Sendable {
    public internal(set) var count = 0
    public internal(set) var target = 0.0
    public internal(set) var targetSquare = 0.0
    public internal(set) var error = 0.0
    public internal(set) var errorSquare = 0.0
}
