import Ports
import Testing
import Transformer

@Suite("Memory of a learner")
struct MemoryTests {
    let model: ModelConfiguration
    let image: [UInt8]

    init() throws {
        model = try TestModel.even()
        image = try TestModel.image(model)
    }

    private func memory(
        reference: Bool = false, threads: Int = 1, _ options: TrainingOptions = .init()
    ) async throws -> EngineMemory {
        try await TransformerLearner(
            configuration: model, weights: image, reference: reference ? image : nil,
            codec: Fixture.codec, threads: threads, options: options
        ).memory()
    }

    @Test("Moments and gradients are those of the policy alone; nothing unused takes memory")
    func grpo() async throws {
        let memory = try await memory(threads: 2)
        let parameters = WeightLayout(model).count
        #expect(memory.optimizer == 8 * parameters)
        #expect(memory.gradients == 3 * 4 * parameters)
        // Master weights, and all matrices but the embedding packed.
        #expect(memory.policy > 7 * parameters && memory.policy < 9 * parameters)
        #expect(memory.reference == 0 && memory.valueHead == 0)
        #expect(memory.total == memory.policy + memory.optimizer + memory.gradients)
    }

    @Test("A critic of the same backbone takes about what the policy takes")
    func critic() async throws {
        let memory = try await memory(reference: true)
        let ratio = Double(memory.critic) / Double(memory.total - memory.reference)
        #expect(ratio > 0.9 && ratio < 1)
        #expect(memory.actorCritic == memory.total + memory.critic)
    }

    @Test("A value head takes weights, moments and gradients of one row")
    func valueHead() async throws {
        let with = try await memory(.init(valueHead: .init()))
        let padded = model.hiddenSize + 16
        #expect(with.valueHead == (4 + 8 + 2 * 4) * padded)
        #expect(with.actorCritic == (try await memory()).actorCritic)
    }

    @Test("Only a reference that moves keeps master weights", arguments: TensorType.allCases)
    func reference(type: TensorType) async throws {
        let fixed = try await memory(reference: true, .init(type: type))
        let moving = try await memory(reference: true, .init(type: type, syncsReference: true))
        #expect(fixed.reference > 0 && moving.reference > fixed.reference)
        #expect(moving.policy == fixed.policy)
        if type == .float32 { #expect(moving.reference == moving.policy) }
    }

    @Test("A model that all threads learn together has one gradient")
    func together() async throws {
        let memory = try await memory(threads: 3, .init(parametersMaxPerThread: 0))
        #expect(memory.gradients == 4 * WeightLayout(model).count)
    }
}
