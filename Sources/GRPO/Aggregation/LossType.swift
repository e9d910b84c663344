/// How the terms of an optimiser step are added up. Raw values of `loss_type`. Those of TRL mean what
/// they mean there; three of them also name a surrogate. With n_i the tokens of completion i that count,
/// B completions:
public enum LossType: String, Hashable, Sendable, Codable, CaseIterable {
    /// Σ / tokens of the optimiser step (DAPO, arXiv 2503.14476; TRL's default).
    case dapo
    /// (1/B) Σ_i (1/n_i) Σ_t: DeepSeekMath's; a completion without tokens counts in B, as in TRL.
    case grpo
    /// The mean over micro-batches of `per_device_train_batch_size` completions of Σ / their tokens.
    case bnpo
    /// Σ / (B · `max_completion_length`) (Dr. GRPO, arXiv 2503.20783).
    case drGRPO = "dr_grpo"
    /// `dapo` with the surrogate `cispo_raw`.
    case cispo
    /// `grpo` with the surrogate `sapo`.
    case sapo
    /// (1/B) Σ_i Σ_t (LUSPO); also PipelineRL's sum / batch size.
    case luspo
    /// `dapo` with the surrogate `vespo`.
    case vespo
    /// Σ_i Σ_t / (n_i + 1e-8) over the number of completions with tokens (verl).
    case seqMeanTokenMean = "seq_mean_token_mean"
    /// Σ over the number of completions with tokens (verl).
    case seqMeanTokenSum = "seq_mean_token_sum"
    /// `seq_mean_token_sum` / `max_completion_length` (verl 0.8; older ones did not divide by B).
    case seqMeanTokenSumNorm = "seq_mean_token_sum_norm"
    /// Σ over groups of Σ / (mean tokens of the group's completions) (PipelineRL).
    case groupTokenMean = "group_token_mean"
    /// Sum over the group and over tokens, mean over prompts; terms of a whole completion count once
    /// (DeepSeekMath read literally).
    case original

    /// The surrogate that the word implies.
    var surrogate: Surrogate {
        switch self {
        case .cispo: .cispoRaw
        case .sapo: .sapo
        case .vespo: .vespo
        default: .clip
        }
    }

    /// Whether the denominator depends on where in the step a completion stands.
    var isLocal: Bool { self == .bnpo || self == .groupTokenMean }
}

/// What a token does to the denominators that an off-policy mask rejected. Raw values of
/// `rejected_tokens`.
public enum RejectedTokens: String, Hashable, Sendable, Codable, CaseIterable {
    /// It stays in them, with weight 0 (TRL, AReaL's count of the original mask).
    case count
    /// It leaves them, and the KL and entropy terms (verl's rejection).
    case drop
}
