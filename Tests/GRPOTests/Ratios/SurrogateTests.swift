import Foundation
import GRPO
import Testing

/// One completion of one token, or of several, evaluated alone.
struct SingleCompletion {
    var logprobs: [Double]
    var behavior: [Double]
    var advantage = 1.0
    var proximal: [Double] = []
    var tokenAdvantages: [Double] = []
    var configuration = ObjectiveConfiguration(beta: 0)

    func evaluate() throws -> ObjectiveEvaluation<Double> {
        var completion = TrainingCompletion(
            id: completionID(0, 0), advantage: advantage, behaviorLogprobs: behavior)
        completion.proximalLogprobs = proximal
        completion.tokenAdvantages = tokenAdvantages
        let objective = try Objective(
            configuration: configuration, step: StepExtent(prompts: 1, lossTokens: 1))
        return try objective.evaluate([completion], logprobs: logprobs)
    }

    /// The surrogate itself, to be maximised, and its derivative.
    func surrogate() throws -> (value: Double, gradient: [Double]) {
        let result = try evaluate()
        return (-result.statistics.loss, result.gradient.map { -$0 })
    }
}

@Suite struct SurrogateTests {
    private func token(
        ratio: Double, advantage: Double, logprob: Double = -1,
        _ change: (inout ObjectiveConfiguration) -> Void = { _ in }
    ) throws -> (value: Double, gradient: Double) {
        var configuration = ObjectiveConfiguration(beta: 0)
        change(&configuration)
        let result = try SingleCompletion(
            logprobs: [logprob], behavior: [logprob - log(ratio)], advantage: advantage,
            configuration: configuration
        ).surrogate()
        return (result.value, result.gradient[0])
    }

    @Test("The dual clip bounds what a negative advantage can weigh")
    func dualClip() throws {
        let bounded = try token(ratio: 5, advantage: -1) { $0.dualClip = 3 }
        #expect(bounded.value == -3 && bounded.gradient == 0)
        let free = try token(ratio: 5, advantage: -1)
        #expect(isClose(free.value, -5) && isClose(free.gradient, -5))
        let positive = try token(ratio: 5, advantage: 1) { $0.dualClip = 3 }
        #expect(positive.value == 1.2 && positive.gradient == 0)
    }

    @Test("delta caps the unclipped branch from above")
    func delta() throws {
        let capped = try token(ratio: 5, advantage: -1) { $0.delta = 2 }
        #expect(capped.value == -2 && capped.gradient == 0)
        // Below the clip's bound the clipped branch is the lower one for A < 0.
        let low = try token(ratio: 1.15, advantage: -1) { $0.delta = 1.1 }
        #expect(isClose(low.value, -1.15) && isClose(low.gradient, -1.15))
        let beyond = try token(ratio: 5, advantage: -1) { $0.delta = 1.1 }
        #expect(beyond.value == -1.2 && beyond.gradient == 0)
        let positive = try token(ratio: 1.15, advantage: 1) { $0.delta = 1.1 }
        #expect(positive.value == 1.1 && positive.gradient == 0)
    }

    @Test("CISPO weighs A·ℓ by a bounded ratio, and its number means two things")
    func cispo() throws {
        // The number is the bound: 5 lets a ratio of 4 through.
        let raw = try token(ratio: 4, advantage: 2, logprob: -1.5) {
            $0.surrogate = .cispoRaw
            $0.epsilonHigh = 5
        }
        #expect(isClose(raw.value, 4 * 2 * -1.5) && isClose(raw.gradient, 8))
        // The number is the distance from 1: 5 would let 6 through, and there is a bound below.
        for (ratio, weight) in [(6.5, 6.0), (4, 4), (0.5, 0.8)] {
            let delta = try token(ratio: ratio, advantage: 2, logprob: -1.5) {
                $0.surrogate = .cispoDelta
                $0.epsilonHigh = 5
            }
            #expect(isClose(delta.value, weight * 2 * -1.5) && isClose(delta.gradient, weight * 2))
        }
    }

    @Test("CISPO with the raw bound refuses to guess the bound")
    func cispoWithoutBound() {
        #expect(throws: ObjectiveError.self) {
            try token(ratio: 1, advantage: 1) { $0.surrogate = .cispoRaw }
        }
    }

    @Test("Raw probability is π·A, whatever the ratio")
    func probability() throws {
        for ratio in [0.2, 1, 7] {
            let result = try token(ratio: ratio, advantage: 3, logprob: log(0.25)) {
                $0.surrogate = .probability
            }
            #expect(isClose(result.value, 0.75) && isClose(result.gradient, 0.75))
        }
        let whole = try SingleCompletion(
            logprobs: [log(0.5), log(0.25)], behavior: [-1, -1], advantage: 2,
            configuration: {
                var configuration = ObjectiveConfiguration(
                    beta: 0, lossType: .original, importanceSamplingLevel: .sequenceProduct)
                configuration.surrogate = .probability
                return configuration
            }()
        ).surrogate()
        #expect(isClose(whole.value, 0.25) && whole.gradient.allSatisfy { isClose($0, 0.25) })
    }

    @Test("The probability mask looks at the move of the probability, not at the ratio")
    func probabilityMask() throws {
        func masked(_ now: Double, _ before: Double, _ advantage: Double) throws -> Double {
            try token(ratio: now / before, advantage: advantage, logprob: log(now)) {
                $0.surrogate = .dppo
                $0.klTau = 0
            }.gradient
        }
        // A ratio of 10 on a rare token moves its probability by 0.09: kept.
        #expect(isClose(try masked(0.1, 0.01, 1), 10))
        #expect(try masked(0.75, 0.5, 1) == 0)
        #expect(isClose(try masked(0.75, 0.5, -1), -1.5))
        #expect(try masked(0.25, 0.5, -1) == 0)
        #expect(isClose(try masked(0.25, 0.5, 1), 0.5))
    }

    @Test("kl_tau pulls quadratically to the sampler, masked tokens included")
    func samplerPenalty() throws {
        let result = try token(ratio: exp(0.5), advantage: 0) { $0.klTau = 0.1 }
        #expect(isClose(result.value, -0.1 * 0.25) && isClose(result.gradient, -0.1))
    }

    @Test("The soft gate has its largest slope at ratio 1")
    func soft() throws {
        let result = try token(ratio: 1, advantage: 2) { $0.surrogate = .sapo }
        // σ(0) = ½: value 2/τ, slope 1.
        #expect(isClose(result.value, 2 * 2) && isClose(result.gradient, 2))
        let far = try token(ratio: 50, advantage: 2) { $0.surrogate = .sapo }
        #expect(far.gradient < 1e-15)
    }

    @Test("φ of VESPO is 1 on fresh data")
    func vespo() throws {
        let result = try token(ratio: 1, advantage: 2) { $0.surrogate = .vespo }
        #expect(isClose(result.gradient, 2) && isClose(result.value, -2))
    }

    @Test("A sequence's ratio is the geometric mean, or the product")
    func levels() throws {
        func gradient(_ level: ImportanceSamplingLevel) throws -> [Double] {
            var configuration = ObjectiveConfiguration(beta: 0, importanceSamplingLevel: level)
            configuration.surrogate = .unclipped
            return try SingleCompletion(
                logprobs: [-1, -1], behavior: [-1.5, -1.25], configuration: configuration
            ).surrogate().gradient
        }
        #expect(try gradient(.token).enumerated().allSatisfy {
            isClose($1, exp([0.5, 0.25][$0]))
        })
        // Counted once per token, and each token moves the mean by half.
        #expect(try gradient(.sequence).allSatisfy { isClose($0, exp(0.375)) })
        #expect(try gradient(.sequenceToken).allSatisfy { isClose($0, exp(0.375)) })
        #expect(try gradient(.sequenceProduct).allSatisfy { isClose($0, 2 * exp(0.75)) })
    }

    @Test("Advantages that differ by token need a ratio of the token, or GSPO-token")
    func tokenAdvantages() throws {
        for level in ImportanceSamplingLevel.allCases {
            let value = SingleCompletion(
                logprobs: [-1, -1], behavior: [-1, -1], tokenAdvantages: [1, -2],
                configuration: ObjectiveConfiguration(beta: 0, importanceSamplingLevel: level))
            if level == .sequence || level == .sequenceProduct {
                #expect(throws: ObjectiveError.tokenAdvantages(completionID(0, 0), level)) {
                    try value.evaluate()
                }
            } else {
                #expect(try value.evaluate().gradient == [-1, 2])
            }
        }
    }
}
