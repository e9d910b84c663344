import Foundation
import GRPO
import Testing

@Suite struct ImportanceCorrectionTests {
    /// Gradients, negated, of two tokens with ratio 1 to the proximal policy: the weights themselves.
    private func weights(
        _ correction: ImportanceSamplingCorrection, _ differences: [Double],
        minimum: Double? = nil, maximum: Double? = nil, clamp: Double = 20
    ) throws -> (weights: [Double], statistics: ObjectiveStatistics) {
        var configuration = ObjectiveConfiguration(beta: 0)
        configuration.importanceSamplingCorrection = correction
        configuration.importanceSamplingClipMin = minimum
        configuration.importanceSamplingClipMax = maximum
        configuration.logRatioClamp = clamp
        let result = try SingleCompletion(
            logprobs: differences.map { _ in -1 }, behavior: differences.map { -1 - $0 },
            proximal: differences.map { _ in -1 }, configuration: configuration
        ).evaluate()
        return (result.gradient.map { -$0 }, result.statistics)
    }

    private func expect(_ values: [Double], _ expected: [Double]) {
        #expect(values.count == expected.count)
        for (value, expected) in zip(values, expected) {
            #expect(isClose(value, expected), "\(value) is not \(expected)")
        }
    }

    private let differences = [log(4), log(0.5)]

    @Test("Without a correction, and without a proximal policy, every weight is 1")
    func none() throws {
        expect(try weights(.none, differences).weights, [1, 1])
        for correction in ImportanceSamplingCorrection.allCases {
            var configuration = ObjectiveConfiguration(beta: 0)
            configuration.importanceSamplingCorrection = correction
            let result = try SingleCompletion(
                logprobs: [-1, -2], behavior: [-1, -2], configuration: configuration
            ).evaluate()
            #expect(result.gradient == [-1, -1])
        }
    }

    @Test("Weights of tokens are bounded, or zero outside the bounds")
    func tokens() throws {
        expect(try weights(.tokenTruncate, differences, maximum: 3).weights, [3, 0.5])
        expect(
            try weights(.tokenTruncate, differences, minimum: 0.75, maximum: 3).weights, [3, 0.75])
        expect(try weights(.tokenMask, differences, maximum: 3).weights, [0, 0.5])
        expect(try weights(.tokenMask, differences, minimum: 0.75).weights, [4, 0])
        expect(try weights(.tokenMask, differences, minimum: 0.75, maximum: 3).weights, [0, 0])
    }

    @Test("Weights of sequences are of the sum, not of the mean")
    func sequences() throws {
        expect(try weights(.sequenceTruncate, differences).weights, [2, 2])
        expect(try weights(.sequenceTruncate, differences, maximum: 1.5).weights, [1.5, 1.5])
        expect(try weights(.sequenceMask, differences, maximum: 1.5).weights, [0, 0])
        expect(try weights(.sequenceMask, differences, maximum: 2.5).weights, [2, 2])
    }

    @Test("The geometric mean masks the whole sequence, or weighs it")
    func geometric() throws {
        // √2.
        expect(try weights(.geometricMask, differences, maximum: 1.5).weights, [4, 0.5])
        expect(try weights(.geometricMask, differences, maximum: 1.4).weights, [0, 0])
        let root = 2.0.squareRoot()
        expect(try weights(.geometricWeightMask, differences, maximum: 1.5).weights, [root, root])
        expect(
            try weights(.geometricWeightTruncate, differences, maximum: 1.25).weights, [1.25, 1.25])
    }

    @Test("What the mask rejects is counted, and so are the weights")
    func statistics() throws {
        let masked = try weights(.tokenMask, differences, maximum: 3).statistics
        #expect(masked.importanceMaskedShare == 0.5 && masked.importanceWeightMin == 0)
        #expect(isClose(masked.importanceWeightMean ?? 0, 0.25))
        let none = try weights(.none, differences).statistics
        #expect(none.importanceWeightMax == nil && none.importanceMaskedShare == nil)
    }

    @Test("The decoupled objective clips against the proximal policy and weighs by proximal/behaviour")
    func decoupled() throws {
        var configuration = ObjectiveConfiguration(beta: 0)
        configuration.importanceSamplingCorrection = .tokenTruncate
        configuration.importanceSamplingClipMax = 10
        // π/π_prox = 1.1, inside the clip; π_prox/π_μ = 2.
        let inside = try SingleCompletion(
            logprobs: [-1], behavior: [-1 - log(1.1) - log(2)], proximal: [-1 - log(1.1)],
            configuration: configuration
        ).surrogate()
        #expect(isClose(inside.value, 2.2) && isClose(inside.gradient[0], 2.2))
        // The same token clipped against the sampler has nothing left.
        configuration.importanceSamplingCorrection = .none
        let coupled = try SingleCompletion(
            logprobs: [-1], behavior: [-1 - log(1.1) - log(2)], configuration: configuration
        ).surrogate()
        #expect(coupled.value == 1.2 && coupled.gradient == [0])
    }

    @Test("Rejected tokens stay in the denominator or leave it")
    func denominators() throws {
        var configuration = ObjectiveConfiguration(beta: 0)
        configuration.importanceSamplingCorrection = .tokenMask
        var completion = TrainingCompletion(
            id: completionID(0, 0), advantage: 1, behaviorLogprobs: [-1, -9, -1])
        completion.proximalLogprobs = [-1, -1, -1]
        func gradient(_ rejected: RejectedTokens) throws -> [Double] {
            configuration.rejectedTokens = rejected
            let extent = StepExtent(groups: [[completion]], configuration: configuration)
            return try Objective(configuration: configuration, step: extent)
                .evaluate([completion], logprobs: [-1, -1, -1] as [Double]).gradient
        }
        #expect(try gradient(.count) == [-1.0 / 3, 0, -1.0 / 3])
        #expect(try gradient(.drop) == [-0.5, 0, -0.5])
    }

    @Test("A completion that drifted far from its sampler loses its negative advantage only")
    func offPolicyMask() throws {
        func gradient(_ advantage: Double, _ threshold: Double) throws -> [Double] {
            var configuration = ObjectiveConfiguration(beta: 0)
            configuration.offPolicyMaskThreshold = threshold
            configuration.surrogate = .unclipped
            return try SingleCompletion(
                logprobs: [-2, -1], behavior: [-1, -1], advantage: advantage,
                configuration: configuration
            ).evaluate().gradient
        }
        // Mean ℓ_behavior − ℓ is 0.5.
        #expect(try gradient(-1, 0.4) == [0, 0])
        #expect(try gradient(-1, 0.6).allSatisfy { $0 > 0 })
        #expect(try gradient(1, 0.4).allSatisfy { $0 < 0 })
    }
}
