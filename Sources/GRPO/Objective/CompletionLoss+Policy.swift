/// The policy term.
extension CompletionLoss {
    mutating func addSurrogates(
        _ tokens: [SelectedToken<Scalar>], _ ratio: CompletionRatio<Scalar>,
        _ weights: TokenWeights<Scalar>
    ) {
        let kept = keptTokens(tokens)
        if configuration.effectiveSurrogate.isDetached {
            addDetached(tokens, kept: kept, ratio, weights)
        } else if configuration.importanceSamplingLevel.isShared {
            addShared(tokens, kept: kept, ratio, weights)
        } else {
            addPerToken(tokens, kept: kept, ratio, weights)
        }
    }

    /// Whether each of `tokens` has a policy term: not where an off-policy mask rejects it, nor in a group
    /// that counts for KL only.
    private mutating func keptTokens(_ tokens: [SelectedToken<Scalar>]) -> [Bool] {
        let isSilent = configuration.constantGroups == .klOnly && completion.isInConstantGroup
        guard !isSilent else { return tokens.map { _ in false } }
        // VESPO folds the correction's weights, zeros included, into its own.
        let foldsWeights = configuration.effectiveSurrogate == .vespo
        guard let threshold = configuration.offPolicyMaskThreshold else {
            return tokens.map { (foldsWeights || !$0.isRejected) && $0.isOfHighEntropy }
        }
        let drift = tokens.reduce(0) { $0 + ($1.behavior - $1.logprob) }
        let isNear = drift / Scalar(tokens.count) <= Scalar(threshold)
        let kept = tokens.map { $0.advantage >= 0 || isNear }
        record.maskedTokens += kept.count { !$0 }
        return zip(tokens, kept).map {
            (foldsWeights || !$0.isRejected) && $0.isOfHighEntropy && $1
        }
    }

    /// −w·c·J for each token.
    private mutating func addPerToken(
        _ tokens: [SelectedToken<Scalar>], kept: [Bool], _ ratio: CompletionRatio<Scalar>,
        _ weights: TokenWeights<Scalar>
    ) {
        for (token, isKept) in zip(tokens, kept) {
            let term = self.term(token, ratio)
            record.observe(term, ratio: Double(ratio.value(token)))
            if configuration.effectiveSurrogate == .dppo {
                record.maskedTokens += term.isClippedLow || term.isClippedHigh ? 1 : 0
            }
            guard isKept else { continue }
            let weight = weights.token * token.weight
            gradients.logprobs[token.index] -= weight * term.gradient
            record.policyLoss -= Double(weight * term.value)
        }
    }

    private func term(
        _ token: SelectedToken<Scalar>, _ ratio: CompletionRatio<Scalar>
    ) -> SurrogateTerm<Scalar> {
        switch configuration.effectiveSurrogate {
        case .dppo:
            terms.surrogate.maskedTerm(
                ratio.logRatio(token), advantage: token.advantage, logprob: token.logprob,
                behavior: token.behavior)
        case .probability:
            terms.surrogate.term(
                ClampedDifference(token.logprob, limit: .infinity), advantage: token.advantage)
        default: terms.surrogate.term(ratio.logRatio(token), advantage: token.advantage)
        }
    }

    /// −W·J once for the completion, differentiated through all of its tokens. A mean over tokens counts
    /// the term once per token, as TRL does for sequence ratios.
    private mutating func addShared(
        _ tokens: [SelectedToken<Scalar>], kept: [Bool], _ ratio: CompletionRatio<Scalar>,
        _ weights: TokenWeights<Scalar>
    ) {
        let term = terms.surrogate.term(
            sharedExponent(tokens, ratio), advantage: Scalar(completion.advantage))
        record.observe(term, ratio: Double(ratio.value(tokens[0])))
        let counting = zip(tokens, kept).filter(\.1).map(\.0.weight)
        guard let first = counting.first else { return }
        let weight =
            configuration.lossType == .original
            ? weights.completion * first : counting.reduce(0) { $0 + weights.token * $1 }
        for token in tokens {
            gradients.logprobs[token.index] -= weight * term.gradient * ratio.share
        }
        record.policyLoss -= Double(weight * term.value)
    }

    /// The log-ratio, or for raw probabilities the completion's own log-probability at the same level.
    private func sharedExponent(
        _ tokens: [SelectedToken<Scalar>], _ ratio: CompletionRatio<Scalar>
    ) -> ClampedDifference<Scalar> {
        guard configuration.effectiveSurrogate == .probability else {
            return ratio.logRatio(tokens[0])
        }
        let total = tokens.reduce(0) { $0 + $1.logprob }
        return ClampedDifference(total * ratio.share, limit: .infinity)
    }

    /// −w·c·sg(weight)·A·ℓ for each token.
    private mutating func addDetached(
        _ tokens: [SelectedToken<Scalar>], kept: [Bool], _ ratio: CompletionRatio<Scalar>,
        _ weights: TokenWeights<Scalar>
    ) {
        let isVESPO = configuration.effectiveSurrogate == .vespo
        let logWeight = isVESPO ? gammaLogWeight(tokens) : 0
        for (place, token) in tokens.enumerated() {
            let value: Scalar
            if isVESPO {
                value = terms.surrogate.gammaWeight(logWeight: logWeight, advantage: token.advantage)
                record.observe(ratio: Double(ratio.value(token)))
            } else {
                let own = ratio.value(token)
                let bounded = terms.surrogate.weight(ratio: own, advantage: token.advantage)
                value = bounded.value * token.weight
                if place == 0 || ratio.shared == nil {
                    record.observe(
                        ratio: Double(own), isClippedLow: bounded.isClippedLow,
                        isClippedHigh: bounded.isClippedHigh)
                }
            }
            guard kept[place] else { continue }
            let slope = weights.token * value * token.advantage
            gradients.logprobs[token.index] -= slope
            record.policyLoss -= Double(slope * token.logprob)
        }
    }

    /// ln of π_θ/π_old of the completion, token by token within ±20, times the correction's weights.
    private func gammaLogWeight(_ tokens: [SelectedToken<Scalar>]) -> Scalar {
        let policy = tokens.reduce(0) { $0 + ClampedDifference($1.logRatio, limit: 20).value }
        guard terms.correction.isActive else { return policy }
        let lower = Scalar(VESPOShape.lowestLogWeight)
        let logs = tokens.map { token in
            token.isRejected ? lower : min(max(Scalar.logarithm(token.weight), lower), 20)
        }
        return policy + (configuration.importanceSamplingCorrection.isOfToken
            ? logs.reduce(0, +) : logs[0])
    }
}
