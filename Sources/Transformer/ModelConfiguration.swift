/// The architecture of a decoder-only transformer of the Llama, Mistral, Qwen2 and Qwen3 families, as
/// in Hugging Face's `config.json`.
package struct ModelConfiguration: Hashable, Sendable {
    /// `model_type` in `config.json`.
    package enum Family: String, Sendable, CaseIterable {
        case llama
        case mistral
        case qwen2
        case qwen3

        /// The only entry of `architectures` that is computed.
        var architecture: String {
            switch self {
            case .llama: "LlamaForCausalLM"
            case .mistral: "MistralForCausalLM"
            case .qwen2: "Qwen2ForCausalLM"
            case .qwen3: "Qwen3ForCausalLM"
            }
        }
    }

    package var family: Family
    package var vocabularySize: Int
    package var hiddenSize: Int
    package var intermediateSize: Int
    package var layerCount: Int
    package var headCount: Int
    /// Heads of keys and values; each serves `headCount / keyValueHeadCount` query heads.
    package var keyValueHeadCount: Int
    /// Floats per head; even, because RoPE rotates one half against the other.
    package var headSize: Int
    package var maxPositions: Int
    package var normEpsilon: Float
    package var ropeTheta: Double
    package var ropeScaling: RopeScaling
    /// The output matrix is the embedding matrix.
    package var tiesEmbeddings: Bool
    /// Standard deviation of fresh weights.
    package var initializerRange: Double
    package var bosToken: Int32?
    package var eosTokens: [Int32]
    package var padToken: Int32?

    /// A model with tied embeddings and the usual constants; Qwen2 is what `cohort init` makes.
    /// `headSize` defaults to `hiddenSize / headCount`. Throws where sizes do not fit together.
    package init(
        vocabularySize: Int, hiddenSize: Int, intermediateSize: Int, layerCount: Int,
        headCount: Int,
        keyValueHeadCount: Int, maxPositions: Int, eosTokens: [Int32], family: Family = .qwen2,
        headSize: Int? = nil
    ) throws(ModelConfigurationError) {
        self.family = family
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.layerCount = layerCount
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize ?? (headCount > 0 ? hiddenSize / headCount : 0)
        self.maxPositions = maxPositions
        normEpsilon = 1e-6
        ropeTheta = 10_000
        ropeScaling = .none
        tiesEmbeddings = true
        initializerRange = 0.02
        self.eosTokens = eosTokens
        try validate()
    }
}

extension ModelConfiguration {
    /// Query heads that share one key/value head.
    var headsPerKeyValueHead: Int { headCount / keyValueHeadCount }
    /// Heads that carry positions: those of queries and keys.
    var rotatedHeadCount: Int { headCount + keyValueHeadCount }
    /// Width of all query heads side by side.
    var queryWidth: Int { headCount * headSize }
    /// Width of all key heads side by side; the same for values.
    var keyValueWidth: Int { keyValueHeadCount * headSize }
    /// Width of a row [queries | keys | values].
    var projectionWidth: Int { queryWidth + 2 * keyValueWidth }
    var hasProjectionBias: Bool { family == .qwen2 }
    /// Query and key heads go through an RMS norm of their own before they are rotated.
    var normalizesHeads: Bool { family == .qwen3 }
}

/// Something in a `config.json` that this engine cannot read or does not compute.
package struct ModelConfigurationError: Error, Hashable, CustomStringConvertible {
    /// Key of `config.json`.
    package var key: String
    package var problem: String

    package var description: String { "config.json: \"\(key)\" \(problem)" }
}

extension ModelConfiguration {
    /// Sizes large enough for any model of these families, small enough that no product overflows.
    private static let sizeLimit = 1 << 24

    /// Throws unless all sizes fit together.
    func validate() throws(ModelConfigurationError) {
        let sizes = [
            ("vocab_size", vocabularySize), ("hidden_size", hiddenSize),
            ("intermediate_size", intermediateSize), ("num_hidden_layers", layerCount),
            ("num_attention_heads", headCount), ("num_key_value_heads", keyValueHeadCount),
            ("head_dim", headSize), ("max_position_embeddings", maxPositions),
        ]
        for (key, size) in sizes where size < 1 || size > Self.sizeLimit {
            throw .init(key: key, problem: "is \(size); it must be from 1 to \(Self.sizeLimit)")
        }
        guard headCount % keyValueHeadCount == 0 else {
            throw .init(
                key: "num_key_value_heads",
                problem: "is \(keyValueHeadCount), which does not divide the \(headCount) heads")
        }
        guard headSize % 2 == 0 else {
            throw .init(key: "head_dim", problem: "is \(headSize); rotary positions need it even")
        }
        guard headSize <= 1024, headCount <= 4096 else {
            throw .init(key: "head_dim", problem: "is \(headSize) × \(headCount) heads: too large")
        }
        guard normEpsilon > 0, normEpsilon.isFinite else {
            throw .init(key: "rms_norm_eps", problem: "must be a positive number")
        }
        guard ropeTheta > 0, ropeTheta.isFinite else {
            throw .init(key: "rope_theta", problem: "must be a positive number")
        }
        try ropeScaling.validate()
        guard initializerRange >= 0, initializerRange.isFinite else {
            throw .init(key: "initializer_range", problem: "must not be negative")
        }
    }
}
