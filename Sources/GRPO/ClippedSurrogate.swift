/// The clipped policy-gradient surrogate of one ratio: of a token, or of a whole completion.
public struct ClippedSurrogate: Hashable, Sendable {
    /// ρ = exp(log-ratio clamped to ±20).
    public let ratio: Double
    /// min(ρA, clip(ρ, low, high)·A); to be maximised.
    public let value: Double
    /// Its derivative by the log-ratio: ρA on the unclipped branch, 0 on the clipped one and outside the
    /// clamp.
    public let gradient: Double
    /// ρ < low where A < 0: TRL's `clip_ratio/low_*`.
    public let isClippedLow: Bool
    /// ρ > high where A > 0: TRL's `clip_ratio/high_*`.
    public let isClippedHigh: Bool

    /// `logRatio`: ℓ − ℓ_behavior, nats. `bounds`: 1 − ε … 1 + ε_high.
    ///
    /// The branch is chosen by comparing ρ with the bound, not product with product, so that a tie at the
    /// edge takes the unclipped branch whatever the advantage rounds to.
    public init(logRatio: Double, advantage: Double, bounds: ClipBounds) {
        let logRatio = ClampedDifference(logRatio)
        ratio = exponential(logRatio.value)
        isClippedLow = advantage < 0 && ratio < bounds.low
        isClippedHigh = advantage > 0 && ratio > bounds.high
        if isClippedLow {
            value = bounds.low * advantage
        } else if isClippedHigh {
            value = bounds.high * advantage
        } else {
            value = ratio * advantage
        }
        gradient = isClippedLow || isClippedHigh || !logRatio.isInside ? 0 : ratio * advantage
    }
}

/// 1 − ε and 1 + ε_high, computed once, in one type: 1 + 0.2 is not 1.2 in every precision.
public struct ClipBounds: Hashable, Sendable {
    public let low: Double
    public let high: Double

    public init(epsilon: Double, epsilonHigh: Double) {
        low = 1 - epsilon
        high = 1 + epsilonHigh
    }
}
