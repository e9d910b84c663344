/// The clipped policy-gradient surrogate of one ratio: of a token, or of a whole completion.
public struct ClippedSurrogate<Scalar: ObjectiveScalar>: Hashable, Sendable {
    /// ρ = exp(log-ratio within its clamp).
    public let ratio: Scalar
    /// min(ρA, clip(ρ, low, high)·A); to be maximised.
    public let value: Scalar
    /// Its derivative by the log-ratio: ρA on the unclipped branch, 0 on a clipped one and outside the
    /// clamp.
    public let gradient: Scalar
    /// ρ < low where A < 0: TRL's `clip_ratio/low_*`.
    public let isClippedLow: Bool
    /// ρ > high where A > 0: TRL's `clip_ratio/high_*`.
    public let isClippedHigh: Bool
    /// The dual clip or `delta` bounds the value.
    public let isCapped: Bool

    /// `logRatio`: ℓ − ℓ_old, nats. `bounds`: 1 − ε … 1 + ε_high. `logRatioClamp`: nats.
    ///
    /// The branch is chosen by comparing ρ with the bound, not product with product, so that a tie at the
    /// edge takes the unclipped branch whatever the advantage rounds to.
    public init(
        logRatio: Scalar, advantage: Scalar, bounds: ClipBounds<Scalar>,
        logRatioClamp: Scalar = 20
    ) {
        self.init(
            ClampedDifference(logRatio, limit: logRatioClamp), advantage: advantage, bounds: bounds)
    }

    init(
        _ logRatio: ClampedDifference<Scalar>, advantage: Scalar, bounds: ClipBounds<Scalar>
    ) {
        ratio = Scalar.exponential(logRatio.value)
        let capped = min(ratio, bounds.delta)
        isClippedLow = advantage < 0 && capped < bounds.low
        isClippedHigh = advantage > 0 && capped > bounds.high
        let isDual = advantage < 0 && ratio > bounds.dual
        // A cap within the clip's range leaves the clipped branch the lower one for A < 0.
        let prefersClip = advantage < 0 && ratio > bounds.delta && bounds.delta < bounds.high
        isCapped = isDual || ratio > bounds.delta && !isClippedHigh && !prefersClip
        let isBeyondClip = prefersClip && ratio > bounds.high
        if isClippedLow {
            value = bounds.low * advantage
        } else if isClippedHigh {
            value = bounds.high * advantage
        } else {
            let bounded = prefersClip ? min(ratio, bounds.high) : capped
            value = (isDual ? min(bounded, bounds.dual) : bounded) * advantage
        }
        gradient =
            isClippedLow || isClippedHigh || isCapped || isBeyondClip || !logRatio.isInside
            ? 0 : ratio * advantage
    }
}
