import GRPO
import Testing

@Suite struct ObjectiveGradientTests {
    /// Central differences of the whole loss by each log-probability.
    private func expectNumericGradient(
        _ step: RandomStep, _ configuration: ObjectiveConfiguration
    ) throws {
        let objective = try step.objective(configuration)
        func loss(_ logprobs: [Double]) throws -> Double {
            try objective.evaluate(step.completions[...], logprobs: logprobs).statistics.loss
        }
        let exact = try step.evaluate(configuration).gradient
        let h = 1e-5
        for token in step.logprobs.indices {
            var up = step.logprobs
            var down = step.logprobs
            up[token] += h
            down[token] -= h
            let numeric = (try loss(up) - loss(down)) / (2 * h)
            #expect(isClose(numeric, exact[token], tolerance: 1e-6, scale: 1e-3))
        }
    }

    @Test("The policy term alone has the gradient of its value", arguments: differentiable)
    func policyTerm(configuration: ObjectiveConfiguration) throws {
        var configuration = configuration
        configuration.beta = 0
        let step = RandomStep(lengths: [3, 1, 5, 2, 4, 3], spread: 0.4, seed: 1)
        try expectNumericGradient(step, configuration)
    }

    @Test("The KL term alone has the gradient of its value", arguments: differentiable)
    func divergenceTerm(configuration: ObjectiveConfiguration) throws {
        var configuration = configuration
        configuration.beta = 0.7
        var step = RandomStep(lengths: [3, 1, 5, 2, 4, 3], spread: 0.4, seed: 2)
        for index in step.completions.indices { step.completions[index].advantage = 0 }
        let result = try step.evaluate(configuration)
        #expect(result.statistics.policyLoss == 0)
        #expect(result.gradient.allSatisfy { $0 != 0 })
        try expectNumericGradient(step, configuration)
    }

    @Test("Both terms together have the gradient of the loss", arguments: differentiable)
    func bothTerms(configuration: ObjectiveConfiguration) throws {
        let step = RandomStep(lengths: [3, 1, 5, 2, 4, 3, 7, 2], spread: 0.4, seed: 3)
        try expectNumericGradient(step, configuration)
    }

    @Test("Zero advantages leave exactly the KL gradient, and none at β = 0")
    func constantGroup() throws {
        var step = RandomStep(lengths: [4, 4, 2], spread: 0.5, seed: 4)
        for index in step.completions.indices { step.completions[index].advantage = 0 }
        let none = try step.evaluate(ObjectiveConfiguration(beta: 0))
        #expect(none.gradient.allSatisfy { $0 == 0 } && none.statistics.loss == 0)
    }

    @Test("On fresh data every ratio is exactly 1 and the gradient is the plain policy gradient")
    func firstPass() throws {
        for configuration in allConfigurations {
            var step = RandomStep(lengths: [3, 6, 2, 5], spread: 0.4, seed: 5)
            step.logprobs = step.completions.flatMap { $0.behaviorLogprobs.map { Double($0) } }
            for index in step.completions.indices {
                step.completions[index].referenceLogprobs = step.completions[index].behaviorLogprobs
            }
            let statistics = try step.evaluate(configuration).statistics
            #expect(
                statistics.ratioMin == 1 && statistics.ratioMax == 1 && statistics.ratioMean == 1)
            #expect(statistics.logprobDifferenceMax == 0 && statistics.clipRatioRegionMean == 0)
            #expect(statistics.kl == (configuration.beta == 0 ? nil : 0))
            #expect(statistics.loss == statistics.policyLoss)
        }
    }

    @Test("At β = 0 the first pass has loss −ΣA/ΣM and gradient −A/ΣM")
    func firstPassValues() throws {
        var step = RandomStep(lengths: [3, 6, 2, 5], spread: 0, seed: 6)
        step.logprobs = step.completions.flatMap { $0.behaviorLogprobs.map { Double($0) } }
        let result = try step.evaluate(ObjectiveConfiguration(beta: 0))
        let perToken = step.completions.flatMap { completion in
            completion.behaviorLogprobs.map { _ in completion.advantage }
        }
        #expect(result.gradient == perToken.map { -$0 / 16 })
        #expect(isClose(result.statistics.loss, -perToken.reduce(0, +) / 16, scale: 1e-3))
    }

    @Test("Clipping is one-sided")
    func oneSided() throws {
        let token = { (advantage: Double, logRatio: Double) throws -> Double in
            let completion = TrainingCompletion(
                id: completionID(0, 0), advantage: advantage, behaviorLogprobs: [-2])
            return try Objective(
                configuration: ObjectiveConfiguration(beta: 0),
                step: StepExtent(prompts: 1, lossTokens: 1)
            ).evaluate([completion], logprobs: [-2 + logRatio]).gradient[0]
        }
        #expect(try token(1, 0.5) == 0)
        #expect(try token(1, -0.5) < 0)
        #expect(try token(-1, -0.5) == 0)
        #expect(try token(-1, 0.5) > 0)
    }

    @Test("A larger β pulls harder to the reference")
    func betaScales() throws {
        var step = RandomStep(lengths: [4, 3], spread: 0.5, seed: 8)
        for index in step.completions.indices { step.completions[index].advantage = 0 }
        let one = try step.evaluate(ObjectiveConfiguration(beta: 1)).gradient
        let two = try step.evaluate(ObjectiveConfiguration(beta: 2)).gradient
        #expect(two == one.map { $0 * 2 })
    }
}
