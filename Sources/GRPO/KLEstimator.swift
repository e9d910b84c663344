/// Estimators of a KL divergence from one sampled token, as functions of x = ℓ_ref − ℓ in nats
/// (John Schulman, "Approximating KL Divergence", 2020). The objective uses `k3`.
///
/// x is clamped to ±20 on the way in: clamping the result would be too late, exp has overflowed by then
/// and the gradient is 0 × ∞. Outside the clamp the gradient is 0.
public enum KLEstimator: String, Sendable, CaseIterable {
    /// −x: no penalty as a loss, its expected gradient is 0.
    case k1
    /// ½x².
    case k2
    /// expm1(x) − x = eˣ − x − 1; never negative.
    case k3

    /// The estimate; nats.
    public func value(_ x: Double) -> Double {
        let x = ClampedDifference(x).value
        return switch self {
        case .k1: -x
        case .k2: 0.5 * x * x
        case .k3: exponentialMinusOne(x) - x
        }
    }

    /// ∂/∂ℓ of the estimate. With ∂x/∂ℓ = −1: ∂k1/∂ℓ = 1, ∂k2/∂ℓ = −x, ∂k3/∂ℓ = −expm1(x).
    public func gradient(_ x: Double) -> Double {
        let x = ClampedDifference(x)
        guard x.isInside else { return 0 }
        return switch self {
        case .k1: 1
        case .k2: -x.value
        case .k3: -exponentialMinusOne(x.value)
        }
    }
}
