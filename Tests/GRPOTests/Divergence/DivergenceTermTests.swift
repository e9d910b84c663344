import Foundation
import GRPO
import Testing

@Suite struct DivergenceTermTests {
    /// ∂L/∂ℓ and L of one completion with advantage 0 and β = 1.
    private func term(
        _ x: [Double], logRatio: [Double]? = nil, divergences: [Double] = [],
        _ change: (inout ObjectiveConfiguration) -> Void = { _ in }
    ) throws -> ObjectiveEvaluation<Double> {
        var configuration = ObjectiveConfiguration(beta: 1)
        change(&configuration)
        let logprobs = x.map { _ in -1.0 }
        let ratios = logRatio ?? x.map { _ in 0 }
        let completion = TrainingCompletion(
            id: completionID(0, 0), advantage: 0,
            behaviorLogprobs: ratios.map { -1 - $0 }, referenceLogprobs: x.map { -1 + $0 })
        let objective = try Objective(
            configuration: configuration, step: StepExtent(prompts: 1, lossTokens: 1))
        return try objective.evaluate(
            [completion], TokenInputs(logprobs: logprobs, divergences: divergences))
    }

    @Test("The estimators at x = 0.1")
    func worked() throws {
        let expected: [(KLEstimator, Double, Double)] = [
            (.k1, -0.1, 1), (.k2, 0.005, -0.1), (.k3, 0.005170918, -0.105170918),
            (.k3Direct, 0.005170918, -0.105170918), (.lowVar, 0.005170918, -0.105170918),
            (.abs, 0.1, -1), (.k1Plus, -0.1, -0.1), (.k3Plus, 0.005170918, -0.1),
        ]
        for (estimator, value, gradient) in expected {
            let result = try term([0.1]) { $0.klEstimator = estimator }
            #expect(abs(result.statistics.loss - value) < 5e-10)
            #expect(abs(result.gradient[0] - gradient) < 5e-10)
            #expect(result.statistics.klName == estimator)
        }
    }

    @Test("verl's low-variance form is clamped at 10, with no gradient beyond")
    func lowVariance() throws {
        let result = try term([5, 19, 25]) { $0.klEstimator = .lowVar }
        #expect(result.statistics.completions[0].kl == 30)
        #expect(result.gradient == [0, 0, 0])
    }

    @Test("ρ·k3 is differentiated through ρ: at ρ = 1 its derivative is −x")
    func biasCorrection() throws {
        let plain = try term([0.3, -0.2])
        let corrected = try term([0.3, -0.2]) { $0.useBiasCorrectionKL = true }
        #expect(isClose(corrected.statistics.loss, plain.statistics.loss))
        for (value, x) in zip(corrected.gradient, [0.3, -0.2]) { #expect(isClose(value, -x)) }
        let weighted = try term([0.3], logRatio: [0.5]) { $0.useBiasCorrectionKL = true }
        #expect(isClose(weighted.gradient[0], -exp(0.5) * 0.3))
    }

    @Test("The exact divergence comes in, and its coefficient goes out")
    func full() throws {
        let result = try term([9, 9], divergences: [0.25, 0.5]) { $0.klEstimator = .full }
        #expect(result.statistics.loss == 0.75 && result.gradient == [0, 0])
        #expect(result.gradients.divergences == [1, 1])
        let corrected = try term([9], logRatio: [log(2)], divergences: [0.25]) {
            $0.klEstimator = .full
            $0.useBiasCorrectionKL = true
        }
        #expect(isClose(corrected.gradients.divergences[0], 2))
        #expect(isClose(corrected.gradient[0], 0.5))
        #expect(throws: ObjectiveError.wrongTotal(.divergences, count: 0, expected: 1)) {
            try term([0]) { $0.klEstimator = .full }
        }
    }

    @Test("At the level of the sequence the whole log-ratio is estimated once")
    func sequence() throws {
        let result = try term([0.1, 0.3]) { $0.klLevel = .sequence }
        #expect(isClose(result.statistics.loss, exp(0.4) - 0.4 - 1, tolerance: 1e-14))
        #expect(result.gradient.allSatisfy { isClose($0, 1 - exp(0.4), tolerance: 1e-14) })
    }

    @Test("In the reward, the KL term is no part of the loss and reads no reference")
    func inReward() throws {
        let result = try term([0.1]) { $0.klPlacement = .reward }
        #expect(result.statistics.loss == 0 && result.gradient == [0])
        #expect(result.statistics.kl == nil)
    }

    @Test("k3 in float32 is never negative, and the direct form often is")
    func singlePrecision() throws {
        var random = CounterRandom(seed: 9, stream: 0)
        var negative = 0
        var configuration = ObjectiveConfiguration(beta: 1)
        let step = StepExtent(prompts: 1, lossTokens: 1)
        for _ in 0..<20_000 {
            let logprob = Float.random(in: -8...0, using: &random)
            let reference = logprob + 1e-4 * Float.random(in: -1...1, using: &random)
            let completion = TrainingCompletion(
                id: completionID(0, 0), advantage: 0, behaviorLogprobs: [logprob],
                referenceLogprobs: [reference])
            func value(_ estimator: KLEstimator) throws -> Double {
                configuration.klEstimator = estimator
                return try Objective(configuration: configuration, step: step)
                    .evaluate([completion], TokenInputs(logprobs: [logprob])).statistics.loss
            }
            #expect(try value(.k3) >= 0)
            if try value(.k3Direct) < 0 { negative += 1 }
        }
        #expect(negative > 0)
    }
}
