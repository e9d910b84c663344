/// What stands for KL(π_θ‖π_ref). Raw values of `kl_estimator`. All but `full` estimate it from one
/// sampled token, as functions of x = ℓ_ref − ℓ in nats (John Schulman, "Approximating KL Divergence",
/// 2020).
public enum KLEstimator: String, Hashable, Sendable, Codable, CaseIterable {
    /// −x: no penalty as a loss, its expected gradient is 0.
    case k1
    /// ½x²: as a loss it has the gradient of KL(π_θ‖π_ref) in expectation.
    case k2
    /// expm1(x) − x = eˣ − x − 1; never negative. As a loss it has the gradient of KL(π_ref‖π_θ).
    case k3
    /// eˣ − x − 1 in that form, as most systems compute it: negative for many small x in float32.
    case k3Direct = "k3_direct"
    /// verl's `low_var_kl`: `k3_direct` with its own clamps, ±20 on the way in and ±10 on the way out.
    case lowVar = "low_var"
    /// |x| (verl).
    case abs
    /// The value of `k1` with the gradient of `k2` (verl's `k1+`).
    case k1Plus = "k1_plus"
    /// The value of `k3` with the gradient of `k2` (verl's `k3+`).
    case k3Plus = "k3_plus"
    /// Σ_v π_θ(v) ln(π_θ(v)/π_ref(v)) at each position: the definition itself. The forward pass computes
    /// it; here it is an input, and the answer has its coefficient.
    case full

    /// Whether ℓ_ref of each token is needed.
    public var needsReferenceLogprobs: Bool { self != .full }

    /// The estimate, with x clamped to ±20; nats. Not for `full`.
    public func value(_ x: Double) -> Double {
        DivergenceRule<Double>(self, inputLimit: LogClamp.standard).term(x).value
    }

    /// ∂/∂ℓ of the estimate; 0 outside the clamp. With ∂x/∂ℓ = −1: ∂k1/∂ℓ = 1, ∂k2/∂ℓ = −x,
    /// ∂k3/∂ℓ = −expm1(x). Not for `full`.
    public func gradient(_ x: Double) -> Double {
        DivergenceRule<Double>(self, inputLimit: LogClamp.standard).term(x).gradient
    }
}

/// Where the KL term acts. Raw values of `kl_placement`.
public enum KLPlacement: String, Hashable, Sendable, Codable, CaseIterable {
    /// A term of the loss.
    case loss
    /// Subtracted from the reward: `penalizedReward`.
    case reward
}

/// What x is of. Raw values of `kl_level`.
public enum KLLevel: String, Hashable, Sendable, Codable, CaseIterable {
    /// Each token's; the estimates are added up.
    case token
    /// The whole completion's, Σ_t x_t (DeepSeek-R1's form): one estimate, about 12 times as noisy at 128
    /// tokens.
    case sequence
}
