import Ports
import Testing
import Transformer

@Suite("A reference that moves")
struct ReferenceTests {
    let model: ModelConfiguration
    let image: [UInt8]
    let other: [UInt8]
    let group = TokenGroup(prompt: [5, 9, 4], completions: [[7, 8, 9], [1], [], [12, 6, 50, 2]])

    init() throws {
        model = try TestModel.uneven()
        image = try TestModel.image(model)
        other = try TestModel.image(model, scale: 5)
    }

    private func learner(_ type: TensorType = .float32, moves: Bool = true) throws
        -> TransformerLearner
    {
        try TransformerLearner(
            configuration: model, weights: image, reference: other, codec: Fixture.codec,
            threads: 2, options: TrainingOptions(type: type, syncsReference: moves))
    }

    private func logprobs(
        _ learner: TransformerLearner, _ policy: ScoredPolicy
    ) async throws -> [UInt32] {
        bits(try await learner.score([group], with: policy, temperature: 1).logprobs)
    }

    @Test("Mixed by zero it stays, mixed by one it becomes the policy", arguments: TensorType.allCases)
    func ends(type: TensorType) async throws {
        let learner = try learner(type)
        let before = try await logprobs(learner, .reference)
        #expect(before == (try await logprobs(self.learner(type, moves: false), .reference)))
        try await learner.mixReference(0)
        #expect(try await logprobs(learner, .reference) == before)
        try await learner.mixReference(1)
        let policy = try await logprobs(learner, .current)
        #expect(policy != before)
        #expect(try await logprobs(learner, .reference) == policy)
    }

    @Test("Every weight is mixed in f32, whatever the type", arguments: TensorType.allCases)
    func mixture(type: TensorType) async throws {
        let learner = try learner(type)
        try await learner.mixReference(0.6)
        let mixed = try Fixture.codec.read(await learner.exportReference() ?? [])
        let (policy, reference) = (try Fixture.codec.read(image), try Fixture.codec.read(other))
        #expect(mixed.names == policy.names)
        for name in mixed.names {
            let expected = zip(policy[name], reference[name]).map {
                Float(Double(Float(0.6)) * Double($0) + Double(Float(0.4) * $1))
            }
            #expect(bits(mixed[name]) == bits(expected), "\(name)")
        }
    }

    @Test("The policy that is mixed in is the trained one, and stays what it is")
    func trained() async throws {
        let learner = try learner()
        _ = try await learner.step(
            on: [group], temperature: 1, learningRate: 1e-2, maxGradNorm: 1
        ) { _, scores in BlockGradient(logprobs: scores.logprobs, report: ()) }
        let (weights, optimizer) = try await (learner.exportWeights(), learner.exportOptimizer())
        try await learner.mixReference(1)
        #expect(try await learner.exportWeights() == weights)
        #expect(try await learner.exportOptimizer() == optimizer)
        #expect(try await learner.exportReference() == weights)
    }

    @Test("It is saved and put back bit for bit", arguments: TensorType.allCases)
    func restore(type: TensorType) async throws {
        let first = try learner(type)
        for _ in 0..<2 { try await first.mixReference(0.3) }
        let images = try await (
            first.exportWeights(), first.exportOptimizer(), first.exportReference()
        )
        let second = try learner(type)
        try await second.mixReference(0.9)
        try await second.restore(weights: images.0, optimizer: images.1, reference: images.2)
        #expect(try await second.exportReference() == images.2)
        #expect(try await logprobs(second, .reference) == logprobs(first, .reference))
        try await first.mixReference(0.3)
        try await second.mixReference(0.3)
        #expect(try await second.exportReference() == first.exportReference())
        // A run that goes on without synchronisation keeps the reference that it came to.
        let fixed = try learner(type, moves: false)
        try await fixed.restore(weights: images.0, optimizer: images.1, reference: images.2)
        try await second.restore(weights: images.0, optimizer: images.1, reference: images.2)
        #expect(try await logprobs(fixed, .reference) == logprobs(second, .reference))
    }

    @Test("An image that does not fit changes nothing, nor does restoring without one")
    func failedRestore() async throws {
        let learner = try learner()
        try await learner.mixReference(0.5)
        let before = try await (learner.exportWeights(), learner.exportReference())
        await #expect(throws: WeightsError.self) {
            try await learner.restore(
                weights: other, optimizer: nil, reference: learner.exportOptimizer())
        }
        #expect(try await learner.exportWeights() == before.0)
        try await learner.restore(weights: other, optimizer: nil)
        #expect(try await learner.exportReference() == before.1)
    }

    @Test("What cannot be mixed is refused")
    func refusals() async throws {
        let fixed = try learner(moves: false)
        #expect(try await fixed.exportReference() == nil)
        await #expect(throws: FixedReference.self) { try await fixed.mixReference(0.5) }
        let alone = try TestModel.learner(model, image, options: .init(syncsReference: true))
        #expect(try await alone.exportReference() == nil)
        await #expect(throws: TrainingError.noReference) { try await alone.mixReference(0.5) }
        await #expect(throws: TrainingError.noReference) {
            try await alone.restore(weights: image, optimizer: nil, reference: image)
        }
        for alpha in [-0.1, 1.1, .nan] {
            await #expect(throws: TrainingError.self) { try await learner().mixReference(alpha) }
        }
    }
}
