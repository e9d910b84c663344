import Ports
import Testing
import Transformer

@Suite("Weights")
struct WeightsTests {
    let model: ModelConfiguration

    init() throws { model = try TestModel.uneven() }

    private func load(_ tensors: [NamedTensor]) throws {
        _ = try TestModel.learner(model, Fixture.codec.encode(tensors, metadata: [:]))
    }

    @Test("Tensors have Hugging Face's names and shapes", arguments: Fixture.all)
    func layout(fixture: Fixture) throws {
        let image = try Fixture.codec.read(fixture.image)
        let entries = try WeightLayout(fixture.configuration).entries
        #expect(Set(entries.map(\.name)) == Set(image.names))
        for entry in entries { #expect(image.shape(of: entry.name) == entry.shape) }
    }

    @Test("Exported weights are the bits that were loaded", arguments: Fixture.all)
    func export(fixture: Fixture) async throws {
        let image = try Fixture.codec.read(fixture.image)
        let exported = try Fixture.codec.read(await fixture.learner().exportWeights())
        #expect(exported.names == image.names)
        #expect(exported.metadata == ["format": "pt"])
        for name in image.names { #expect(bits(exported[name]) == bits(image[name])) }
    }

    @Test("A missing, misshapen or unknown tensor is named")
    func errors() throws {
        let tensors = model.freshWeights(seed: 1)
        #expect(throws: WeightsError.missingTensor("model.embed_tokens.weight")) {
            try load(Array(tensors.dropFirst()))
        }
        var misshapen = tensors
        misshapen[0].shape = [60, 101]
        #expect(
            throws: WeightsError.wrongShape(
                "model.embed_tokens.weight", expected: [101, 60], found: [60, 101])
        ) { try load(misshapen) }
        let name = "model.layers.2.mlp.down_proj.weight"
        let extra = NamedTensor(name: name, shape: [1], values: [0])
        #expect(throws: WeightsError.unknownTensor(name)) { try load(tensors + [extra]) }
    }

    @Test("Rotary frequencies, and the output matrix of a tied model, are ignored")
    func harmless() throws {
        let tensors = model.freshWeights(seed: 1)
        let frequencies = NamedTensor(
            name: "model.layers.0.self_attn.rotary_emb.inv_freq", shape: [1], values: [1])
        let head = NamedTensor(
            name: "lm_head.weight", shape: [101, 60], values: [Float](repeating: 0, count: 6060))
        try load(tensors + [frequencies, head])
    }

    @Test("Fresh weights are a function of the seed: normal matrices, unit norms, zero biases")
    func fresh() throws {
        let tensors = model.freshWeights(seed: 5)
        #expect(tensors.map(\.values) == model.freshWeights(seed: 5).map(\.values))
        #expect(tensors[0].values != model.freshWeights(seed: 6)[0].values)
        for tensor in tensors {
            if tensor.name.hasSuffix("norm.weight") {
                #expect(tensor.values.allSatisfy { $0 == 1 })
            } else if tensor.name.hasSuffix("bias") {
                #expect(tensor.values.allSatisfy { $0 == 0 })
            } else {
                let count = Double(tensor.values.count)
                let mean = tensor.values.reduce(0.0) { $0 + Double($1) } / count
                let square = tensor.values.reduce(0.0) { $0 + Double($1) * Double($1) } / count
                #expect(abs(mean) < 0.02 * 5 / count.squareRoot())
                #expect(abs(square.squareRoot() - 0.02) < 0.02 * 5 / (2 * count).squareRoot())
            }
        }
    }
}
