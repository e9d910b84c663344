private import Foundation

extension ModelConfiguration {
    /// Reads a Hugging Face `config.json`. Throws `ModelConfigurationError` with the key of
    /// whatever is missing, malformed, or asks for something that this engine does not compute.
    package init(json: [UInt8]) throws(ModelConfigurationError) {
        self = try ConfigurationReader(json: json).configuration()
    }
}

/// One JSON object, read key by key; null counts as absent.
private struct ConfigurationReader {
    let object: [String: Any]
    /// What the key of a nested object is prefixed with in errors.
    var path = ""

    init(json: [UInt8]) throws(ModelConfigurationError) {
        let parsed = try? JSONSerialization.jsonObject(with: Data(json))
        guard let object = parsed as? [String: Any] else {
            throw .init(key: "", problem: "is not a JSON object")
        }
        self.object = object
    }

    private init(object: [String: Any], path: String) {
        self.object = object
        self.path = path
    }

    func configuration() throws(ModelConfigurationError) -> ModelConfiguration {
        let family = try family()
        try refuseWhatIsNotComputed()
        let heads = try integer("num_attention_heads")
        let hidden = try integer("hidden_size")
        var result = try ModelConfiguration(
            vocabularySize: integer("vocab_size"), hiddenSize: hidden,
            intermediateSize: integer("intermediate_size"),
            layerCount: integer("num_hidden_layers"), headCount: heads,
            keyValueHeadCount: optionalInteger("num_key_value_heads") ?? heads,
            maxPositions: optionalInteger("max_position_embeddings") ?? 2048,
            eosTokens: tokens("eos_token_id"), family: family,
            headSize: optionalInteger("head_dim") ?? (family == .qwen3 ? 128 : nil))
        result.normEpsilon = Float(try optionalNumber("rms_norm_eps") ?? 1e-6)
        (result.ropeTheta, result.ropeScaling) = try rope()
        result.tiesEmbeddings = try flag("tie_word_embeddings")
        result.initializerRange = try optionalNumber("initializer_range") ?? 0.02
        result.bosToken = try tokens("bos_token_id").first
        result.padToken = try tokens("pad_token_id").first
        try requireFullAttention(family, positions: result.maxPositions)
        try result.validate()
        return result
    }

    private func family() throws(ModelConfigurationError) -> ModelConfiguration.Family {
        guard let name = try optionalString("model_type") else { throw missing("model_type") }
        guard let family = ModelConfiguration.Family(rawValue: name) else {
            let known = ModelConfiguration.Family.allCases.map(\.rawValue)
            throw unsupported("model_type", name, known.joined(separator: ", "))
        }
        guard let listed = object["architectures"], !(listed is NSNull) else { return family }
        guard let architectures = listed as? [String] else {
            throw error("architectures", "must be a list of names")
        }
        for architecture in architectures where architecture != family.architecture {
            throw unsupported("architectures", architecture, family.architecture)
        }
        return family
    }

    private func refuseWhatIsNotComputed() throws(ModelConfigurationError) {
        let activation = try optionalString("hidden_act") ?? "silu"
        guard activation == "silu" else { throw unsupported("hidden_act", activation, "silu") }
        for key in ["attention_bias", "mlp_bias"] {
            if try flag(key) { throw unsupported(key, "true", "false") }
        }
        if let share = try optionalNumber("partial_rotary_factor"), share != 1 {
            throw unsupported("partial_rotary_factor", "\(share)", "1")
        }
    }

    /// A window that no sequence outgrows changes nothing.
    private func requireFullAttention(
        _ family: ModelConfiguration.Family, positions: Int
    ) throws(ModelConfigurationError) {
        if try flag("use_sliding_window") {
            throw unsupported("use_sliding_window", "true", "full attention")
        }
        if family == .llama || family == .mistral {
            // Transformers gives Mistral a window of 4096 where the key is missing; null means none.
            let isMissing = object["sliding_window"] == nil
            let listed = try optionalInteger("sliding_window")
            let window = family == .mistral && isMissing ? 4096 : listed
            if let window, window < positions {
                throw unsupported("sliding_window", "\(window)", "full attention")
            }
        }
        guard let types = object["layer_types"], !(types is NSNull) else { return }
        guard let names = types as? [String] else {
            throw error("layer_types", "must be a list of names")
        }
        for name in names where name != "full_attention" {
            throw unsupported("layer_types", name, "full_attention")
        }
    }

    /// From `rope_parameters` (Transformers 5), or `rope_theta` beside `rope_scaling` (before).
    private func rope() throws(ModelConfigurationError) -> (theta: Double, scaling: RopeScaling) {
        var theta = try optionalNumber("rope_theta")
        var scaling = RopeScaling.none
        for key in ["rope_scaling", "rope_parameters"] {
            guard let value = object[key], !(value is NSNull) else { continue }
            guard let fields = value as? [String: Any] else {
                throw error(key, "must be an object")
            }
            let nested = ConfigurationReader(object: fields, path: key + ".")
            theta = try nested.optionalNumber("rope_theta") ?? theta
            scaling = try nested.ropeScaling(positions: optionalInteger("max_position_embeddings"))
            if let share = try nested.optionalNumber("partial_rotary_factor"), share != 1 {
                throw nested.unsupported("partial_rotary_factor", "\(share)", "1")
            }
        }
        return (theta ?? 10_000, scaling)
    }

    /// `positions`: of the model, which Transformers takes where the original number is missing.
    private func ropeScaling(positions: Int?) throws(ModelConfigurationError) -> RopeScaling {
        // `type` is the older spelling.
        let isNew = object["rope_type"] is String
        let (key, other) = isNew ? ("rope_type", "type") : ("type", "rope_type")
        let (named, older) = (try optionalString(key), try optionalString(other))
        let type = named ?? older ?? "default"
        let own = try optionalNumber("original_max_position_embeddings")
        let original = own ?? Double(positions ?? 0)
        switch type {
        case "default": return .none
        case "linear": return .linear(factor: try number("factor"))
        case "llama3":
            return .llama3(
                factor: try number("factor"), lowFrequencyFactor: try number("low_freq_factor"),
                highFrequencyFactor: try number("high_freq_factor"),
                originalPositions: original)
        default: throw unsupported(key, type, "default, linear, llama3")
        }
    }
}

extension ConfigurationReader {
    private func error(_ key: String, _ problem: String) -> ModelConfigurationError {
        .init(key: path + key, problem: problem)
    }

    private func missing(_ key: String) -> ModelConfigurationError { error(key, "is missing") }

    private func unsupported(
        _ key: String, _ found: String, _ supported: String
    ) -> ModelConfigurationError {
        error(key, "is \(found), which this engine does not compute; supported: \(supported)")
    }

    private func value(_ key: String) -> Any? {
        guard let value = object[key], !(value is NSNull) else { return nil }
        return value
    }

    private func optionalString(_ key: String) throws(ModelConfigurationError) -> String? {
        guard let value = value(key) else { return nil }
        guard let string = value as? String else { throw error(key, "must be a string") }
        return string
    }

    private func optionalNumber(_ key: String) throws(ModelConfigurationError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value as? NSNumber, !(value is Bool) || !isBoolean(number) else {
            throw error(key, "must be a number")
        }
        return number.doubleValue
    }

    private func number(_ key: String) throws(ModelConfigurationError) -> Double {
        guard let number = try optionalNumber(key) else { throw missing(key) }
        return number
    }

    private func optionalInteger(_ key: String) throws(ModelConfigurationError) -> Int? {
        guard let number = try optionalNumber(key) else { return nil }
        guard let integer = Int(exactly: number) else { throw error(key, "must be a whole number") }
        return integer
    }

    private func integer(_ key: String) throws(ModelConfigurationError) -> Int {
        guard let integer = try optionalInteger(key) else { throw missing(key) }
        return integer
    }

    private func flag(_ key: String) throws(ModelConfigurationError) -> Bool {
        guard let value = value(key) else { return false }
        guard let number = value as? NSNumber, isBoolean(number) else {
            throw error(key, "must be true or false")
        }
        return number.boolValue
    }

    /// A token id, a list of them, or null.
    private func tokens(_ key: String) throws(ModelConfigurationError) -> [Int32] {
        guard let value = value(key) else { return [] }
        let numbers = value as? [Any] ?? [value]
        var tokens: [Int32] = []
        for number in numbers {
            guard let number = number as? NSNumber, !isBoolean(number),
                let token = Int32(exactly: number.doubleValue)
            else { throw error(key, "must be a token id or a list of token ids") }
            tokens.append(token)
        }
        return tokens
    }

    private func isBoolean(_ number: NSNumber) -> Bool {
        String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
    }
}
