/// A surrogate at one ratio, to be maximised.
struct SurrogateTerm<Scalar: ObjectiveScalar> {
    var value: Scalar
    /// ∂value/∂log-ratio.
    var gradient: Scalar
    var isClippedLow = false
    var isClippedHigh = false
    var isCapped = false

    init(value: Scalar, gradient: Scalar) {
        self.value = value
        self.gradient = gradient
    }

    init(_ clipped: ClippedSurrogate<Scalar>) {
        self.init(value: clipped.value, gradient: clipped.gradient)
        isClippedLow = clipped.isClippedLow
        isClippedHigh = clipped.isClippedHigh
        isCapped = clipped.isCapped
    }
}

/// A surrogate's numbers in the scalar of the evaluation, made once per objective.
struct SurrogateRule<Scalar: ObjectiveScalar>: Sendable {
    let surrogate: Surrogate
    let bounds: ClipBounds<Scalar>
    private let epsilonHigh: Scalar
    private let epsilonLow: Scalar
    private let sapo: SAPOTemperatures
    private let vespo: VESPOShape

    init(_ configuration: ObjectiveConfiguration) {
        surrogate = configuration.effectiveSurrogate
        bounds = configuration.bounds()
        epsilonLow = Scalar(configuration.epsilon)
        epsilonHigh = Scalar(configuration.epsilonHigh ?? configuration.epsilon)
        sapo = configuration.sapo
        vespo = configuration.vespo
    }

    /// Surrogates that the ratio alone decides. For `probability` the log-ratio is ℓ itself.
    func term(_ logRatio: ClampedDifference<Scalar>, advantage: Scalar) -> SurrogateTerm<Scalar> {
        switch surrogate {
        case .clip: SurrogateTerm(ClippedSurrogate(logRatio, advantage: advantage, bounds: bounds))
        case .sapo: softTerm(logRatio, advantage: advantage)
        case .unclipped, .probability, .dppo: plainTerm(logRatio, advantage: advantage)
        case .cispoRaw, .cispoDelta, .vespo:
            preconditionFailure("\(surrogate) weighs ℓ; it has no term of the ratio")
        }
    }

    private func plainTerm(
        _ logRatio: ClampedDifference<Scalar>, advantage: Scalar
    ) -> SurrogateTerm<Scalar> {
        let value = Scalar.exponential(logRatio.value) * advantage
        return SurrogateTerm(value: value, gradient: logRatio.isInside ? value : 0)
    }

    /// With σ = sigmoid(τ(ρ − 1)): value (4/τ)σA, derivative by the log-ratio 4σ(1 − σ)ρA.
    private func softTerm(
        _ logRatio: ClampedDifference<Scalar>, advantage: Scalar
    ) -> SurrogateTerm<Scalar> {
        let ratio = Scalar.exponential(logRatio.value)
        let temperature = Scalar(advantage > 0 ? sapo.positive : sapo.negative)
        let gate = 1 / (1 + Scalar.exponential(-temperature * (ratio - 1)))
        let slope = 4 * gate * (1 - gate) * ratio * advantage
        return SurrogateTerm(
            value: gate * 4 / temperature * advantage, gradient: logRatio.isInside ? slope : 0)
    }

    /// `dppo`: the token's probabilities under the current and the behaviour policy.
    func maskedTerm(
        _ logRatio: ClampedDifference<Scalar>, advantage: Scalar, logprob: Scalar, behavior: Scalar
    ) -> SurrogateTerm<Scalar> {
        let move = Scalar.exponential(logprob) - Scalar.exponential(behavior)
        let isHigh = advantage > 0 && move > epsilonHigh
        let isLow = advantage <= 0 && move < -epsilonLow
        var term =
            isHigh || isLow
            ? SurrogateTerm<Scalar>(value: 0, gradient: 0)
            : plainTerm(logRatio, advantage: advantage)
        term.isClippedHigh = isHigh
        term.isClippedLow = isLow
        return term
    }

    /// Surrogates that weigh A·ℓ: the weight, and whether the ratio was bounded.
    func weight(
        ratio: Scalar, advantage: Scalar
    ) -> (value: Scalar, isClippedLow: Bool, isClippedHigh: Bool) {
        switch surrogate {
        case .cispoRaw: (min(ratio, epsilonHigh), false, ratio > epsilonHigh && advantage > 0)
        case .cispoDelta:
            (
                min(max(ratio, bounds.low), bounds.high), ratio < bounds.low && advantage < 0,
                ratio > bounds.high && advantage > 0
            )
        default: preconditionFailure("\(surrogate) does not weigh ℓ by its ratio")
        }
    }

    /// φ of VESPO from ln w, the completion's whole log-ratio: e^(λ + k ln w − λw).
    func gammaWeight(logWeight: Scalar, advantage: Scalar) -> Scalar {
        let lower = Scalar(VESPOShape.lowestLogWeight)
        let logWeight = min(max(logWeight, lower), 20)
        let k = Scalar(advantage >= 0 ? vespo.positiveK : vespo.negativeK)
        let lambda = max(
            Scalar(advantage >= 0 ? vespo.positiveLambda : vespo.negativeLambda), 1e-4)
        let weight = Scalar.exponential(
            lambda + k * logWeight - lambda * Scalar.exponential(logWeight))
        return weight.isFinite ? weight : 0
    }
}

/// `sapo_temperature_pos`, `sapo_temperature_neg`; TRL's defaults.
public struct SAPOTemperatures: Hashable, Sendable, Codable {
    public var positive = 1.0
    public var negative = 1.05

    public init() {}
}

/// `vespo_k_pos`, `vespo_lambda_pos`, `vespo_k_neg`, `vespo_lambda_neg`; TRL's defaults.
public struct VESPOShape: Hashable, Sendable, Codable {
    public var positiveK = 2.0
    public var positiveLambda = 3.0
    public var negativeK = 3.0
    public var negativeLambda = 2.0

    /// ln 1e-8.
    static let lowestLogWeight = -18.420680743952367

    public init() {}
}
