package import Ports

/// A model directory as transformers reads and writes it.
package struct HuggingFaceDirectory: Sendable {
    package static let configName = "config.json"
    package static let weightsName = "model.safetensors"
    package static let indexName = "model.safetensors.index.json"

    /// Files that a trained model takes over from the one it started from, unchanged.
    package static let passThroughNames = [
        "generation_config.json", "tokenizer.json", "tokenizer_config.json",
        "special_tokens_map.json", "chat_template.jinja", "vocab.json", "merges.txt",
        "added_tokens.json",
    ]

    package let path: String
    /// The bytes of config.json.
    package let config: [UInt8]
    /// Of model.safetensors, or of all shards together; mapped, so only what is copied is read.
    package let weights: any TensorImage
    /// Those of `passThroughNames` that exist, in that order.
    package let passThrough: [NamedFile]

    /// Throws `HuggingFaceError` where a file is missing or the index is bad, `FileError` where one
    /// cannot be read, `FormatError` around a `SafetensorsError` where weights are damaged.
    package init(reading path: String) throws {
        self.path = path
        guard isDirectory(path) else { throw HuggingFaceError.noDirectory(path) }
        guard exists("\(path)/\(Self.configName)") else {
            throw HuggingFaceError.missingFile(path: "\(path)/\(Self.configName)")
        }
        config = try readFile("\(path)/\(Self.configName)")
        weights = try Self.openWeights(in: path)
        passThrough = try Self.passThroughNames.filter { exists("\(path)/\($0)") }
            .map { NamedFile(name: $0, bytes: try readFile("\(path)/\($0)")) }
    }

    /// Writes a directory that transformers loads, in the place of what was at `path`.
    ///
    /// `weights`: a safetensors image. Throws `HuggingFaceError.notAModel` where something else than a
    /// model is at `path` and `InsufficientSpace` where it would not fit, both before anything is
    /// written; else as `AtomicDirectory.replace` does. On any failure the previous directory stays.
    package static func write(
        to path: String, config: [UInt8], weights: [UInt8], passThrough: [NamedFile]
    ) throws {
        let files = modelFiles(config: config, weights: weights, passThrough: passThrough)
        let directory = AtomicDirectory(path: path)
        try requireReplaceable(directory.path)
        try LocalFileSystem().requireSpace(for: totalBytes(files), at: directory.parent)
        try directory.replace(with: files)
    }

    /// Replacing deletes, so a mistyped path must not cost anybody's files.
    private static func requireReplaceable(_ path: String) throws {
        guard isDirectory(path), !exists("\(path)/\(configName)") else { return }
        guard try LocalFileSystem().entries(of: path).isEmpty else { throw HuggingFaceError.notAModel(path) }
    }

    static func modelFiles(
        config: [UInt8], weights: [UInt8], passThrough: [NamedFile]
    ) -> [NamedFile] {
        [NamedFile(name: configName, bytes: config), NamedFile(name: weightsName, bytes: weights)]
            + passThrough
    }

    private static func openWeights(in path: String) throws -> any TensorImage {
        if exists("\(path)/\(weightsName)") {
            return try SafetensorsImage(mapping: "\(path)/\(weightsName)")
        }
        guard exists("\(path)/\(indexName)") else {
            if exists("\(path)/pytorch_model.bin") || exists("\(path)/pytorch_model.bin.index.json")
            {
                throw HuggingFaceError.pickledWeights(path: path)
            }
            throw HuggingFaceError.missingFile(path: "\(path)/\(weightsName)")
        }
        return try ShardedImage(directory: path)
    }
}

/// Bytes of all files together.
func totalBytes(_ files: [NamedFile]) -> UInt64 {
    files.reduce(0) { $0 + UInt64($1.bytes.count) }
}
