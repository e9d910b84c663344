import Checkpoints
import Foundation
import GRPO
import Ports
import Tokenization
import Transformer

/// A Hugging Face directory, read: what every command needs of a model.
struct ModelDirectory: Sendable {
    let path: String
    /// Bytes of `config.json`.
    let config: [UInt8]
    let configuration: ModelConfiguration
    let tokenizer: Tokenizer
    /// Ids that end a completion: of `generation_config.json`, else of `config.json`.
    let stopTokens: [Int32]
    /// Tokenizer and template files, to be passed on unchanged.
    let passThrough: [NamedFile]
    /// Mapped: read as tensors are copied.
    let weights: any TensorImage

    /// Throws with exit code 65 or 66 and a sentence that names the file.
    init(_ path: String) throws {
        do {
            let directory = try HuggingFaceDirectory(reading: path)
            self.path = path
            config = directory.config
            configuration = try ModelConfiguration(json: directory.config)
            tokenizer = try Tokenizer(directory: path)
            passThrough = directory.passThrough
            weights = directory.weights
            stopTokens = try Self.stopTokens(directory.passThrough) ?? configuration.eosTokens
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("model \(path): \(error)", Self.exitCode(of: error))
        }
        try requireVocabularyFits()
    }

    /// What is missing is told apart from what is wrong.
    private static func exitCode(of error: any Error) -> ExitCode {
        switch error {
        case HuggingFaceError.noDirectory, HuggingFaceError.missingFile: .noInput
        case let error as TokenizerError:
            if case .unreadable = error.problem { .noInput } else { .badData }
        default: .badData
        }
    }

    /// Numbers in all tensors.
    var parameterCount: Int {
        weights.names.reduce(0) { $0 + (weights.shape(of: $1) ?? []).reduce(1, *) }
    }

    /// Does something with the weights; where they do not fit `config.json`, the error names this model.
    func naming<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as WeightsError {
            throw CommandFailure("model \(path): \(error)", .badData)
        } catch let error as SafetensorsError {
            throw CommandFailure("model \(path): \(error)", .badData)
        }
    }

    /// `eos_token_id` of `generation_config.json`: a number, a list, or nothing.
    private static func stopTokens(_ files: [NamedFile]) throws -> [Int32]? {
        guard let file = files.first(where: { $0.name == "generation_config.json" }) else { return nil }
        struct GenerationConfig: Decodable {
            var eos_token_id: OneOrMany?
        }
        enum OneOrMany: Decodable {
            case ids([Int32])
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                self = .ids(try (try? container.decode([Int32].self)) ?? [container.decode(Int32.self)])
            }
        }
        do {
            let decoded = try JSONDecoder().decode(GenerationConfig.self, from: Data(file.bytes))
            guard case .ids(let ids)? = decoded.eos_token_id else { return nil }
            return ids
        } catch {
            throw CommandFailure(
                "generation_config.json: eos_token_id must be a token id or a list of them", .badData)
        }
    }

    /// A tokenizer that knows more tokens than the model has rows would index past the embedding.
    private func requireVocabularyFits() throws {
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw CommandFailure(
                "model \(path): tokenizer.json has \(tokenizer.vocabularySize) tokens, config.json "
                    + "says vocab_size \(configuration.vocabularySize); they do not belong together",
                .badData)
        }
        guard stopTokens.allSatisfy({ 0 <= $0 && Int($0) < configuration.vocabularySize }) else {
            throw CommandFailure(
                "model \(path): eos_token_id \(stopTokens) lies outside the vocabulary", .badData)
        }
    }
}
