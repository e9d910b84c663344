import ArgumentParser
import Checkpoints
import Foundation
import Ports
import Tokenization
import Transformer

/// `cohort score`: log-probabilities of texts or token ids under a model.
struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Print the log-probability of every token of texts or token ids.",
        discussion: """
            Reads one JSON value per line from standard input: a text, a list of token ids, or an object \
            with "text" or "ids". Writes one object per line: "ids", and "logprobs" in nats, each token \
            given those before it; null for the first.

            echo '"12+34=46"' | cohort score --model runs/…/model
            """)

    @Option(help: "Hugging Face directory.")
    var model: String

    @Option(help: "f32 or bf16.")
    var dtype = DType.f32

    @Option(help: "Logits are divided by this first.")
    var temperature: Float = 1

    @Option(help: "Computing threads. Default: one per core.")
    var threads: Int?

    @Flag(help: "Encode texts without the tokens that tokenizer.json puts around them.")
    var noSpecialTokens = false

    /// Lines that are computed together.
    private static let linesPerBatch = 64

    func validate() throws {
        guard temperature > 0, temperature.isFinite else {
            throw ValidationError("--temperature must be above 0")
        }
        guard 1...1024 ~= threads ?? 1 else { throw ValidationError("--threads must be 1 to 1024") }
    }

    func run() async throws {
        let loaded = try ModelDirectory(model)
        let learner = try await loaded.naming {
            try TransformerLearner(
                configuration: loaded.configuration, weights: loaded.weights,
                codec: SafetensorsCodec(),
                threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
                options: TrainingOptions(type: dtype.type))
        }
        let reader = ScoreLineReader(model: loaded, addsSpecialTokens: !noSpecialTokens)
        var batch: [[Int32]] = []
        var number = 0
        while let line = readLine() {
            number += 1
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            batch.append(try reader.tokens(Array(line.utf8), line: number))
            if batch.count == Self.linesPerBatch { try await score(&batch, learner) }
        }
        try await score(&batch, learner)
    }

    /// Writes the batch's lines, in order, and empties it.
    private func score(_ batch: inout [[Int32]], _ learner: TransformerLearner) async throws {
        let groups = batch.map {
            TokenGroup(prompt: [$0[0]], completions: [Array($0.dropFirst())])
        }
        var rest = try await learner.score(groups, with: .current, temperature: temperature)
            .logprobs[...]
        for tokens in batch {
            let own = rest.prefix(tokens.count - 1)
            rest = rest.dropFirst(own.count)
            StandardStream.output.write(Self.line(tokens, Array(own)))
        }
        batch = []
    }

    private static func line(_ tokens: [Int32], _ logprobs: [Float]) -> String {
        let ids = tokens.map(String.init).joined(separator: ",")
        // Swift's shortest digits that read back as the same float; JSON has no infinity.
        let values = ["null"] + logprobs.map { $0.isFinite ? "\($0)" : "null" }
        return "{\"ids\":[\(ids)],\"logprobs\":[\(values.joined(separator: ","))]}\n"
    }
}

/// One line of input as token ids that the model can take.
struct ScoreLineReader {
    let model: ModelDirectory
    let addsSpecialTokens: Bool

    /// Throws `CommandFailure` with the line's number.
    func tokens(_ line: [UInt8], line number: Int) throws -> [Int32] {
        func refuse(_ problem: String) -> CommandFailure {
            CommandFailure("standard input:\(number): \(problem)", .badData)
        }
        let value: JSONValue
        do { value = try JSONParser.parse(line) } catch { throw refuse("invalid JSON: \(error)") }
        guard let tokens = tokens(value) else {
            throw refuse(
                "must be a text, a list of token ids, or an object with \"text\" or \"ids\"")
        }
        let configuration = model.configuration
        guard !tokens.isEmpty else { throw refuse("there is no token") }
        guard tokens.count <= configuration.maxPositions else {
            throw refuse(
                "\(tokens.count) tokens are more than the model's max_position_embeddings, "
                    + "\(configuration.maxPositions)")
        }
        for token in tokens where token < 0 || token >= configuration.vocabularySize {
            let size = configuration.vocabularySize
            throw refuse("token \(token) is outside the vocabulary of \(size)")
        }
        return tokens
    }

    private func tokens(_ value: JSONValue) -> [Int32]? {
        switch value {
        case .string(let text):
            return model.tokenizer.encode(text, addSpecialTokens: addsSpecialTokens)
        case .array(let items): return ids(items)
        default:
            guard let members = value.members, members.count == 1 else { return nil }
            switch (members[0].key, members[0].value) {
            case ("text", let .string(text)): return tokens(.string(text))
            case ("ids", let .array(items)): return ids(items)
            default: return nil
            }
        }
    }

    private func ids(_ items: [JSONValue]) -> [Int32]? {
        var ids: [Int32] = []
        for item in items {
            guard case .number(let literal) = item, let id = Int32(literal) else { return nil }
            ids.append(id)
        }
        return ids
    }
}
