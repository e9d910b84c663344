/// A difference of log-probabilities, clamped so that its exponential is finite.
struct ClampedDifference<Scalar: ObjectiveScalar> {
    /// In −limit ... limit.
    let value: Scalar
    /// Whether the difference was within the limits (both included): outside, the gradient is 0.
    let isInside: Bool

    /// `limit`: nats, above 0; infinite: not clamped.
    init(_ difference: Scalar, limit: Scalar) {
        value = Swift.min(Swift.max(difference, -limit), limit)
        isInside = difference >= -limit && difference <= limit
    }
}

/// A clamp of log-probability differences as the configuration states it.
enum LogClamp {
    /// Nats; e²⁰ ≈ 4.9e8.
    static let standard = 20.0

    /// 0 states that nothing is clamped.
    static func limit(_ stated: Double) -> Double { stated == 0 ? .infinity : stated }
}
