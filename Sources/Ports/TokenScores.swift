/// What a forward pass says of each completion token of some groups, flat in the order group →
/// completion → token.
package struct TokenScores: Sendable {
    /// ℓ = log-softmax(logits / temperature) at the token over the full vocabulary; nats.
    package var logprobs: [Float]
    /// H, the entropy of the same distribution; nats.
    package var entropies: [Float]
    /// D = Σ_v π_θ(v)·(log π_θ(v) − log π_ref(v)) where the token was predicted, over the whole
    /// vocabulary and at the temperature; nats, never negative. Empty unless asked for.
    package var divergences: [Float]
    /// V(s), which has not seen the token: of a completion's first token, V at the end of the prompt.
    /// Empty without a value head.
    package var values: [Float]

    package init(
        logprobs: [Float], entropies: [Float], divergences: [Float] = [], values: [Float] = []
    ) {
        self.logprobs = logprobs
        self.entropies = entropies
        self.divergences = divergences
        self.values = values
    }
}

/// What the loss of a block answers: its derivative by each score of each completion token, in
/// `TokenScores` order, and whatever it wants to report. All but `logprobs` may be empty: zero.
package struct BlockGradient<Report: Sendable>: Sendable {
    /// ∂L/∂ℓ
    package var logprobs: [Float]
    /// ∂L/∂H
    package var entropies: [Float]
    /// ∂L/∂D; only for a step with `needsDivergence`.
    package var divergences: [Float]
    /// ∂L/∂V; only for a policy with a value head.
    package var values: [Float]
    package var report: Report

    package init(
        logprobs: [Float], entropies: [Float] = [], divergences: [Float] = [],
        values: [Float] = [], report: Report
    ) {
        self.logprobs = logprobs
        self.entropies = entropies
        self.divergences = divergences
        self.values = values
        self.report = report
    }
}
