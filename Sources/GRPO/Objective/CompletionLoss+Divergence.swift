/// The KL term.
extension CompletionLoss {
    mutating func addDivergence(
        _ tokens: [SelectedToken<Scalar>], _ ratio: CompletionRatio<Scalar>,
        _ weights: TokenWeights<Scalar>
    ) {
        guard configuration.lossBeta != 0 else { return }
        switch configuration.klLevel {
        case .token: addTokenDivergence(tokens, ratio, weights)
        case .sequence: addSequenceDivergence(tokens, ratio, weights)
        }
    }

    /// β·w·k for each token; with the bias correction β·w·ρ·k, where ρ is differentiated too.
    private mutating func addTokenDivergence(
        _ tokens: [SelectedToken<Scalar>], _ ratio: CompletionRatio<Scalar>,
        _ weights: TokenWeights<Scalar>
    ) {
        let scale = weights.token * terms.beta
        let isCorrected = configuration.useBiasCorrectionKL
        var shared: Scalar = 0
        for token in tokens {
            let estimate = self.estimate(token)
            let factor = isCorrected ? ratio.value(token) : 1
            if configuration.klEstimator == .full {
                gradients.divergences[token.index] += scale * factor
            }
            gradients.logprobs[token.index] += scale * (factor * estimate.gradient)
            record.kl += Double(factor * estimate.value)
            divergence += Double(weights.token * (factor * estimate.value))
            guard isCorrected, ratio.logRatio(token).isInside else { continue }
            if configuration.importanceSamplingLevel.isShared {
                shared += scale * factor * estimate.value
            } else {
                gradients.logprobs[token.index] += scale * factor * estimate.value
            }
        }
        guard shared != 0 else { return }
        for token in tokens { gradients.logprobs[token.index] += shared * ratio.share }
    }

    /// k and its derivative by ℓ; the exact divergence has its own coefficient instead.
    private func estimate(
        _ token: SelectedToken<Scalar>
    ) -> (value: Scalar, gradient: Scalar) {
        guard let difference = token.referenceDifference else {
            return (inputs.divergences[token.index], 0)
        }
        return terms.divergence.term(difference)
    }

    /// β·w·k(Σ_t x_t) once for the completion: it stands for Σ_t k_t.
    private mutating func addSequenceDivergence(
        _ tokens: [SelectedToken<Scalar>], _ ratio: CompletionRatio<Scalar>,
        _ weights: TokenWeights<Scalar>
    ) {
        let estimate = terms.divergence.term(
            tokens.reduce(0) { $0 + ($1.referenceDifference ?? 0) })
        let isCorrected = configuration.useBiasCorrectionKL
        let factor = isCorrected ? ratio.value(tokens[0]) : 1
        let scale = weights.token * terms.beta
        var slope = factor * estimate.gradient
        if isCorrected, ratio.logRatio(tokens[0]).isInside {
            slope += factor * estimate.value * ratio.share
        }
        for token in tokens { gradients.logprobs[token.index] += scale * slope }
        record.kl += Double(factor * estimate.value)
        divergence += Double(weights.token * (factor * estimate.value))
    }
}
