/// What a ratio is of. Raw values of `importance_sampling_level`; the first two are TRL's.
public enum ImportanceSamplingLevel: String, Hashable, Sendable, Codable, CaseIterable {
    /// ρ_t = exp(ℓ_t − ℓ_old,t), for each token.
    case token
    /// s = exp((1/n) Σ_t (ℓ_t − ℓ_old,t)), one for the completion (GSPO, arXiv 2507.18071).
    case sequence
    /// The value of `sequence`, differentiated through each token's own log-probability only, so that
    /// advantages may differ by token (GSPO-token, the same paper, equation 14).
    case sequenceToken = "sequence_token"
    /// R = exp(Σ_t (ℓ_t − ℓ_old,t)) = π_θ(o)/π_old(o), one for the completion (DeepSeekMath, arXiv
    /// 2402.03300, read literally).
    case sequenceProduct = "sequence_product"

    /// Whether one ratio is differentiated through all tokens of the completion.
    var isShared: Bool { self == .sequence || self == .sequenceProduct }
}

/// What is maximised, from a ratio and an advantage. Raw values of `surrogate`.
public enum Surrogate: String, Hashable, Sendable, Codable, CaseIterable {
    /// min(ρA, clip(ρ, 1 − ε, 1 + ε_high)·A) (PPO, arXiv 1707.06347).
    case clip
    /// ρA.
    case unclipped
    /// sg(min(ρ, ε_high))·A·ℓ: the number is the bound itself, 5 means ρ ≤ 5 (TRL's CISPO; MiniMax-M1,
    /// arXiv 2506.13585).
    case cispoRaw = "cispo_raw"
    /// sg(clamp(ρ, 1 − ε, 1 + ε_high))·A·ℓ: the number is the distance from 1 (verl, SkyRL, slime).
    case cispoDelta = "cispo_delta"
    /// π_θ(o)·A without the ratio's denominator: an option that shows why not.
    case probability
    /// ρA where the token's probability has not moved more than ε (down, A ≤ 0) or ε_high (up, A > 0)
    /// from the sampler's, 0 elsewhere (prime-rl). ρ is to the behaviour policy.
    case dppo
    /// (4/τ)·sigmoid(τ(ρ − 1))·A with τ by the advantage's sign (SAPO, arXiv 2511.20347).
    case sapo
    /// sg(φ(R))·A·ℓ with φ(R) = e^λ R^k e^(−λR) and k, λ by the advantage's sign (VESPO, arXiv
    /// 2602.10693, as TRL has it).
    case vespo

    /// Whether the ratio only weighs A·ℓ and is not differentiated itself.
    var isDetached: Bool { self == .cispoRaw || self == .cispoDelta || self == .vespo }
}

/// What ℓ_old of the ratio is. Raw values of `proximal`.
public enum ProximalPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// What the sampler said when it drew the token.
    case behavior
    /// The learner's own log-probability at the start of the batch. With a correction this is the
    /// decoupled objective: clip against proximal, weigh by proximal/behaviour (arXiv 2110.00641).
    case recomputed
}
