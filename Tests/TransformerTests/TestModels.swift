import GRPO
import Ports
import Transformer

/// Models and tickets that tests make up.
enum TestModel {
    static let version = PolicyVersion(incarnation: 1, number: 7)

    /// Odd sizes, so that no width is a multiple of a vector.
    static func uneven() throws -> ModelConfiguration {
        try ModelConfiguration(
            vocabularySize: 101, hiddenSize: 60, intermediateSize: 75, layerCount: 2, headCount: 6,
            keyValueHeadCount: 2, maxPositions: 300, eosTokens: [1])
    }

    /// The shape of a real small model.
    static func even() throws -> ModelConfiguration {
        try ModelConfiguration(
            vocabularySize: 512, hiddenSize: 128, intermediateSize: 384, layerCount: 2,
            headCount: 4,
            keyValueHeadCount: 2, maxPositions: 300, eosTokens: [1])
    }

    /// Fresh weights, `scale` times larger than usual so that distributions are not flat, and
    /// biases that are not zero.
    static func tensors(_ model: ModelConfiguration, scale: Float = 8) -> [NamedTensor] {
        var random = CounterRandom(seed: 11, stream: 1)
        return model.freshWeights(seed: 3).map { tensor in
            var tensor = tensor
            if tensor.shape.count == 2 {
                tensor.values = tensor.values.map { $0 * scale }
            } else if tensor.name.hasSuffix("bias") {
                tensor.values = tensor.values.map { _ in
                    Float.random(in: -0.3...0.3, using: &random)
                }
            }
            return tensor
        }
    }

    static func image(_ model: ModelConfiguration, scale: Float = 8) throws -> [UInt8] {
        try Fixture.codec.encode(tensors(model, scale: scale), metadata: ["format": "pt"])
    }

    /// Prompts of mixed lengths from 1 to about 40 tokens.
    static func tickets(_ count: Int, vocabulary: Int) -> [Ticket] {
        var random = CounterRandom(seed: 5, stream: 2)
        return (0..<count).map { index in
            let length = index == 0 ? 1 : Int.random(in: 2...40, using: &random)
            let prompt = (0..<length).map { _ in
                Int32.random(in: 0..<Int32(vocabulary), using: &random)
            }
            return Ticket(
                key: TicketKey(pass: 0, promptIndex: UInt32(index), attempt: 0),
                ordinal: UInt64(index), version: version, prompt: prompt, columns: "")
        }
    }

    static func sampler(
        _ model: ModelConfiguration, _ image: [UInt8], threads: Int, type: TensorType = .float32
    ) async throws -> TransformerSampler {
        let sampler = TransformerSampler(
            configuration: model, codec: Fixture.codec, threads: threads, type: type)
        try await sampler.adopt(Snapshot(version: version, image: image))
        return sampler
    }

    static func learner(
        _ model: ModelConfiguration, _ image: [UInt8], threads: Int = 1,
        optimizer: AdamWConfiguration = .init(), options: TrainingOptions = .init()
    ) throws -> TransformerLearner {
        try TransformerLearner(
            configuration: model, weights: image, codec: Fixture.codec, threads: threads,
            optimizer: optimizer, options: options)
    }
}

/// Bit patterns, because equality of floats is not equality of bits.
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
