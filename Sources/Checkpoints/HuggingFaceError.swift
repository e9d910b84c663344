/// Why a directory is not a model that can be read.
package enum HuggingFaceError: Error, Hashable {
    case noDirectory(String)
    /// A directory to be replaced holds something else.
    case notAModel(String)
    case missingFile(path: String)
    /// Only PyTorch's pickled weights are there.
    case pickledWeights(path: String)
    /// model.safetensors.index.json is not what it should be.
    case badIndex(path: String, reason: String)
    /// The index names a file outside the directory, or a link.
    case unsafeShard(index: String, name: String)
    /// The index puts a tensor into a shard that does not hold it.
    case missingTensor(String, shard: String)
}

extension HuggingFaceError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDirectory(let path):
            "there is no directory \(path); give a directory that holds a Hugging Face model "
                + "(config.json, model.safetensors, tokenizer.json)"
        case .notAModel(let path):
            "\(path) holds files but no config.json, so it is not a model that could be replaced; "
                + "choose another directory"
        case .missingFile(let path):
            "there is no \(path); give a directory that holds a Hugging Face model, or fetch the file"
        case .pickledWeights(let path):
            "\(path) has weights as pytorch_model.bin only, which is executable code; convert them "
                + "with transformers' save_pretrained, which writes model.safetensors"
        case .badIndex(let path, let reason):
            "\(path) is not an index of safetensors shards: \(reason)"
        case .unsafeShard(let index, let name):
            "\(index) names the shard \"\(name)\", which must be a plain file beside it, not a path "
                + "or a link; copy the model with its links resolved (cp -rL)"
        case .missingTensor(let tensor, let shard):
            "\(shard) has no tensor \"\(tensor)\", although the index says so; fetch the model again"
        }
    }
}
