import ArgumentParser
import Checkpoints
import Foundation
import GRPO
import Ports
import Tokenization
import Transformer

/// `cohort generate`: completions of prompts given on the command line.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Sample completions of prompts from a model.",
        discussion: "cohort generate --model runs/…/model '12+34=' '5+6='")

    @Argument(help: "Prompts, taken as they are.")
    var prompts: [String]

    @Option(help: "Hugging Face directory.")
    var model: String

    @Option(help: "0: greedy.")
    var temperature: Float = 0

    @Option(help: "0: off.")
    var topK = 0

    @Option(help: "1: off.")
    var topP: Float = 1

    @Option(help: "Tokens after which a completion is cut off.")
    var maxCompletionLength = 32

    @Option(help: "Completions per prompt.")
    var samples = 1

    @Option(help: "Decides the random numbers.")
    var seed: UInt64 = 42

    @Option(help: "f32 or bf16.")
    var dtype = DType.f32

    @Flag(help: "Print one JSON object per completion.")
    var json = false

    func validate() throws {
        guard temperature >= 0, temperature.isFinite else { throw ValidationError("--temperature must be at least 0") }
        guard topK >= 0 else { throw ValidationError("--top-k must be at least 0") }
        guard topP > 0, topP <= 1 else { throw ValidationError("--top-p must be above 0 and at most 1") }
        guard maxCompletionLength >= 1 else { throw ValidationError("--max-completion-length must be at least 1") }
        guard samples >= 1 else { throw ValidationError("--samples must be at least 1") }
    }

    func run() async throws {
        let loaded = try ModelDirectory(model)
        let sampler = TransformerSampler(
            configuration: loaded.configuration, codec: SafetensorsCodec(), threads: 2,
            type: dtype.type)
        let version = PolicyVersion(incarnation: 0, number: 0)
        try await loaded.naming { try await sampler.adopt(loaded.weights, version: version) }
        let tickets = try prompts.enumerated().map { index, prompt in
            let tokens = loaded.tokenizer.encode(prompt)
            guard !tokens.isEmpty else {
                throw CommandFailure(
                    "the prompt \(quotedString(prompt)) has no token in \(model)/tokenizer.json; "
                        + "give some text that the model knows", .badData)
            }
            return Ticket(
                key: TicketKey(pass: 0, promptIndex: UInt32(index), attempt: 0), ordinal: UInt64(index),
                version: version, prompt: tokens, columns: "")
        }
        let parameters = SamplingParameters(
            temperature: temperature, topK: topK, topP: topP,
            maxCompletionLength: maxCompletionLength, stopTokens: loaded.stopTokens)
        do {
            let groups = try await sampler.sample(
                tickets, groupSize: samples, parameters: parameters, seed: seed)
            for (prompt, group) in zip(prompts, groups) { show(prompt, group, loaded) }
        } catch let error as SamplingError { throw CommandFailure("\(error)", .badData) }
    }

    private func show(_ prompt: String, _ group: Group, _ loaded: ModelDirectory) {
        for completion in group.completions {
            let text = loaded.tokenizer.decode(completion.tokens)
            let logprob = completion.behaviorLogprobs.reduce(0) { $0 + Double($1) }
            let line =
                json
                ? "{\"prompt\":\(quotedString(prompt)),\"completion\":\(quotedString(text)),"
                    + "\"logprob\":\(logprob),\"tokens\":\(completion.tokens.count)}"
                : TerminalText.escaped(prompt + text)
            StandardStream.output.write(line + "\n")
        }
    }
}
