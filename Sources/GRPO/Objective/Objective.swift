/// The loss of an optimiser step, to be minimised, and its closed-form gradient by each token's
/// log-probability (and entropy, exact divergence and value, where the loss has such terms).
///
/// Default (`loss_type` "dapo"), with ρ = exp(ℓ − ℓ_old), x = ℓ_ref − ℓ, M the tokens that count:
///
///     L = (1/ΣM) Σ M · [ −min(ρA, clip(ρ, 1 − ε, 1 + ε_high)·A) + β·(expm1(x) − x) ]
///     ∂L/∂ℓ = (1/ΣM) · ( −ρA·1[unclipped] − β·expm1(x) )
///
/// `original`, over P prompts, with R = exp(Σ_t (ℓ_t − ℓ_old,t)):
///
///     L = −(1/P) Σ_p Σ_i [ min(R_i A_i, clip(R_i, 1 − ε, 1 + ε_high)·A_i) − β·Σ_t k3_it ]
///     ∂L/∂ℓ_it = −(1/P) · ( R_i A_i·1[unclipped] + β·expm1(x_it) )
///
/// In general, with token weights w and denominators N by `LossType`, surrogate J by `Surrogate`, off-policy
/// weight c by `ImportanceSamplingCorrection`, KL estimate k by `KLEstimator`:
///
///     L = Σ w (−c·J + kl_tau·(ℓ − ℓ_behavior)²) / N + β Σ w k / N_kl − entropy_coef · mean H
///         + vf_coef · mean ½(V − R)²
///
/// The denominators belong to the whole optimiser step and are fixed in advance, so any range of its
/// completions is evaluated by itself, and no split changes a bit of the gradient.
///
/// Deviations of the default from DeepSeekMath (arXiv 2402.03300, equations 3–4):
/// 1. Aggregation is the mean over all tokens of the step (DAPO, arXiv 2503.14476), not the mean over
///    completions of each one's mean. `original` sums over the group instead of dividing by G.
/// 2. The standard deviation is unbiased (÷ G − 1) and gets + 1e-6 (not in `original`); equal rewards give
///    exactly 0.
/// 3. Log-ratios and x are clamped to ±20 nats before exp, with gradient 0 outside.
/// 4. A tie at the clip's edge takes the unclipped branch.
/// 5. k3 is `expm1(x) − x`: the direct form is negative for small x. As a loss it has the gradient of the
///    forward KL(π_ref‖π_θ), not of KL(π_θ‖π_ref).
/// 6. Completions of constant groups stay in the denominator.
/// 7. Ratios always come from stored log-probabilities (the sampler's, or the learner's own where they were
///    recomputed at the start of the batch), also in the first inner pass.
public struct Objective: Sendable {
    public let configuration: ObjectiveConfiguration
    /// What the sum of all terms is divided by: ΣM by default, P for `original`.
    public var normalizer: Double { denominators.policy }
    private let denominators: Denominators

    /// `step`: what the whole optimiser step holds. Throws `ObjectiveError.badParameter` and
    /// `.badCombination`.
    public init(
        configuration: ObjectiveConfiguration, step: StepExtent
    ) throws(ObjectiveError) {
        try configuration.validate()
        guard configuration.topEntropyQuantile == 1 || step.entropyThreshold != nil else {
            throw .badCombination("top_entropy_quantile needs the step's entropies before its first block")
        }
        self.configuration = configuration
        denominators = Denominators(configuration, extent: step)
    }

    /// Loss terms and gradients of any consecutive completions of the step.
    ///
    /// Throws `ObjectiveError`, with the completion's id where there is one.
    public func evaluate(
        _ completions: ArraySlice<TrainingCompletion>, _ inputs: TokenInputs<Double>
    ) throws(ObjectiveError) -> ObjectiveEvaluation<Double> {
        try evaluation(completions, inputs)
    }

    /// The same in float32, which shows what that would cost.
    public func evaluate(
        _ completions: ArraySlice<TrainingCompletion>, _ inputs: TokenInputs<Float>
    ) throws(ObjectiveError) -> ObjectiveEvaluation<Float> {
        try evaluation(completions, inputs)
    }

    // Generic code is slow where another module calls it, so only these two are for others.
    func evaluation<Scalar>(
        _ completions: ArraySlice<TrainingCompletion>, _ inputs: TokenInputs<Scalar>
    ) throws(ObjectiveError) -> ObjectiveEvaluation<Scalar> {
        try requireTotals(completions, inputs)
        let terms = LossTerms<Scalar>(configuration, denominators)
        var gradients = TokenGradients<Scalar>(count: 0, configuration)
        var statistics = ObjectiveStatistics(
            normalizer: normalizer, beta: configuration.lossBeta, klName: configuration.klEstimator)
        var start = 0
        for completion in completions {
            let range = start..<start + completion.tokenCount
            var loss = CompletionLoss(completion, inputs: inputs.slice(range), terms: terms)
            try loss.evaluate()
            gradients.append(loss.gradients, dividedBy: Scalar(normalizer))
            statistics.append(loss.record)
            start = range.upperBound
        }
        return ObjectiveEvaluation(gradients: gradients, statistics: statistics)
    }

    /// The same from log-probabilities in float64. `entropies`: of the same tokens; empty: not known.
    public func evaluate(
        _ completions: ArraySlice<TrainingCompletion>, logprobs: [Double], entropies: [Float] = []
    ) throws(ObjectiveError) -> ObjectiveEvaluation<Double> {
        try evaluate(
            completions,
            TokenInputs(logprobs: logprobs, entropies: entropies.map { Double($0) }))
    }

    /// The same for log-probabilities as a forward pass gives them; computed in float64.
    public func evaluate(
        _ completions: ArraySlice<TrainingCompletion>, logprobs: [Float], entropies: [Float] = []
    ) throws(ObjectiveError) -> ObjectiveEvaluation<Double> {
        try evaluate(completions, logprobs: logprobs.map { Double($0) }, entropies: entropies)
    }

    private func requireTotals<Scalar>(
        _ completions: ArraySlice<TrainingCompletion>, _ inputs: TokenInputs<Scalar>
    ) throws(ObjectiveError) {
        let expected = completions.reduce(0) { $0 + $1.tokenCount }
        let needed: [ObjectiveError.Quantity: Bool] = [
            .logprobs: true,
            .entropies: configuration.entropyCoef != 0 || configuration.topEntropyQuantile < 1,
            .divergences: configuration.needsDivergences, .values: configuration.vfCoef != 0,
        ]
        for (quantity, list) in inputs.lists
        where list.count != expected && (needed[quantity] == true || !list.isEmpty) {
            throw .wrongTotal(quantity, count: list.count, expected: expected)
        }
    }
}

/// What all completions of a step share, in the scalar of the evaluation.
struct LossTerms<Scalar: ObjectiveScalar>: Sendable {
    let configuration: ObjectiveConfiguration
    let denominators: Denominators
    let surrogate: SurrogateRule<Scalar>
    let divergence: DivergenceRule<Scalar>
    let correction: ImportanceCorrection<Scalar>
    let counter: TokenCounter
    let logRatioLimit: Scalar
    /// β in units of the policy term's denominator.
    let beta: Scalar

    init(_ configuration: ObjectiveConfiguration, _ denominators: Denominators) {
        self.configuration = configuration
        self.denominators = denominators
        surrogate = SurrogateRule(configuration)
        divergence = DivergenceRule(configuration)
        correction = ImportanceCorrection(configuration)
        counter = TokenCounter(configuration)
        logRatioLimit = Scalar(LogClamp.limit(configuration.logRatioClamp))
        beta = Scalar(configuration.lossBeta * denominators.divergenceScale)
    }
}
