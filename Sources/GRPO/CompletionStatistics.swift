/// Sums over the tokens of one completion, before any normaliser.
public struct CompletionStatistics: Hashable, Sendable {
    public let id: CompletionID
    /// Tokens that count.
    public let tokenCount: Int
    /// Policy and KL terms.
    public internal(set) var loss = 0.0
    /// Policy term only.
    public internal(set) var policyLoss = 0.0
    /// Σ_t k3; 0 where β = 0.
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
    /// Σ_t |ℓ − ℓ_behavior|, not clamped; nats.
    public internal(set) var logprobDifferenceSum = 0.0
    public internal(set) var logprobDifferenceMax = 0.0

    init(id: CompletionID, tokenCount: Int) {
        self.id = id
        self.tokenCount = tokenCount
    }

    mutating func observe(_ surrogate: ClippedSurrogate) {
        ratioCount += 1
        ratioSum += surrogate.ratio
        ratioMin = min(ratioMin, surrogate.ratio)
        ratioMax = max(ratioMax, surrogate.ratio)
        clippedLow += surrogate.isClippedLow ? 1 : 0
        clippedHigh += surrogate.isClippedHigh ? 1 : 0
    }

    mutating func observe(logprobDifference: Double) {
        logprobDifferenceSum += logprobDifference
        logprobDifferenceMax = max(logprobDifferenceMax, logprobDifference)
    }
}
