import GRPO
import Testing

@Suite struct ObjectiveInputTests {
    private let id = completionID(3, 2)

    private func evaluate(
        _ completion: TrainingCompletion, _ logprobs: [Double], entropies: [Float] = [],
        configuration: ObjectiveConfiguration = ObjectiveConfiguration(beta: 0)
    ) throws -> ObjectiveEvaluation<Double> {
        let step = StepExtent(prompts: 1, lossTokens: 3)
        return try Objective(configuration: configuration, step: step)
            .evaluate([completion], logprobs: logprobs, entropies: entropies)
    }

    private func completion(
        advantage: Double = 1, behavior: [Float] = [-1, -2, -3], reference: [Float] = [],
        mask: [Bool]? = nil
    ) -> TrainingCompletion {
        TrainingCompletion(
            id: id, advantage: advantage, behaviorLogprobs: behavior, referenceLogprobs: reference,
            lossMask: mask)
    }

    @Test(
        "A non-finite number at a token that counts is refused with the completion's id",
        arguments: [
            Double.infinity, -.infinity,
        ])
    func nonFinite(value: Double) {
        #expect(throws: ObjectiveError.nonFinite(id, .logprobs, token: 1, value: value)) {
            try evaluate(completion(), [-1, value, -3])
        }
        #expect(throws: ObjectiveError.nonFinite(id, .behaviorLogprobs, token: 2, value: value)) {
            try evaluate(completion(behavior: [-1, -2, Float(value)]), [-1, -2, -3])
        }
        #expect(throws: ObjectiveError.nonFinite(id, .referenceLogprobs, token: 0, value: value)) {
            try evaluate(
                completion(reference: [Float(value), -2, -3]), [-1, -2, -3],
                configuration: ObjectiveConfiguration())
        }
        #expect(throws: ObjectiveError.nonFinite(id, .entropies, token: 0, value: value)) {
            try evaluate(completion(), [-1, -2, -3], entropies: [Float(value), 1, 1])
        }
        #expect(throws: ObjectiveError.nonFiniteAdvantage(id, value)) {
            try evaluate(completion(advantage: value), [-1, -2, -3])
        }
    }

    @Test("NaN is refused too")
    func notANumber() {
        #expect(throws: ObjectiveError.self) { try evaluate(completion(), [-1, .nan, -3]) }
        #expect(throws: ObjectiveError.self) {
            try evaluate(completion(advantage: .nan), [-1, -2, -3])
        }
    }

    @Test("What the mask excludes is never read: NaN and infinities there change nothing")
    func mask() throws {
        let configuration = ObjectiveConfiguration(beta: 0.5)
        let clean = completion(reference: [-1.1, 0, -3.2], mask: [true, false, true])
        let dirty = completion(
            behavior: [-1, .nan, -3], reference: [-1.1, -.infinity, -3.2],
            mask: [true, false, true])
        let a = try evaluate(
            clean, [-1.2, 0, -2.9], entropies: [1, 1, 1], configuration: configuration)
        let b = try evaluate(
            dirty, [-1.2, .nan, -2.9], entropies: [1, .nan, 1], configuration: configuration)
        #expect(a.gradient == b.gradient && a.statistics == b.statistics)
        #expect(a.gradient[1] == 0 && a.gradient[0] != 0)
        #expect(a.statistics.tokenCount == 2 && clean.lossTokenCount == 2 && clean.tokenCount == 3)
    }

    @Test(
        "A completion with nothing to learn from contributes nothing", arguments: allConfigurations)
    func emptyMask(configuration: ObjectiveConfiguration) throws {
        let masked = completion(reference: [0, 0, 0], mask: [false, false, false])
        let result = try evaluate(masked, [-1, -2, -3], configuration: configuration)
        #expect(result.gradient == [0, 0, 0] && result.statistics.loss == 0)
        #expect(result.statistics.tokenCount == 0 && result.statistics.completionCount == 1)
        #expect(result.statistics.ratioMean == nil && result.statistics.kl == nil)
        #expect(result.statistics.clipRatioLowMin == nil && result.statistics.entropy == nil)
        let empty = completion(behavior: [])
        #expect(try evaluate(empty, [], configuration: configuration).gradient == [])
    }

    @Test("A step without any token has loss 0, not 0/0")
    func emptyStep() throws {
        let objective = try Objective(
            configuration: ObjectiveConfiguration(), step: StepExtent(prompts: 0, lossTokens: 0))
        let result = try objective.evaluate([], logprobs: [Float]())
        #expect(result.statistics.loss == 0 && result.gradient == [])
    }

    @Test("Wrong counts are refused")
    func counts() {
        #expect(throws: ObjectiveError.wrongTotal(.logprobs, count: 2, expected: 3)) {
            try evaluate(completion(), [-1, -2])
        }
        #expect(throws: ObjectiveError.wrongTotal(.entropies, count: 4, expected: 3)) {
            try evaluate(completion(), [-1, -2, -3], entropies: [1, 1, 1, 1])
        }
        #expect(throws: ObjectiveError.wrongCount(id, .referenceLogprobs, count: 0, expected: 3)) {
            try evaluate(completion(), [-1, -2, -3], configuration: ObjectiveConfiguration())
        }
        #expect(throws: ObjectiveError.wrongCount(id, .lossMask, count: 1, expected: 3)) {
            try evaluate(completion(mask: [true]), [-1, -2, -3])
        }
    }

    @Test("Huge log-ratios stay finite", arguments: clipping)
    func huge(configuration: ObjectiveConfiguration) throws {
        for value in [1e4, -1e4, 3e38, -3e38] {
            for advantage in [1.0, -1] {
                let completion = completion(advantage: advantage, reference: [-1, -2, -3])
                let result = try evaluate(
                    completion, [value, value, value], configuration: configuration)
                #expect(result.gradient == [0, 0, 0])
                #expect(result.statistics.loss.isFinite && result.statistics.ratioMean!.isFinite)
            }
        }
    }

    @Test("A loss that overflows in spite of finite inputs is refused with the id")
    func overflow() {
        #expect(throws: ObjectiveError.nonFiniteLoss(id)) {
            try evaluate(completion(advantage: -1e308), [5, 5, 5])
        }
    }

    @Test("A bad parameter is refused by its key", arguments: [-0.1, Double.infinity])
    func badParameters(value: Double) {
        let step = StepExtent(prompts: 1, lossTokens: 1)
        for (name, configuration) in [
            ("epsilon", ObjectiveConfiguration(epsilon: value)),
            ("epsilon_high", ObjectiveConfiguration(epsilonHigh: value)),
            ("beta", ObjectiveConfiguration(beta: value)),
        ] {
            #expect(throws: ObjectiveError.badParameter(name: name, value: value)) {
                try Objective(configuration: configuration, step: step)
            }
        }
    }

    @Test("Messages name the completion")
    func messages() {
        let errors: [ObjectiveError] = [
            .nonFinite(id, .logprobs, token: 7, value: .nan), .nonFiniteAdvantage(id, .nan),
            .nonFiniteLoss(id), .wrongCount(id, .lossMask, count: 1, expected: 2),
        ]
        for error in errors {
            #expect(error.description.contains("pass 0, prompt 3, attempt 0, sample 2"))
        }
        #expect(errors[0].description.contains("token 7"))
        #expect(
            ObjectiveError.badParameter(name: "beta", value: -1).description.contains("beta is -1"))
        let total = ObjectiveError.wrongTotal(.logprobs, count: 2, expected: 3).description
        #expect(total.contains("3 tokens but 2 logprobs"))
    }
}
