/// A token that counts, its numbers checked to be finite.
struct SelectedToken<Scalar: ObjectiveScalar> {
    let index: Int
    /// ℓ.
    let logprob: Scalar
    /// ℓ_behavior.
    let behavior: Scalar
    /// ℓ − ℓ_old, of the ratio.
    let logRatio: Scalar
    /// x = ℓ_ref − ℓ; `nil` where no KL term reads it.
    let referenceDifference: Scalar?
    let advantage: Scalar
    /// The off-policy weight c.
    var weight: Scalar = 1
    var isRejected = false
    /// Whether its entropy is among the highest, where only those learn.
    var isOfHighEntropy = true
}

/// Reads one completion's numbers at the tokens that count.
struct TokenSelection<Scalar: ObjectiveScalar> {
    let completion: TrainingCompletion
    let inputs: TokenInputs<Scalar>
    let terms: LossTerms<Scalar>
    private var configuration: ObjectiveConfiguration { terms.configuration }

    init(
        _ completion: TrainingCompletion, inputs: TokenInputs<Scalar>, terms: LossTerms<Scalar>
    ) {
        self.completion = completion
        self.inputs = inputs
        self.terms = terms
    }

    func tokens() throws(ObjectiveError) -> [SelectedToken<Scalar>] {
        try requireCounts()
        guard !configuration.excludes(completion) else { return [] }
        let unmasked = completion.unmaskedTokens
        var result: [SelectedToken<Scalar>] = []
        result.reserveCapacity(unmasked.count)
        for index in unmasked { result.append(try token(index)) }
        if let threshold = terms.denominators.entropyThreshold {
            for place in result.indices {
                result[place].isOfHighEntropy =
                    Double(inputs.entropies[result[place].index]) >= threshold
            }
        }
        guard terms.correction.isActive else { return result }
        for (place, weight) in terms.correction.weights(completion, tokens: unmasked).enumerated() {
            result[place].weight = weight.value
            result[place].isRejected = weight.isRejected
        }
        guard configuration.rejectedTokens == .drop else { return result }
        let kept = Set(terms.counter.selected(completion))
        return result.filter { kept.contains($0.index) }
    }

    private func requireCounts() throws(ObjectiveError) {
        let lists: [(ObjectiveError.Quantity, Int, isNeeded: Bool)] = [
            (
                .referenceLogprobs, completion.referenceLogprobs.count,
                configuration.needsReferenceLogprobs
            ),
            (.proximalLogprobs, completion.proximalLogprobs.count, false),
            (.advantages, completion.tokenAdvantages.count, false),
        ]
        let expected = completion.tokenCount
        for (quantity, count, isNeeded) in lists
        where count != expected && (isNeeded || count != 0) {
            throw .wrongCount(completion.id, quantity, count: count, expected: expected)
        }
        if let mask = completion.lossMask, mask.count != expected {
            throw .wrongCount(completion.id, .lossMask, count: mask.count, expected: expected)
        }
        guard completion.advantage.isFinite else {
            throw .nonFiniteAdvantage(completion.id, completion.advantage)
        }
        guard configuration.vfCoef == 0 || completion.reward.isFinite else {
            throw .nonFiniteReward(completion.id, completion.reward)
        }
        let level = configuration.importanceSamplingLevel
        guard completion.tokenAdvantages.isEmpty || !level.isShared else {
            throw .tokenAdvantages(completion.id, level)
        }
    }

    private func token(_ index: Int) throws(ObjectiveError) -> SelectedToken<Scalar> {
        let logprob = inputs.logprobs[index]
        try requireFinite(Double(logprob), .logprobs, token: index)
        let behavior = try finite(completion.behaviorLogprobs, .behaviorLogprobs, index)
        let hasProximal =
            !completion.proximalLogprobs.isEmpty && configuration.effectiveSurrogate != .dppo
        let old =
            hasProximal
            ? try finite(completion.proximalLogprobs, .proximalLogprobs, index) : behavior
        let reference =
            configuration.needsReferenceLogprobs
            ? try finite(completion.referenceLogprobs, .referenceLogprobs, index) : nil
        let advantage =
            completion.tokenAdvantages.isEmpty
            ? Scalar(completion.advantage)
            : try finite(completion.tokenAdvantages, .advantages, index)
        for (quantity, list) in inputs.lists.dropFirst() where !list.isEmpty {
            try requireFinite(Double(list[index]), quantity, token: index)
        }
        return SelectedToken(
            index: index, logprob: logprob, behavior: behavior, logRatio: logprob - old,
            referenceDifference: reference.map { $0 - logprob }, advantage: advantage)
    }

    private func finite(
        _ list: [Double], _ quantity: ObjectiveError.Quantity, _ index: Int
    ) throws(ObjectiveError) -> Scalar {
        try requireFinite(list[index], quantity, token: index)
        return Scalar(list[index])
    }

    private func requireFinite(
        _ value: Double, _ quantity: ObjectiveError.Quantity, token: Int
    ) throws(ObjectiveError) {
        guard value.isFinite else {
            throw .nonFinite(completion.id, quantity, token: token, value: value)
        }
    }
}
