import ArgumentParser
import Foundation

/// `cohort eval`: accuracy of a saved model on held-out prompts.
struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Greedy and sampled accuracy of a model on held-out prompts.",
        discussion: "Without --data: the built-in addition task, whose held-out set depends on --seed.")

    @Option(help: "Hugging Face directory.")
    var model: String

    @Option(help: "Prompts with answers, one JSON object per line.")
    var data: String?

    @Option(help: "How completions are judged: reward functions such as exact, with commas between them.")
    var reward: String?

    @Option(help: "The run's seed.")
    var seed: String?

    @OptionGroup var settings: SettingOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let configuration = try resolve().configuration
        let loaded = try ModelDirectory(model)
        let evaluator = Evaluator(
            loaded, rewards: RewardScoring(evaluating: loaded, configuration), grpo: configuration.grpo,
            seed: configuration.run.seed, threads: configuration.cluster.learnerThreads,
            type: configuration.model.dtype)
        let evaluation = try await evaluator.evaluate(
            weights: loaded.weights,
            on: try PromptLoading(configuration, model: loaded).heldOutPrompts())
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            StandardStream.output.write(
                String(decoding: try encoder.encode(evaluation), as: UTF8.self) + "\n")
        } else {
            StandardStream.output.write(evaluation.sentence + "\n")
        }
    }

    private func resolve() throws -> ResolvedConfiguration {
        try ResolvedConfiguration(
            try settings.sources([
                ("data.eval_path", "--data", data), ("reward.name", "--reward", reward),
                ("run.seed", "--seed", seed),
            ]))
    }
}
