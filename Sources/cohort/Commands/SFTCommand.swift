import ArgumentParser
import Checkpoints
import Foundation

/// `cohort sft`: supervised warm start on worked answers.
struct SFTCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sft",
        abstract: "Train a model on worked answers (maximum likelihood) and save it.",
        discussion: "Without --data: the built-in addition task. Settings are in the [sft] table.")

    @Option(help: "Hugging Face directory to start from. Without it: the built-in small model.")
    var model: String?

    @Option(help: "Rows with prompt and answer, one JSON object per line.")
    var data: String?

    @Option(help: "The directory to write.")
    var output: String

    @Option(help: "Decides initial weights, data and order.")
    var seed: String?

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw CommandFailure("\(output) exists already; choose another name or remove it", .cannotCreate)
        }
        let parent = URL(filePath: output).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: parent) else {
            throw CommandFailure("there is no directory \(parent) to put \(output) into", .cannotCreate)
        }
        let configuration = try resolve().configuration
        let temporary = FileManager.default.temporaryDirectory.appending(path: "cohort-sft-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        var path = configuration.model.path
        if configuration.model.isBuiltIn {
            path = temporary
            try BuiltInModel(settings: configuration.model, seed: configuration.run.seed).write(to: path)
        }
        let start = try ModelDirectory(path)
        let weights = try await warmUp(start, configuration)
        try HuggingFaceDirectory.write(
            to: output, config: start.config, weights: weights, passThrough: start.passThrough)
        StandardStream.output.write("model: \(output)\n")
    }

    private func warmUp(_ start: ModelDirectory, _ configuration: RunConfiguration) async throws -> [UInt8] {
        let examples = try PromptLoading(configuration, model: start).workedExamples()
        let threads = configuration.cluster.learnerThreads
        let evaluator = Evaluator(
            start, rewards: RewardScoring(evaluating: start, configuration), grpo: configuration.grpo,
            seed: configuration.run.seed, threads: threads)
        return try await Warmup(
            model: start, settings: configuration.sft, seed: configuration.run.seed, threads: threads
        ).run(examples, evaluator: evaluator) { StandardStream.error.write($0 + "\n") }
    }

    private func resolve() throws -> ResolvedConfiguration {
        try ResolvedConfiguration(
            try settings.sources([
                ("model.path", "--model", model), ("data.path", "--data", data),
                ("run.seed", "--seed", seed),
            ]))
    }
}
