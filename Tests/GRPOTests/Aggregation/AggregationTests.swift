import GRPO
import Testing

@Suite struct AggregationTests {
    /// Two groups: completions of 2 and 4 tokens, and of 0 (masked) and 1 token; ratio 1, A = −1, so that
    /// each token's gradient is its weight.
    private var groups: [[TrainingCompletion]] {
        func completion(_ prompt: UInt32, _ sample: UInt32, _ tokens: Int, masked: Bool = false)
            -> TrainingCompletion
        {
            TrainingCompletion(
                id: completionID(prompt, sample), advantage: -1,
                behaviorLogprobs: [Double](repeating: -1, count: tokens),
                lossMask: masked ? [Bool](repeating: false, count: tokens) : nil)
        }
        return [
            [completion(0, 0, 2), completion(0, 1, 4)],
            [completion(1, 0, 3, masked: true), completion(1, 1, 1)],
        ]
    }

    private func weights(
        _ lossType: LossType, _ change: (inout ObjectiveConfiguration) -> Void = { _ in }
    ) throws -> [Double] {
        var configuration = ObjectiveConfiguration(beta: 0, lossType: lossType)
        change(&configuration)
        let extent = StepExtent(
            groups: groups, configuration: configuration, maxCompletionLength: 10)
        let completions = groups.flatMap { $0 }
        let result = try Objective(configuration: configuration, step: extent).evaluate(
            completions[...], logprobs: [Double](repeating: -1, count: 10))
        // One weight per completion: of its first token.
        return [0, 2, 6, 9].map { result.gradient[$0] }
    }

    private func expect(_ values: [Double], _ expected: [Double], _ lossType: LossType) {
        for (value, expected) in zip(values, expected) {
            #expect(isClose(value, expected), "\(lossType): \(values)")
        }
    }

    @Test("Each loss type divides by its own denominator")
    func lossTypes() throws {
        let expected: [(LossType, [Double])] = [
            (.dapo, [1.0 / 7, 1.0 / 7, 0, 1.0 / 7]),
            // A completion without tokens counts among 4.
            (.grpo, [1.0 / 8, 1.0 / 16, 0, 1.0 / 4]),
            (.bnpo, [1.0 / 7, 1.0 / 7, 0, 1.0 / 7]),
            (.drGRPO, [1.0 / 40, 1.0 / 40, 0, 1.0 / 40]),
            (.luspo, [0.25, 0.25, 0, 0.25]),
            // verl's does not.
            (.seqMeanTokenMean, [1 / 2.00000001 / 3, 1 / 4.00000001 / 3, 0, 1 / 1.00000001 / 3]),
            (.seqMeanTokenSum, [1.0 / 3, 1.0 / 3, 0, 1.0 / 3]),
            (.seqMeanTokenSumNorm, [1.0 / 30, 1.0 / 30, 0, 1.0 / 30]),
            // Groups have 3 and ½ tokens on average.
            (.groupTokenMean, [1.0 / 3, 1.0 / 3, 0, 2]),
            (.original, [0.5, 0.5, 0, 0.5]),
        ]
        for (lossType, values) in expected { expect(try weights(lossType), values, lossType) }
        #expect(Set(expected.map(\.0)).union([.cispo, .sapo, .vespo]) == Set(LossType.allCases))
    }

    @Test("A local mean is over its micro-batch, whatever block is evaluated")
    func local() throws {
        let values = try weights(.bnpo) { $0.perDeviceTrainBatchSize = 2 }
        // Two micro-batches of 6 and 1 tokens.
        expect(values, [1.0 / 12, 1.0 / 12, 0, 1.0 / 2], .bnpo)
        let uneven = try weights(.bnpo) { $0.perDeviceTrainBatchSize = 3 }
        expect(uneven, [1.0 / 12, 1.0 / 12, 0, 1.0 / 2], .bnpo)
    }

    @Test("A constant group counts, is dropped, or counts for KL only")
    func constantGroups() throws {
        var groups = groups
        for sample in groups[0].indices {
            groups[0][sample].advantage = 0
            groups[0][sample].isInConstantGroup = true
        }
        for group in groups.indices {
            for sample in groups[group].indices {
                let count = groups[group][sample].tokenCount
                groups[group][sample].referenceLogprobs = .init(repeating: -2, count: count)
            }
        }
        func gradient(_ policy: ConstantGroupPolicy, beta: Double) throws -> [Double] {
            var configuration = ObjectiveConfiguration(beta: beta)
            configuration.constantGroups = policy
            let extent = StepExtent(groups: groups, configuration: configuration)
            return try Objective(configuration: configuration, step: extent).evaluate(
                groups.flatMap { $0 }[...], logprobs: [Double](repeating: -1, count: 10)
            ).gradient
        }
        // The policy term alone: the group's tokens are among the 7, or not.
        #expect(try gradient(.count, beta: 0)[9] == 1.0 / 7)
        #expect(try gradient(.drop, beta: 0)[9] == 1)
        #expect(try gradient(.klOnly, beta: 0)[9] == 1)
        // The KL term on the constant group.
        #expect(try gradient(.count, beta: 1)[0] > 0)
        #expect(try gradient(.drop, beta: 1)[0] == 0)
        let kept = try gradient(.klOnly, beta: 1)[0]
        #expect(isClose(kept, try gradient(.count, beta: 1)[0]))
        #expect(try gradient(.klOnly, beta: 0)[0] == 0)
    }

    @Test("Completions that met the length limit count nowhere if so stated")
    func truncated() throws {
        var groups = groups
        groups[0][1].isTruncated = true
        func gradient(_ isMasked: Bool, _ lossType: LossType) throws -> [Double] {
            var configuration = ObjectiveConfiguration(beta: 0, lossType: lossType)
            configuration.maskTruncatedCompletions = isMasked
            let extent = StepExtent(groups: groups, configuration: configuration)
            return try Objective(configuration: configuration, step: extent).evaluate(
                groups.flatMap { $0 }[...], logprobs: [Double](repeating: -1, count: 10)
            ).gradient
        }
        #expect(try gradient(false, .dapo)[2] == 1.0 / 7)
        #expect(try gradient(true, .dapo)[2] == 0 && gradient(true, .dapo)[0] == 1.0 / 3)
    }

    @Test("Only the tokens of highest entropy learn, by the step's own quantile")
    func highEntropy() throws {
        var configuration = ObjectiveConfiguration(beta: 0)
        configuration.topEntropyQuantile = 0.5
        configuration.entropyCoef = 0.1
        let completions = [groups[0][0], groups[0][1]]
        let entropies = [[0.1, 0.9], [0.5, 0.2, 0.7, 0.3]]
        var extent = StepExtent(groups: [completions], configuration: configuration)
        #expect(throws: ObjectiveError.self) {
            try Objective(configuration: configuration, step: extent)
        }
        extent.selectHighEntropy(
            completions, entropies: entropies, configuration: configuration)
        #expect(isClose(extent.entropyThreshold ?? 0, 0.4) && extent.highEntropyTokens == 3)
        let result = try Objective(configuration: configuration, step: extent).evaluate(
            completions[...],
            TokenInputs(
                logprobs: [Double](repeating: -1, count: 6), entropies: entropies.flatMap { $0 }))
        #expect(result.gradient.map { $0 != 0 } == [false, true, true, false, true, false])
        #expect(result.gradient[1] == 1.0 / 6)
        #expect(isClose(result.gradients.entropies[1], -0.1 / 3))
    }
}
