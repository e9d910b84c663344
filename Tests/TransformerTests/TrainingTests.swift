import GRPO
import Ports
import Testing
import Transformer

@Suite("Training")
struct TrainingTests {
    let model: ModelConfiguration
    let image: [UInt8]
    let group = TokenGroup(prompt: [5, 9, 4], completions: [[7, 8, 9], [1], [], [12, 6, 50, 2]])

    init() throws {
        model = try TestModel.uneven()
        image = try TestModel.image(model)
    }

    private func step(_ learner: TransformerLearner, gradient: Float = 1) async throws {
        _ = try await learner.step(
            on: [group], temperature: 1, learningRate: 1e-2, maxGradNorm: 1
        ) { _, scores in
            BlockGradient(logprobs: scores.logprobs.map { _ in gradient }, report: ())
        }
    }

    @Test("Exporting and restoring in mid-training continues with the same bits")
    func restore() async throws {
        let first = try TestModel.learner(model, image)
        try await step(first)
        let (weights, optimizer) = try await (first.exportWeights(), first.exportOptimizer())
        try await step(first)
        let second = try TestModel.learner(model, image)
        try await step(second, gradient: -3)
        try await second.restore(weights: weights, optimizer: optimizer)
        #expect(try await second.exportWeights() == weights)
        #expect(try await second.exportOptimizer() == optimizer)
        try await step(second)
        #expect(try await second.exportWeights() == first.exportWeights())
        #expect(try await second.exportOptimizer() == first.exportOptimizer())
    }

    @Test("Restoring weights alone starts the optimiser afresh")
    func restoreWeights() async throws {
        let learner = try TestModel.learner(model, image)
        try await step(learner)
        let trained = try await learner.exportWeights()
        try await step(learner)
        try await learner.restore(weights: image, optimizer: nil)
        try await step(learner)
        #expect(try await learner.exportWeights() == trained)
    }

    @Test("What cannot be restored changes nothing")
    func failedRestore() async throws {
        let learner = try TestModel.learner(model, image)
        try await step(learner)
        let (weights, optimizer) = try await (learner.exportWeights(), learner.exportOptimizer())
        await #expect(throws: WeightsError.badStep(nil)) {
            try await learner.restore(weights: image, optimizer: weights)
        }
        await #expect(throws: WeightsError.self) {
            try await learner.restore(weights: optimizer, optimizer: nil)
        }
        #expect(try await learner.exportWeights() == weights)
        #expect(try await learner.exportOptimizer() == optimizer)
    }

    @Test("A gradient that is not finite changes nothing", arguments: [Float.nan, .infinity, 3e38])
    func nonFinite(gradient: Float) async throws {
        let learner = try TestModel.learner(model, image)
        try await step(learner)
        let (weights, optimizer) = try await (learner.exportWeights(), learner.exportOptimizer())
        await #expect(throws: NonFiniteGradient.self) {
            try await step(learner, gradient: gradient)
        }
        #expect(try await learner.exportWeights() == weights)
        #expect(try await learner.exportOptimizer() == optimizer)
        try await step(learner)
        #expect(try await learner.exportWeights() != weights)
    }

    @Test("A loss that throws, or answers with the wrong count, changes nothing")
    func failingLoss() async throws {
        struct Refusal: Error {}
        let learner = try TestModel.learner(model, image, threads: 2)
        let groups = [TokenGroup](repeating: group, count: 400)
        await #expect(throws: Refusal.self) {
            try await learner.step(
                on: groups, temperature: 1, learningRate: 1, maxGradNorm: 0
            ) { block, scores -> BlockGradient<Int> in
                guard block.contains(0) else {
                    return BlockGradient(logprobs: scores.logprobs, report: 0)
                }
                throw Refusal()
            }
        }
        await #expect(throws: TrainingError.wrongGradientCount(expected: 8, found: 1)) {
            try await learner.step(
                on: [group], temperature: 1, learningRate: 1, maxGradNorm: 0
            ) { _, _ in BlockGradient(logprobs: [1], report: 0) }
        }
        let weights = try Fixture.codec.read(await learner.exportWeights())
        for tensor in TestModel.tensors(model) {
            #expect(bits(weights[tensor.name]) == bits(tensor.values))
        }
    }

    @Test("Training on one completion makes it more probable")
    func learns() async throws {
        let learner = try TestModel.learner(model, image)
        let before = try await learner.score([group], with: .current, temperature: 1).logprobs
        for _ in 0..<30 { try await step(learner, gradient: -1) }
        let after = try await learner.score([group], with: .current, temperature: 1).logprobs
        #expect(before.reduce(0, +) < -20)
        #expect(after.reduce(0, +) > -8)
    }

    @Test("The reference stays what it was; without one, scoring with it is refused")
    func reference() async throws {
        let with = try TransformerLearner(
            configuration: model, weights: image, reference: image, codec: Fixture.codec, threads: 1
        )
        let before = try await with.score([group], with: .reference, temperature: 1)
        try await step(with)
        let after = try await with.score([group], with: .reference, temperature: 1)
        let current = try await with.score([group], with: .current, temperature: 1)
        #expect(bits(after.logprobs) == bits(before.logprobs))
        #expect(bits(current.logprobs) != bits(before.logprobs))
        let without = try TestModel.learner(model, image)
        await #expect(throws: TrainingError.noReference) {
            try await without.score([group], with: .reference, temperature: 1)
        }
    }

    @Test("Groups that do not fit the model are refused with their index")
    func refusals() async throws {
        let learner = try TestModel.learner(model, image)
        func refuses(_ error: TrainingError, _ bad: TokenGroup, temperature: Float = 1) async {
            await #expect(throws: error) {
                try await learner.score([group, bad], with: .current, temperature: temperature)
            }
        }
        await refuses(.emptyPrompt(group: 1), TokenGroup(prompt: [], completions: [[1]]))
        await refuses(
            .tokenOutOfRange(group: 1, token: 101, vocabulary: 101),
            TokenGroup(prompt: [1], completions: [[1], [101]]))
        await refuses(
            .tooLong(group: 1, prompt: 1, completion: 300, limit: 300),
            TokenGroup(prompt: [1], completions: [[Int32](repeating: 1, count: 300)]))
        await refuses(.badTemperature(0), group, temperature: 0)
    }

    @Test("No groups, or no completion tokens, score to nothing")
    func nothing() async throws {
        let learner = try TestModel.learner(model, image)
        let empty = TokenGroup(prompt: [4, 5], completions: [[], []])
        for groups in [[], [empty]] {
            let scores = try await learner.score(groups, with: .current, temperature: 1)
            #expect(scores.logprobs.isEmpty && scores.entropies.isEmpty)
        }
    }

    /// The vocabulary is so large that logits exist for a few hundred rows at a time. One group
    /// must give the sum of what its completions give as groups of their own.
    @Test("A shared prompt and logits in chunks give the gradient of separate sequences")
    func linearity() async throws {
        let model = try ModelConfiguration(
            vocabularySize: 60_000, hiddenSize: 16, intermediateSize: 24, layerCount: 1,
            headCount: 2, keyValueHeadCount: 1, maxPositions: 300, eosTokens: [])
        let image = try TestModel.image(model)
        var random = CounterRandom(seed: 1, stream: 1)
        let completions = (0..<3).map { _ in
            (0..<150).map { _ in Int32.random(in: 0..<60_000, using: &random) }
        }
        func gradient(_ groups: [TokenGroup]) async throws -> SimpleSafetensors.Image {
            let learner = try TestModel.learner(
                model, image, optimizer: AdamWConfiguration(beta1: 0, beta2: 0))
            _ = try await learner.step(
                on: groups, temperature: 0.7, learningRate: 0, maxGradNorm: 0
            ) { _, scores in
                BlockGradient(logprobs: scores.logprobs.map { 0.01 * $0 }, report: ())
            }
            return try await Fixture.codec.read(learner.exportOptimizer())
        }
        let together = try await gradient([TokenGroup(prompt: [3, 1, 2], completions: completions)])
        let apart = try await gradient(
            completions.map { TokenGroup(prompt: [3, 1, 2], completions: [$0]) })
        for name in together.names where name.hasPrefix("exp_avg.") {
            guard !name.hasSuffix("k_proj.bias") else { continue }
            #expect(relativeDistance(together[name], apart[name]) < 1e-4, "\(name)")
        }
    }
}
