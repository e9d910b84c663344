import GRPO
import Testing

@Suite struct ObjectiveStatisticsTests {
    @Test("Entropy is the mean over tokens, not over completions")
    func entropy() throws {
        let completions = [
            TrainingCompletion(id: completionID(0, 0), advantage: 1, behaviorLogprobs: [-1]),
            TrainingCompletion(
                id: completionID(0, 1), advantage: -1, behaviorLogprobs: [-1, -1, -1]),
        ]
        let objective = try Objective(
            configuration: ObjectiveConfiguration(beta: 0),
            step: StepExtent(prompts: 1, lossTokens: 4))
        let logprobs: [Float] = [-1, -1, -1, -1]
        let known = try objective.evaluate(
            completions[...], logprobs: logprobs, entropies: [4, 1, 1, 2])
        #expect(known.statistics.entropy == 2)
        let unknown = try objective.evaluate(completions[...], logprobs: logprobs)
        #expect(unknown.statistics.entropy == nil)
    }

    @Test("Clip shares are over tokens, and their extremes over completions")
    func clipping() throws {
        let completions = [
            TrainingCompletion(id: completionID(0, 0), advantage: 1, behaviorLogprobs: [-2, -2]),
            TrainingCompletion(
                id: completionID(0, 1), advantage: -1, behaviorLogprobs: [-2, -2, -2, -2, -2, -2]),
        ]
        let objective = try Objective(
            configuration: ObjectiveConfiguration(beta: 0),
            step: StepExtent(prompts: 1, lossTokens: 8))
        // Up and down by one nat; only up counts where A > 0 and only down where A < 0.
        let statistics = try objective.evaluate(
            completions[...], logprobs: [-1, -3, -3, -3, -3, -1, -2, -2] as [Float]
        ).statistics
        #expect(statistics.clipRatioHighMean == 1.0 / 8 && statistics.clipRatioHighMax == 0.5)
        #expect(statistics.clipRatioLowMean == 3.0 / 8 && statistics.clipRatioLowMin == 0)
        #expect(statistics.clipRatioRegionMean == 0.5)
        #expect(statistics.completions.map(\.clippedLow) == [0, 3])
        #expect(statistics.tokenCount == 8 && statistics.completionCount == 2)
    }

    @Test("A group turns into training completions in its order, with ids")
    func fromGroup() throws {
        let key = TicketKey(pass: 1, promptIndex: 2, attempt: 3)
        var group = Group(
            key: key, ordinal: 0, version: PolicyVersion(incarnation: 1, number: 0), prompt: [1],
            completions: (0..<3).map { sample in
                Completion(
                    tokens: [5], behaviorLogprobs: [Float(-sample)], keptLogMasses: [0],
                    finishReason: .stop, reward: Double(sample))
            })
        let values = try advantages(of: group.rewards())
        let completions = group.trainingCompletions(
            advantages: values, referenceLogprobs: [[-7], [-8], [-9]])
        #expect(completions.map(\.id.sample) == [0, 1, 2])
        #expect(completions.allSatisfy { $0.id.ticket == key })
        #expect(completions.map(\.behaviorLogprobs) == [[0], [-1], [-2]])
        #expect(completions.map(\.referenceLogprobs) == [[-7], [-8], [-9]])
        #expect(completions.map(\.advantage) == values)
        #expect(group.trainingCompletions(advantages: values)[1].referenceLogprobs.isEmpty)
        group.completions[1].reward = nil
        #expect(throws: AdvantageError.missingReward(group: 0, index: 1)) { try group.rewards() }
    }

    @Test("Profiles say what their names say")
    func profiles() {
        #expect(Profile.cohort.objective.beta == 0.04 && Profile.cohort.advantage.epsilon == 1e-6)
        #expect(Profile.cohort.objective.bounds() == ClipBounds<Double>(epsilon: 0.2, epsilonHigh: 0.2))
        #expect(Profile.original.advantage.epsilon == 0)
        #expect(Profile.original.objective.lossType == .original)
        #expect(Profile.original.objective.importanceSamplingLevel == .sequenceProduct)
        #expect(LossType.dapo.rawValue == "dapo" && RewardScaling.batch.rawValue == "batch")
    }
}
