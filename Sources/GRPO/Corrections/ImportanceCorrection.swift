/// How the gap between proximal and behaviour policy is corrected. Raw values of
/// `importance_sampling_correction`; those for token and sequence are TRL's
/// (`vllm_importance_sampling_mode`).
///
/// With w = exp(ℓ_proximal − ℓ_behavior) of the token, of the sequence (the sum over its tokens), or the
/// geometric mean over the sequence: `truncate` bounds w, `mask` makes it 0 outside the bounds (IcePop where
/// both are set).
public enum ImportanceSamplingCorrection: String, Hashable, Sendable, Codable, CaseIterable {
    case none
    case tokenTruncate = "token_truncate"
    case tokenMask = "token_mask"
    case sequenceTruncate = "sequence_truncate"
    case sequenceMask = "sequence_mask"
    /// Tokens keep their own weights where the geometric mean is within the bounds (OpenRLHF).
    case geometricMask = "geometric_mask"
    /// Every token has the geometric mean itself as its weight (AReaL).
    case geometricWeightTruncate = "geometric_weight_truncate"
    case geometricWeightMask = "geometric_weight_mask"

    var isTruncated: Bool {
        self == .tokenTruncate || self == .sequenceTruncate || self == .geometricWeightTruncate
    }
    var isOfToken: Bool { self == .tokenTruncate || self == .tokenMask }
    var isGeometric: Bool {
        self == .geometricWeightTruncate || self == .geometricWeightMask
    }
}

/// A correction's bounds in the scalar of the evaluation.
struct ImportanceCorrection<Scalar: ObjectiveScalar>: Sendable {
    struct Weight: Sendable {
        /// What multiplies the policy term; 0 where the mask rejects.
        var value: Scalar
        var isRejected = false
    }

    private let correction: ImportanceSamplingCorrection
    private let minimum: Scalar
    private let maximum: Scalar
    private let logLimit: Scalar

    init(_ configuration: ObjectiveConfiguration) {
        correction = configuration.importanceSamplingCorrection
        minimum = configuration.importanceSamplingClipMin.map { Scalar($0) } ?? -.infinity
        maximum = configuration.importanceSamplingClipMax.map { Scalar($0) } ?? .infinity
        logLimit = Scalar(LogClamp.limit(configuration.logRatioClamp))
    }

    var isActive: Bool { correction != .none }
    /// Whether all tokens of a completion have one weight.
    var isShared: Bool { isActive && !correction.isOfToken && correction != .geometricMask }

    /// One weight for each of `tokens`, the places that count.
    func weights(_ completion: TrainingCompletion, tokens: [Int]) -> [Weight] {
        guard isActive, !completion.proximalLogprobs.isEmpty else {
            return tokens.map { _ in Weight(value: 1) }
        }
        let differences = tokens.map {
            Scalar(completion.proximalLogprobs[$0]) - Scalar(completion.behaviorLogprobs[$0])
        }
        guard !correction.isOfToken else { return differences.map(weight) }
        if correction == .geometricMask {
            let mean = differences.reduce(0, +) / Scalar(max(tokens.count, 1))
            let isRejected = weight(mean).isRejected
            return differences.map { isRejected ? Weight(value: 0, isRejected: true) : Weight(value: ratio($0)) }
        }
        var total = differences.reduce(0, +)
        if correction.isGeometric { total /= Scalar(max(tokens.count, 1)) }
        let shared = weight(total)
        return tokens.map { _ in shared }
    }

    private func ratio(_ difference: Scalar) -> Scalar {
        Scalar.exponential(ClampedDifference(difference, limit: logLimit).value)
    }

    private func weight(_ difference: Scalar) -> Weight {
        let ratio = self.ratio(difference)
        if correction.isTruncated { return Weight(value: min(max(ratio, minimum), maximum)) }
        let isRejected = !(ratio >= minimum && ratio <= maximum)
        return Weight(value: isRejected ? 0 : ratio, isRejected: isRejected)
    }
}
