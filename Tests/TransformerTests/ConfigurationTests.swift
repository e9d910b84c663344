import Foundation
import Testing
import Transformer

@Suite("config.json")
struct ConfigurationTests {
    private func read(_ changes: [String: Any] = [:]) throws -> ModelConfiguration {
        let llama: [String: Any] = [
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 64,
            "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
            "num_attention_heads": 4, "rms_norm_eps": 1e-5, "max_position_embeddings": 128,
        ]
        let object = llama.merging(changes) { $1 }
        return try ModelConfiguration(json: Array(JSONSerialization.data(withJSONObject: object)))
    }

    @Test("Files that Transformers writes are read")
    func transformersFiles() throws {
        let qwen = try Fixture(name: "tiny-qwen2").configuration
        #expect(qwen.family == .qwen2 && qwen.tiesEmbeddings && qwen.headSize == 8)
        #expect(qwen.keyValueHeadCount == 2 && qwen.intermediateSize == 56)
        #expect(qwen.ropeTheta == 10_000 && qwen.eosTokens == [1] && qwen.bosToken == nil)
        let llama = try Fixture(name: "tiny-llama").configuration
        #expect(llama.family == .llama && !llama.tiesEmbeddings && llama.vocabularySize == 64)
        #expect(llama.ropeTheta == 5000 && llama.eosTokens == [1, 2] && llama.bosToken == 0)
        #expect(llama.normEpsilon == 1e-5 && llama.maxPositions == 64)
    }

    @Test("Absent and null keys take their defaults")
    func defaults() throws {
        let plain = try read()
        #expect(plain.keyValueHeadCount == 4 && plain.headSize == 8)
        #expect(plain.ropeTheta == 10_000 && plain.eosTokens == [] && !plain.tiesEmbeddings)
        let null = try read([
            "num_key_value_heads": NSNull(), "head_dim": NSNull(), "rope_scaling": NSNull(),
            "eos_token_id": NSNull(), "sliding_window": NSNull(),
        ])
        #expect(null == plain)
        #expect(try read(["head_dim": 16]).headSize == 16)
    }

    @Test("Rotary settings are read from older and newer files")
    func rotary() throws {
        #expect(try read(["rope_theta": 1e6]).ropeTheta == 1e6)
        let newer: [String: Any] = ["rope_type": "default", "rope_theta": 5e5]
        #expect(try read(["rope_parameters": newer]).ropeTheta == 5e5)
        let linear: [String: Any] = ["type": "linear", "factor": 4]
        #expect(try read(["rope_scaling": linear]).ropeScaling == .linear(factor: 4))
        let llama3: [String: Any] = [
            "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        ]
        let scaling = RopeScaling.llama3(
            factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8192)
        #expect(try read(["rope_scaling": llama3, "rope_theta": 5e5]).ropeScaling == scaling)
        #expect(try read(["rope_parameters": llama3]).ropeScaling == scaling)
    }

    @Test("A window that no sequence outgrows is full attention; Mistral's is 4096 where unsaid")
    func windows() throws {
        #expect(try read(["sliding_window": 128]) == read())
        let mistral: [String: Any] = [
            "model_type": "mistral", "architectures": ["MistralForCausalLM"],
            "max_position_embeddings": 8192,
        ]
        let error = #expect(throws: ModelConfigurationError.self) { try read(mistral) }
        #expect(error?.key == "sliding_window")
        let full = try read(mistral.merging(["sliding_window": NSNull()]) { $1 })
        #expect(full.family == .mistral && full.maxPositions == 8192)
    }

    @Test("Qwen3's heads have 128 numbers where the file does not say")
    func qwen3() throws {
        let qwen: [String: Any] = [
            "model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "sliding_window": 4096,
            "use_sliding_window": false,
        ]
        #expect(try read(qwen).headSize == 128)
    }

    @Test("What is written is read back", arguments: Fixture.all)
    func roundTrip(fixture: Fixture) throws {
        var configuration = try fixture.configuration
        configuration.padToken = 4
        configuration.normEpsilon = 1e-6
        #expect(try ModelConfiguration(json: configuration.json()) == configuration)
        let text = String(decoding: try configuration.json(), as: UTF8.self)
        #expect(text.contains("\"rms_norm_eps\" : 1e-06"))
    }

    @Test("What this engine does not compute is refused by the key's name")
    func refusals() throws {
        let cases: [(key: String, value: Any, named: String)] = [
            ("model_type", "mixtral", "model_type"),
            ("architectures", ["LlamaForSequenceClassification"], "architectures"),
            ("hidden_act", "gelu", "hidden_act"),
            ("attention_bias", true, "attention_bias"),
            ("mlp_bias", true, "mlp_bias"),
            ("sliding_window", 64, "sliding_window"),
            ("partial_rotary_factor", 0.5, "partial_rotary_factor"),
            ("use_sliding_window", true, "use_sliding_window"),
            ("layer_types", ["full_attention", "sliding_attention"], "layer_types"),
            ("rope_scaling", ["type": "dynamic", "factor": 2.0], "rope_scaling.type"),
            ("rope_parameters", ["rope_type": "yarn"], "rope_parameters.rope_type"),
            ("rope_parameters", ["rope_type": "llama3"], "rope_parameters.factor"),
            ("rope_scaling", ["type": "linear", "factor": 0], "rope_scaling.factor"),
            ("num_key_value_heads", 3, "num_key_value_heads"),
            ("head_dim", 7, "head_dim"),
            ("vocab_size", 0, "vocab_size"),
            ("vocab_size", 1.5, "vocab_size"),
            ("hidden_size", "32", "hidden_size"),
            ("num_attention_heads", true, "num_attention_heads"),
            ("hidden_size", 9e18, "hidden_size"),
            ("rms_norm_eps", 0, "rms_norm_eps"),
            ("eos_token_id", "</s>", "eos_token_id"),
            ("tie_word_embeddings", 1, "tie_word_embeddings"),
        ]
        for (key, value, named) in cases {
            let error = #expect(throws: ModelConfigurationError.self) { try read([key: value]) }
            #expect(error?.key == named)
        }
    }

    @Test("A missing size or a file that is no object is an error")
    func malformed() throws {
        for key in ["vocab_size", "hidden_size", "num_hidden_layers", "model_type"] {
            let error = #expect(throws: ModelConfigurationError.self) { try read([key: NSNull()]) }
            #expect(error?.key == key && error?.problem == "is missing")
        }
        for text in ["", "[]", "{", "3"] {
            #expect(throws: ModelConfigurationError.self) {
                try ModelConfiguration(json: Array(text.utf8))
            }
        }
    }
}
