import Checkpoints
import Foundation
import GRPO
import Ports
import Tokenization
import Transformer

/// The small model that `cohort` makes itself: Qwen2's architecture, random weights, and a character
/// vocabulary for arithmetic. A Hugging Face directory like any other.
struct BuiltInModel {
    let settings: ModelSettings
    let seed: UInt64

    /// Writes the directory. The weights are a pure function of shape and seed.
    func write(to path: String) throws {
        let tokenizer = Tokenizer.arithmeticJSON()
        let vocabulary = try Tokenizer(json: Array(tokenizer.utf8))
        guard let stop = vocabulary.id(of: "<|im_end|>") else {
            preconditionFailure("the built-in vocabulary has a stop token")
        }
        let configuration = try ModelConfiguration(
            vocabularySize: vocabulary.vocabularySize, hiddenSize: settings.hiddenSize,
            intermediateSize: settings.intermediateSize, layerCount: settings.numHiddenLayers,
            headCount: settings.numAttentionHeads, keyValueHeadCount: settings.numKeyValueHeads,
            maxPositions: settings.maxPositionEmbeddings, eosTokens: [stop])
        let weights = try SafetensorsCodec().encode(
            configuration.freshWeights(seed: seed), metadata: [:])
        try HuggingFaceDirectory.write(
            to: path, config: try configuration.json(), weights: weights,
            passThrough: [
                NamedFile(name: "tokenizer.json", bytes: Array(tokenizer.utf8)),
                NamedFile(name: "tokenizer_config.json", bytes: Array(Self.tokenizerConfig.utf8)),
            ])
    }

    private static let tokenizerConfig = """
        {
          "eos_token": "<|im_end|>",
          "pad_token": "<|endoftext|>",
          "tokenizer_class": "PreTrainedTokenizerFast"
        }

        """
}
