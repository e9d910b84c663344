import Ports
import Testing
import Transformer

@Suite("Value head")
struct ValueHeadTests {
    let model: ModelConfiguration
    let image: [UInt8]
    let group = TokenGroup(prompt: [5, 9, 4], completions: [[7, 8, 9], [1], [], [12, 6, 50, 2]])
    /// One per token.
    static let returns: [Float] = [1, 1, 1, -1, 0.5, 0.5, 0.5, 0.5]

    init() throws {
        model = try TestModel.uneven()
        image = try TestModel.image(model)
    }

    private func learner(trainsBackbone: Bool = false) throws -> TransformerLearner {
        let head = ValueHeadOptions(trainsBackbone: trainsBackbone, learningRateMultiplier: 10)
        return try TestModel.learner(model, image, options: TrainingOptions(valueHead: head))
    }

    /// A step on ½(V − return)²; answers with the values before it.
    @discardableResult
    private func step(_ learner: TransformerLearner) async throws -> [Float] {
        try await learner.step(
            on: [group], temperature: 1, learningRate: 1e-3, maxGradNorm: 1
        ) { _, scores in
            BlockGradient(
                logprobs: scores.logprobs.map { _ in 0 },
                values: zip(scores.values, Self.returns).map(-), report: scores.values)
        }.reports[0]
    }

    @Test("A new head says zero everywhere; the reference has no values")
    func new() async throws {
        let learner = try TransformerLearner(
            configuration: model, weights: image, reference: image, codec: Fixture.codec,
            threads: 1, options: TrainingOptions(valueHead: ValueHeadOptions()))
        let scores = try await learner.score([group], with: .current, temperature: 1)
        #expect(scores.values == [Float](repeating: 0, count: 8))
        let reference = try await learner.score([group], with: .reference, temperature: 1)
        #expect(reference.values.isEmpty)
    }

    @Test("Without a head there are no values, and their gradient is refused")
    func without() async throws {
        let learner = try TestModel.learner(model, image)
        #expect(try await learner.score([group], with: .current, temperature: 1).values.isEmpty)
        await #expect(throws: TrainingError.noValueHead) {
            _ = try await learner.step(
                on: [group], temperature: 1, learningRate: 1, maxGradNorm: 0
            ) { _, scores in
                BlockGradient(logprobs: scores.logprobs, values: scores.logprobs, report: ())
            }
        }
    }

    /// The first tokens of the completions share what they were predicted from, so no value can tell
    /// them apart: the best is the mean of their returns.
    @Test("Values learn the returns, as far as they can be told from what came before")
    func learns() async throws {
        let learner = try learner()
        for _ in 0..<400 { try await step(learner) }
        let values = try await step(learner)
        let mean: Float = (1 - 1 + 0.5) / 3
        let expected: [Float] = [mean, 1, 1, mean, mean, 0.5, 0.5, 0.5]
        for (value, target) in zip(values, expected) { #expect(abs(value - target) < 0.05) }
        #expect(values[0] == values[3] && values[0] == values[4])
    }

    @Test("The backbone learns from values only where it is asked to")
    func backbone() async throws {
        let (alone, both) = (try learner(), try learner(trainsBackbone: true))
        for learner in [alone, both] {
            // The first step moves the head away from zero; before it the backbone has no gradient.
            try await step(learner)
            try await step(learner)
        }
        let initial = try Fixture.codec.read(image)
        let weights = try await Fixture.codec.read(alone.exportWeights())
        for name in initial.names { #expect(bits(weights[name]) == bits(initial[name])) }
        let trained = try await Fixture.codec.read(both.exportWeights())
        let name = "model.embed_tokens.weight"
        #expect(bits(trained[name]) != bits(initial[name]))
    }

    @Test("It is resumed with the optimiser's image, bit for bit, and no part of the policy's")
    func restore() async throws {
        let first = try learner()
        try await step(first)
        let (weights, optimizer) = try await (first.exportWeights(), first.exportOptimizer())
        #expect(try Fixture.codec.read(weights).names == Fixture.codec.read(image).names)
        let names = try Fixture.codec.read(optimizer).names.filter { $0.contains("value_head") }
        #expect(
            names.sorted() == ["", "exp_avg.", "exp_avg_sq."].flatMap {
                [$0 + "value_head.bias", $0 + "value_head.weight"]
            }.sorted())
        let second = try learner()
        for _ in 0..<3 { try await step(second) }
        try await second.restore(weights: weights, optimizer: optimizer)
        #expect(try await second.exportOptimizer() == optimizer)
        try await step(first)
        try await step(second)
        #expect(try await second.exportOptimizer() == first.exportOptimizer())
    }

    @Test("An optimiser's image without a head is refused, and changes nothing")
    func restoreWithout() async throws {
        let optimizer = try await TestModel.learner(model, image).exportOptimizer()
        let learner = try learner()
        try await step(learner)
        let before = try await learner.exportOptimizer()
        await #expect(throws: WeightsError.noValueHead) {
            try await learner.restore(weights: image, optimizer: optimizer)
        }
        #expect(try await learner.exportOptimizer() == before)
        try await learner.restore(weights: image, optimizer: nil)
        #expect(try await step(learner) == [Float](repeating: 0, count: 8))
    }

    @Test("A gradient of values that is not finite changes nothing")
    func nonFinite() async throws {
        let learner = try learner()
        try await step(learner)
        let before = try await learner.exportOptimizer()
        await #expect(throws: NonFiniteGradient.self) {
            _ = try await learner.step(
                on: [group], temperature: 1, learningRate: 1e-3, maxGradNorm: 1
            ) { _, scores in
                BlockGradient(
                    logprobs: scores.logprobs, values: scores.values.map { _ in .nan }, report: ())
            }
        }
        #expect(try await learner.exportOptimizer() == before)
    }
}
