extension StepExtent {
    /// Sets the threshold of `top_entropy_quantile` from the entropies of the step's tokens, (completions) of
    /// (tokens): the quantile 1 − share of the tokens that count, between neighbours by their distance, as
    /// torch and numpy have it.
    public mutating func selectHighEntropy(
        _ completions: [TrainingCompletion], entropies: [[Double]],
        configuration: ObjectiveConfiguration
    ) {
        guard configuration.topEntropyQuantile < 1 else { return }
        let counter = TokenCounter(configuration)
        var known: [Double] = []
        for (completion, values) in zip(completions, entropies) {
            known += counter.selected(completion).map { values[$0] }
        }
        known.sort()
        guard let last = known.last else {
            entropyThreshold = .infinity
            highEntropyTokens = 0
            return
        }
        let place = (1 - configuration.topEntropyQuantile) * Double(known.count - 1)
        let below = Int(place)
        let above = below + 1 < known.count ? known[below + 1] : last
        let threshold = known[below] + (above - known[below]) * (place - Double(below))
        entropyThreshold = threshold
        highEntropyTokens = known.count { $0 >= threshold }
    }
}
