private import Foundation

extension ModelConfiguration {
    /// The `config.json` of this model, readable by Transformers 4 and 5: sorted keys, UTF-8.
    package func json() throws -> [UInt8] {
        var object: [String: Any] = [
            "architectures": [family.architecture],
            "attention_dropout": 0.0,
            "dtype": "float32",
            "head_dim": headSize,
            "hidden_act": "silu",
            "hidden_size": hiddenSize,
            "initializer_range": initializerRange,
            "intermediate_size": intermediateSize,
            "max_position_embeddings": maxPositions,
            "model_type": family.rawValue,
            "num_attention_heads": headCount,
            "num_hidden_layers": layerCount,
            "num_key_value_heads": keyValueHeadCount,
            // Through its decimal digits, so that 1e-6 does not become 9.999999974752427e-07.
            "rms_norm_eps": Double("\(normEpsilon)") ?? Double(normEpsilon),
            "rope_theta": ropeTheta,
            "tie_word_embeddings": tiesEmbeddings,
            "torch_dtype": "float32",
            "use_cache": true,
            "vocab_size": vocabularySize,
        ]
        switch family {
        case .qwen2: object["use_sliding_window"] = false
        case .qwen3:
            object["use_sliding_window"] = false
            object["attention_bias"] = false
        case .mistral: object["sliding_window"] = NSNull()
        case .llama:
            object["attention_bias"] = false
            object["mlp_bias"] = false
        }
        if let scaling = ropeScaling.json { object["rope_scaling"] = scaling }
        if let bosToken { object["bos_token_id"] = Int(bosToken) }
        if let padToken { object["pad_token_id"] = Int(padToken) }
        if eosTokens.count == 1 {
            object["eos_token_id"] = Int(eosTokens[0])
        } else if !eosTokens.isEmpty {
            object["eos_token_id"] = eosTokens.map { Int($0) }
        }
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys]
        return Array(try JSONSerialization.data(withJSONObject: object, options: options)) + [10]
    }
}
