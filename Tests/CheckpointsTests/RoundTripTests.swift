import Checkpoints
import Foundation
import Ports
import Testing

/// Reads a model of transformers, writes it again, and compares with the bytes that make.py saw
/// transformers load with the original's logits.
@Suite struct RoundTripTests {
    private struct Golden: Decodable {
        struct Model: Decodable { var files: [String: String] }
        var tied, sharded: Model
    }

    @Test(
        "A directory written here is the one that transformers loaded",
        arguments: ["tied", "sharded"])
    func written(name: String) throws {
        try withTemporaryDirectory { directory throws in
            let target = "\(keptDirectory ?? directory)/\(name)"
            try rewrite(name, to: target)
            let digests = try contents(of: target).mapValues(sha256)
            let data = try Data(contentsOf: URL(filePath: fixturePath("written.json")))
            let golden = try JSONDecoder().decode(Golden.self, from: data)
            #expect(digests == (name == "tied" ? golden.tied : golden.sharded).files)
        }
    }

    /// Where make.py wants to find the directories; see its docstring.
    private var keptDirectory: String? { ProcessInfo.processInfo.environment["COHORT_WRITTEN"] }

    private func rewrite(_ name: String, to target: String) throws {
        if let keptDirectory {
            try FileManager.default.createDirectory(
                atPath: keptDirectory, withIntermediateDirectories: true)
        }
        let model = try HuggingFaceDirectory(reading: fixturePath(name))
        let tensors = try model.weights.names.map { name in
            NamedTensor(
                name: name, shape: try #require(model.weights.shape(of: name)),
                values: try model.weights.values(of: name))
        }
        try HuggingFaceDirectory.write(
            to: target, config: model.config, weights: SafetensorsCodec().encode(tensors),
            passThrough: model.passThrough)
    }

    @Test("Reading finds config, tensors and the files to pass through")
    func reading() throws {
        let tied = try HuggingFaceDirectory(reading: fixturePath("tied"))
        #expect(String(decoding: tied.config, as: UTF8.self).contains("\"qwen2\""))
        #expect(
            tied.passThrough.map(\.name)
                == ["generation_config.json", "tokenizer_config.json", "special_tokens_map.json"])
        #expect(tied.weights.shape(of: "model.embed_tokens.weight") == [48, 16])
        #expect(tied.weights.shape(of: "lm_head.weight") == nil)
        let sharded = try HuggingFaceDirectory(reading: fixturePath("sharded"))
        #expect(sharded.weights.shape(of: "lm_head.weight") == [48, 16])
        #expect(Set(sharded.weights.names).count == 21 && sharded.weights.names.count == 21)
        #expect(sharded.weights.metadata["format"] == "pt")
        #expect(throws: SafetensorsError.noSuchTensor("x")) { try sharded.weights.values(of: "x") }
    }
}
