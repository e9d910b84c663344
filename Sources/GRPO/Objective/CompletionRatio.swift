/// The ratio of a completion's tokens to ℓ_old, as `importance_sampling_level` says.
struct CompletionRatio<Scalar: ObjectiveScalar> {
    /// The log-ratio of the whole completion; `nil` where every token has its own.
    let shared: ClampedDifference<Scalar>?
    /// ∂(shared log-ratio)/∂ℓ_t: 1/n for the mean, 1 for the sum.
    let share: Scalar
    private let limit: Scalar

    init(_ tokens: [SelectedToken<Scalar>], _ terms: LossTerms<Scalar>) {
        let level = terms.configuration.importanceSamplingLevel
        limit = terms.logRatioLimit
        share = level == .sequenceProduct ? 1 : 1 / Scalar(max(tokens.count, 1))
        guard level != .token else {
            shared = nil
            return
        }
        let total = tokens.reduce(0) { $0 + $1.logRatio }
        shared = ClampedDifference(
            level == .sequenceProduct ? total : total / Scalar(max(tokens.count, 1)), limit: limit)
    }

    /// The log-ratio that weighs `token`.
    func logRatio(_ token: SelectedToken<Scalar>) -> ClampedDifference<Scalar> {
        shared ?? ClampedDifference(token.logRatio, limit: limit)
    }

    func value(_ token: SelectedToken<Scalar>) -> Scalar {
        Scalar.exponential(logRatio(token).value)
    }
}
