import GRPO
import Ports
import Transformer

/// What an engine benchmark computes: a model, and groups of equal size.
struct EngineLoad: Sendable {
    /// Name of the shape or directory.
    let name: String
    let model: ModelConfiguration
    let weights: any TensorImage
    /// Sequences in all; whole groups.
    let batch: Int
    let groupSize: Int
    /// Tokens.
    let prompt: Int
    let completion: Int

    var groups: Int { batch / groupSize }

    /// Of one forward pass over everything.
    var forwardFlops: Double {
        Double(groups)
            * EngineFlops(model).forward(
                prompt: prompt, completion: completion, groupSize: groupSize)
    }

    /// Prompts of random tokens.
    func tickets() -> [Ticket] {
        var random = CounterRandom(seed: 1, stream: 1)
        return (0..<groups).map { index in
            Ticket(
                key: TicketKey(pass: 0, promptIndex: UInt32(index), attempt: 0),
                ordinal: UInt64(index), version: Self.version, prompt: tokens(prompt, &random),
                columns: "")
        }
    }

    /// Completions of random tokens too.
    func tokenGroups() -> [TokenGroup] {
        var random = CounterRandom(seed: 1, stream: 2)
        return (0..<groups).map { _ in
            TokenGroup(
                prompt: tokens(prompt, &random),
                completions: (0..<groupSize).map { _ in tokens(completion, &random) })
        }
    }

    private func tokens(_ count: Int, _ random: inout CounterRandom) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: 0..<Int32(model.vocabularySize), using: &random) }
    }

    static let version = PolicyVersion(incarnation: 0, number: 0)
}

/// Weights that exist only while they are copied: uniform, of the usual spread; norms 1, biases 0.
struct RandomWeights: TensorImage {
    private let entries: [String: WeightLayout.Entry]
    let names: [String]
    let metadata: [String: String] = [:]
    private static let spread: Float = 0.02

    init(_ model: ModelConfiguration) {
        let layout = WeightLayout(model)
        names = layout.entries.map(\.name)
        entries = Dictionary(uniqueKeysWithValues: layout.entries.map { ($0.name, $0) })
    }

    func shape(of name: String) -> [Int]? { entries[name]?.shape }

    func copy(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws {
        guard let entry = entries[name] else { throw WeightsError.missingTensor(name) }
        guard entry.decays else {
            return destination.update(repeating: name.hasSuffix("norm.weight") ? 1 : 0)
        }
        var state = UInt64(truncatingIfNeeded: entry.offset) | 1
        for index in destination.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // In [-1, 1); √3 makes the standard deviation 1.
            let uniform = Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
            destination[index] = uniform * 1.732_050_8 * Self.spread
        }
    }
}

/// Models to measure that need no files.
enum EngineShape: String, CaseIterable, Sendable {
    case tiny, small
    case qwen2Half = "qwen2-0.5b"

    func configuration() throws -> ModelConfiguration {
        switch self {
        case .tiny:
            return try ModelConfiguration(
                vocabularySize: 512, hiddenSize: 128, intermediateSize: 384, layerCount: 4,
                headCount: 4, keyValueHeadCount: 2, maxPositions: 4096, eosTokens: [])
        case .small:
            var model = try ModelConfiguration(
                vocabularySize: 4096, hiddenSize: 512, intermediateSize: 1408, layerCount: 8,
                headCount: 8, keyValueHeadCount: 4, maxPositions: 4096, eosTokens: [],
                family: .llama)
            model.tiesEmbeddings = false
            return model
        case .qwen2Half:
            var model = try ModelConfiguration(
                vocabularySize: 151_936, hiddenSize: 896, intermediateSize: 4864, layerCount: 24,
                headCount: 14, keyValueHeadCount: 2, maxPositions: 32_768, eosTokens: [])
            model.ropeTheta = 1e6
            return model
        }
    }
}
