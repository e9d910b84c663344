/// The loss terms of one completion, before the normaliser.
struct CompletionLoss {
    private let completion: TrainingCompletion
    private let logprobs: ArraySlice<Double>
    private let entropies: ArraySlice<Float>?
    private let configuration: ObjectiveConfiguration
    private let bounds: ClipBounds

    init(
        _ completion: TrainingCompletion, logprobs: ArraySlice<Double>,
        entropies: ArraySlice<Float>?, configuration: ObjectiveConfiguration, bounds: ClipBounds
    ) {
        self.completion = completion
        self.logprobs = logprobs
        self.entropies = entropies
        self.configuration = configuration
        self.bounds = bounds
    }

    /// The un-normalised gradient, (tokens), and what to remember of the completion.
    func evaluate() throws(ObjectiveError) -> ([Double], CompletionStatistics) {
        try requireCounts()
        let tokens = try selectedTokens()
        var gradient = [Double](repeating: 0, count: completion.tokenCount)
        var record = CompletionStatistics(id: completion.id, tokenCount: tokens.count)
        guard !tokens.isEmpty else { return (gradient, record) }
        switch configuration.importanceSamplingLevel {
        case .token: addTokenSurrogates(tokens, to: &gradient, record: &record)
        case .completion: addCompletionSurrogate(tokens, to: &gradient, record: &record)
        }
        addDivergence(tokens, to: &gradient, record: &record)
        guard record.loss.isFinite, gradient.allSatisfy(\.isFinite) else {
            throw .nonFiniteLoss(completion.id)
        }
        return (gradient, record)
    }

    /// −min(ρA, clip(ρ)·A) for each token.
    private func addTokenSurrogates(
        _ tokens: [SelectedToken], to gradient: inout [Double], record: inout CompletionStatistics
    ) {
        for token in tokens {
            let surrogate = ClippedSurrogate(
                logRatio: token.logRatio, advantage: completion.advantage, bounds: bounds)
            gradient[token.index] -= surrogate.gradient
            record.policyLoss -= surrogate.value
            record.observe(surrogate)
        }
    }

    /// −min(RA, clip(R)·A) once for the completion. ∂ΣlogRatio/∂ℓ_t is 1, so every token gets the same
    /// gradient. A mean over tokens counts the term once per token, as TRL does for sequence ratios.
    private func addCompletionSurrogate(
        _ tokens: [SelectedToken], to gradient: inout [Double], record: inout CompletionStatistics
    ) {
        let weight =
            switch configuration.lossType {
            case .dapo: Double(tokens.count)
            case .original: 1.0
            }
        let surrogate = ClippedSurrogate(
            logRatio: tokens.reduce(0) { $0 + $1.logRatio },
            advantage: completion.advantage, bounds: bounds)
        for token in tokens { gradient[token.index] -= weight * surrogate.gradient }
        record.policyLoss -= weight * surrogate.value
        record.observe(surrogate)
    }

    /// β·k3 for each token; and what is only reported.
    private func addDivergence(
        _ tokens: [SelectedToken], to gradient: inout [Double], record: inout CompletionStatistics
    ) {
        for token in tokens {
            record.observe(logprobDifference: abs(token.logRatio))
            if let referenceDifference = token.referenceDifference {
                let k3 = KLEstimator.k3
                gradient[token.index] += configuration.beta * k3.gradient(referenceDifference)
                record.kl += k3.value(referenceDifference)
            }
            if let entropy = token.entropy { record.entropy = (record.entropy ?? 0) + entropy }
        }
        record.loss = record.policyLoss + configuration.beta * record.kl
    }
}

/// A token that counts, its numbers checked to be finite.
private struct SelectedToken {
    let index: Int
    /// ℓ − ℓ_behavior.
    let logRatio: Double
    /// x = ℓ_ref − ℓ; `nil` where β = 0.
    let referenceDifference: Double?
    let entropy: Double?
}

extension CompletionLoss {
    private func requireCounts() throws(ObjectiveError) {
        let expected = completion.tokenCount
        let reference = completion.referenceLogprobs.count
        guard configuration.beta == 0 || reference == expected else {
            throw .wrongCount(
                completion.id, .referenceLogprobs, count: reference, expected: expected)
        }
        if let mask = completion.lossMask, mask.count != expected {
            throw .wrongCount(completion.id, .lossMask, count: mask.count, expected: expected)
        }
        guard completion.advantage.isFinite else {
            throw .nonFiniteAdvantage(completion.id, completion.advantage)
        }
    }

    private func selectedTokens() throws(ObjectiveError) -> [SelectedToken] {
        var result: [SelectedToken] = []
        result.reserveCapacity(completion.tokenCount)
        for index in 0..<completion.tokenCount where completion.lossMask?[index] ?? true {
            result.append(try selectedToken(index))
        }
        return result
    }

    private func selectedToken(_ index: Int) throws(ObjectiveError) -> SelectedToken {
        let logprob = logprobs[logprobs.startIndex + index]
        let behavior = Double(completion.behaviorLogprobs[index])
        try requireFinite(logprob, .logprobs, token: index)
        try requireFinite(behavior, .behaviorLogprobs, token: index)
        var difference: Double?
        if configuration.beta != 0 {
            let reference = Double(completion.referenceLogprobs[index])
            try requireFinite(reference, .referenceLogprobs, token: index)
            difference = reference - logprob
        }
        let entropy = entropies.map { Double($0[$0.startIndex + index]) }
        if let entropy { try requireFinite(entropy, .entropies, token: index) }
        return SelectedToken(
            index: index, logRatio: logprob - behavior, referenceDifference: difference,
            entropy: entropy)
    }

    private func requireFinite(
        _ value: Double, _ quantity: ObjectiveError.Quantity, token: Int
    ) throws(ObjectiveError) {
        guard value.isFinite else {
            throw .nonFinite(completion.id, quantity, token: token, value: value)
        }
    }
}
