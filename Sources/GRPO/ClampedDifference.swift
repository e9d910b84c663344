/// A difference of log-probabilities, clamped so that its exponential is finite.
struct ClampedDifference {
    /// Nats; e²⁰ ≈ 4.9e8.
    static let limit = 20.0

    /// In −20 ... 20.
    let value: Double
    /// Whether the difference was within the limits (both included): outside, the gradient is 0.
    let isInside: Bool

    init(_ difference: Double) {
        value = Swift.min(Swift.max(difference, -Self.limit), Self.limit)
        isInside = difference >= -Self.limit && difference <= Self.limit
    }
}
