import GRPO
import Testing

/// One term of the loss, alone.
struct LossTerm: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout ObjectiveConfiguration) -> Void
    /// Which list the term is differentiated by.
    var list: any WritableKeyPath<TokenInputs<Double>, [Double]> & Sendable = \.logprobs
    var hasAdvantages = false

    init(
        _ name: String, list: any WritableKeyPath<TokenInputs<Double>, [Double]> & Sendable = \.logprobs,
        hasAdvantages: Bool = false, _ change: @escaping @Sendable (inout ObjectiveConfiguration) -> Void
    ) {
        testDescription = name
        self.list = list
        self.hasAdvantages = hasAdvantages
        self.change = change
    }
}

@Suite struct TermGradientTests {
    private static let terms: [LossTerm] =
        KLEstimator.allCases.filter { ![.full, .k1Plus, .k3Plus].contains($0) }.map { estimator in
            LossTerm("KL by \(estimator)") { ($0.beta, $0.klEstimator) = (0.7, estimator) }
        } + ImportanceSamplingLevel.allCases.filter { $0 != .sequenceToken }.map { level in
            LossTerm("ρ·k3 at the level \(level)") {
                ($0.beta, $0.useBiasCorrectionKL) = (0.7, true)
                $0.importanceSamplingLevel = level
            }
        } + [
            LossTerm("KL of the sequence") { ($0.beta, $0.klLevel) = (0.7, .sequence) },
            LossTerm("R·k3 of the sequence") {
                ($0.beta, $0.klLevel, $0.useBiasCorrectionKL) = (0.7, .sequence, true)
                $0.importanceSamplingLevel = .sequenceProduct
            },
            LossTerm("exact KL", list: \.divergences) { ($0.beta, $0.klEstimator) = (0.7, .full) },
            LossTerm("exact KL with ρ") {
                ($0.beta, $0.klEstimator, $0.useBiasCorrectionKL) = (0.7, .full, true)
            },
            LossTerm("squared log-ratio to the sampler") { $0.klTau = 0.3 },
            LossTerm("entropy", list: \.entropies) { $0.entropyCoef = 0.2 },
            LossTerm("value", list: \.values) { $0.vfCoef = 0.4 },
        ] + [Surrogate.clip, .unclipped, .probability, .dppo, .sapo].map { (surrogate: Surrogate) in
            LossTerm("policy by \(surrogate.rawValue)", hasAdvantages: true) { $0.surrogate = surrogate }
        }

    private func step(_ term: LossTerm) -> (RandomStep, TokenInputs<Double>) {
        var step = RandomStep(lengths: [3, 1, 5, 2, 4, 3], spread: 0.3, seed: 21)
        var random = CounterRandom(seed: 22, stream: 0)
        func numbers() -> [Double] {
            step.logprobs.map { _ in Double.random(in: 0.1...1, using: &random) }
        }
        let inputs = TokenInputs(
            logprobs: step.logprobs, entropies: numbers(), divergences: numbers(), values: numbers())
        for index in step.completions.indices {
            step.completions[index].reward = Double(index % 2)
            if !term.hasAdvantages { step.completions[index].advantage = 0 }
        }
        return (step, inputs)
    }

    @Test("Each term alone has an effect, and its gradient is that of its value", arguments: terms)
    func gradient(term: LossTerm) throws {
        let (step, inputs) = step(term)
        for lossType in [LossType.dapo, .grpo, .bnpo, .original, .seqMeanTokenMean] {
            var configuration = ObjectiveConfiguration(beta: 0, lossType: lossType)
            if lossType == .bnpo { configuration.perDeviceTrainBatchSize = 2 }
            term.change(&configuration)
            let objective = try step.objective(configuration)
            let exact = try objective.evaluate(step.completions[...], inputs).gradients
            let gradient = [
                \TokenInputs<Double>.logprobs: exact.logprobs, \.entropies: exact.entropies,
                \.divergences: exact.divergences, \.values: exact.values,
            ][term.list]!
            #expect(gradient.count == step.logprobs.count && gradient.contains { $0 != 0 })
            for token in gradient.indices {
                func loss(_ shift: Double) throws -> Double {
                    var moved = inputs
                    moved[keyPath: term.list][token] += shift
                    return try objective.evaluate(step.completions[...], moved).statistics.loss
                }
                let numeric = (try loss(1e-5) - loss(-1e-5)) / 2e-5
                #expect(isClose(numeric, gradient[token], tolerance: 1e-6, scale: 1e-3))
            }
        }
    }

    @Test(
        "Detached weights leave −weight·A·∇ℓ: the gradient of the loss with the weights held",
        arguments: [Surrogate.cispoRaw, .cispoDelta, .vespo])
    func detached(surrogate: Surrogate) throws {
        let step = RandomStep(lengths: [3, 1, 5, 2], spread: 0.3, seed: 23)
        var configuration = ObjectiveConfiguration(epsilonHigh: 1.1, beta: 0)
        configuration.surrogate = surrogate
        let result = try step.evaluate(configuration)
        // L = Σ g·ℓ with the weights held.
        let linear = zip(result.gradient, step.logprobs).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(isClose(linear, result.statistics.loss, tolerance: 1e-12))
        #expect(result.gradient.allSatisfy { $0 != 0 })
    }

    @Test("A value that is masked out, NaN or infinite, changes no gradient of any list")
    func masked() throws {
        var configuration = ObjectiveConfiguration(beta: 0.5)
        configuration.klEstimator = .full
        configuration.entropyCoef = 0.1
        configuration.vfCoef = 0.1
        configuration.importanceSamplingCorrection = .sequenceTruncate
        var completion = TrainingCompletion(
            id: completionID(0, 0), advantage: 1, behaviorLogprobs: [-1, .nan, -2],
            lossMask: [true, false, true])
        completion.proximalLogprobs = [-1.1, .infinity, -1.9]
        let objective = try Objective(
            configuration: configuration, step: StepExtent(prompts: 1, lossTokens: 2))
        func result(_ hidden: Double) throws -> TokenGradients<Double> {
            let list = [0.5, hidden, 0.25]
            return try objective.evaluate(
                [completion],
                TokenInputs(
                    logprobs: [-1, hidden, -2], entropies: list, divergences: list, values: list)
            ).gradients
        }
        let clean = try result(0)
        for hidden in [Double.nan, .infinity, -.infinity] { #expect(try result(hidden) == clean) }
        #expect(clean.values[1] == 0 && clean.values[0] != 0)
    }
}
