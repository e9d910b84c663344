/// The loss terms of one completion, before the normaliser.
struct CompletionLoss<Scalar: ObjectiveScalar> {
    let completion: TrainingCompletion
    let inputs: TokenInputs<Scalar>
    let terms: LossTerms<Scalar>
    /// Un-normalised, (tokens).
    var gradients: TokenGradients<Scalar>
    var record: CompletionStatistics
    /// Σ_t w·k.
    var divergence = 0.0

    var configuration: ObjectiveConfiguration { terms.configuration }

    init(
        _ completion: TrainingCompletion, inputs: TokenInputs<Scalar>, terms: LossTerms<Scalar>
    ) {
        self.completion = completion
        self.inputs = inputs
        self.terms = terms
        gradients = TokenGradients(count: completion.tokenCount, terms.configuration)
        record = CompletionStatistics(id: completion.id, tokenCount: 0)
    }

    mutating func evaluate() throws(ObjectiveError) {
        let tokens = try TokenSelection(completion, inputs: inputs, terms: terms).tokens()
        record = CompletionStatistics(id: completion.id, tokenCount: tokens.count)
        guard !tokens.isEmpty else { return }
        let weights = TokenWeights(completion.id, count: tokens.count, terms)
        let ratio = CompletionRatio(tokens, terms)
        addSurrogates(tokens, ratio, weights)
        addSamplerPenalty(tokens, weights)
        addDivergence(tokens, ratio, weights)
        addEntropy(tokens, weights)
        addValues(tokens)
        observe(tokens)
        record.addLoss(beta: Double(terms.beta), divergence: divergence)
        guard record.loss.isFinite, gradients.isFinite else {
            throw .nonFiniteLoss(completion.id)
        }
    }

    /// kl_tau·(ℓ − ℓ_behavior)² for each token; its derivative is 2·kl_tau·(ℓ − ℓ_behavior).
    private mutating func addSamplerPenalty(
        _ tokens: [SelectedToken<Scalar>], _ weights: TokenWeights<Scalar>
    ) {
        guard configuration.klTau != 0 else { return }
        let scale = weights.token * Scalar(configuration.klTau)
        for token in tokens {
            let difference = token.logprob - token.behavior
            gradients.logprobs[token.index] += scale * 2 * difference
            record.samplerLoss += Double(scale * difference * difference)
        }
    }

    /// −entropy_coef·H, a mean of its own over tokens.
    private mutating func addEntropy(
        _ tokens: [SelectedToken<Scalar>], _ weights: TokenWeights<Scalar>
    ) {
        guard configuration.entropyCoef != 0 else { return }
        for token in tokens where token.isOfHighEntropy {
            gradients.entropies[token.index] -= weights.entropy
            record.entropyLoss -= Double(weights.entropy * inputs.entropies[token.index])
        }
    }

    /// vf_coef·½(V − R)², a mean of its own over tokens.
    private mutating func addValues(_ tokens: [SelectedToken<Scalar>]) {
        guard configuration.vfCoef != 0 else { return }
        let scale = Scalar(configuration.vfCoef * terms.denominators.valueScale)
        let target = Scalar(completion.reward)
        for token in tokens {
            let difference = inputs.values[token.index] - target
            gradients.values[token.index] += scale * difference
            record.valueLoss += Double(scale * difference * difference / 2)
        }
    }

    /// What is only reported.
    private mutating func observe(_ tokens: [SelectedToken<Scalar>]) {
        if terms.correction.isActive {
            // A weight of the whole sequence is one observation.
            for token in terms.correction.isShared ? tokens.prefix(1) : tokens[...] {
                record.observeImportance(Double(token.weight), isRejected: token.isRejected)
            }
        }
        for token in tokens {
            record.observe(samplingDifference: Double(token.logprob - token.behavior))
            if !inputs.entropies.isEmpty {
                record.entropy = (record.entropy ?? 0) + Double(inputs.entropies[token.index])
            }
            if !inputs.values.isEmpty {
                record.observe(
                    value: Double(inputs.values[token.index]), target: completion.reward)
            }
        }
    }
}

/// What each token's terms are multiplied by, in units of the policy term's denominator.
struct TokenWeights<Scalar: ObjectiveScalar> {
    /// Of a token's terms.
    let token: Scalar
    /// Of a term of the whole completion.
    let completion: Scalar
    /// Of a token's entropy, its coefficient included.
    let entropy: Scalar

    init(_ id: CompletionID, count: Int, _ terms: LossTerms<Scalar>) {
        let denominators = terms.denominators
        token = Scalar(denominators.tokenWeight(id, tokens: count))
        completion = Scalar(denominators.completionWeight(id, tokens: count))
        entropy = Scalar(
            terms.configuration.entropyCoef * denominators.entropyScale
                * denominators.entropyWeight(id))
    }
}
