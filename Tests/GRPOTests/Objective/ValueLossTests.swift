import GRPO
import Testing

@Suite struct ValueLossTests {
    @Test("The value head regresses to the reward, and its explained variance is reported")
    func regression() throws {
        var configuration = ObjectiveConfiguration(beta: 0)
        configuration.vfCoef = 0.5
        let completions = [1.0, 0].enumerated().map { sample, reward in
            var completion = TrainingCompletion(
                id: completionID(0, UInt32(sample)), advantage: 0, behaviorLogprobs: [-1.0])
            completion.reward = reward
            return completion
        }
        func evaluate(_ values: [Double]) throws -> ObjectiveEvaluation<Double> {
            try Objective(
                configuration: configuration, step: StepExtent(prompts: 1, lossTokens: 2)
            ).evaluate(completions[...], TokenInputs(logprobs: [-1, -1], values: values))
        }
        let half = try evaluate([0.5, 0.5])
        #expect(half.statistics.valueLoss == 0.5 * 0.5 * 0.25 && half.statistics.loss == 0.0625)
        #expect(half.gradients.values == [-0.125, 0.125])
        #expect(half.statistics.explainedVariance == 0)
        #expect(try evaluate([1, 0]).statistics.explainedVariance == 1)
        #expect(throws: ObjectiveError.wrongTotal(.values, count: 0, expected: 2)) {
            try evaluate([])
        }
    }

    @Test("A reward that the head cannot learn is refused by its completion")
    func badReward() throws {
        var configuration = ObjectiveConfiguration(beta: 0)
        configuration.vfCoef = 0.5
        var completion = TrainingCompletion(
            id: completionID(4, 2), advantage: 0, behaviorLogprobs: [-1.0])
        completion.reward = .nan
        let objective = try Objective(
            configuration: configuration, step: StepExtent(prompts: 1, lossTokens: 1))
        #expect {
            try objective.evaluate([completion], TokenInputs(logprobs: [-1.0], values: [0]))
        } throws: {
            "\($0)".contains("prompt 4, attempt 0, sample 2")
        }
    }
}
