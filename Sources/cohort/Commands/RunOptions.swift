import ArgumentParser

/// The options that `train` and `learner` share: where the configuration comes from.
struct RunOptions: ParsableArguments {
    @Argument(help: "Configuration files in TOML; later ones win.")
    var files: [String] = []

    @OptionGroup var settings: SettingOptions

    @Option(help: "Hugging Face directory to start from. Without it: the built-in small model.")
    var model: String?

    @Option(help: "Training prompts, one JSON object per line: {\"prompt\": …, \"answer\": …}.")
    var data: String?

    @Option(help: "Held-out prompts, in the same form.")
    var evalData: String?

    @Option(help: "How completions are judged: reward functions such as exact, with commas between them.")
    var reward: String?

    @Option(help: "Named choice of advantage and objective; cohort profiles lists them.")
    var profile: String?

    @Option(help: "Where everything of the run goes. Without it: a new folder under runs/.")
    var outputDir: String?

    @Option(help: "Decides every random number of the run.")
    var seed: String?

    @Option(help: "Worker processes that are started here.")
    var workers: String?

    @Option(help: "Generation batches to train on.")
    var maxSteps: String?

    @Flag(help: "Go on with the run in --output-dir from its last checkpoint.")
    var resume = false

    @Option(help: "Directory with learner.key and authorized_workers; see cohort keygen --help.")
    var keys: String?

    @Flag(help: "Allow tcp beyond loopback without encryption.")
    var insecure = false

    @Flag(help: "Print the resolved configuration with the origin of every value, and stop.")
    var dryRun = false

    /// All sources, the weakest first; `bind` stands for an option of the command itself.
    private func sources(bind: String?) throws -> ConfigurationSources {
        try settings.sources(
            files: try files.map { try TOMLSource(contentsOf: $0) },
            [
                ("model.path", "--model", model), ("data.path", "--data", data),
                ("data.eval_path", "--eval-data", evalData), ("reward.name", "--reward", reward),
                ("grpo.profile", "--profile", profile),
                ("run.output_dir", "--output-dir", outputDir), ("run.seed", "--seed", seed),
                ("cluster.workers", "--workers", workers), ("run.max_steps", "--max-steps", maxSteps),
                ("cluster.insecure", "--insecure", insecure ? "true" : nil),
                ("cluster.bind", "--bind", bind), ("cluster.keys", "--keys", keys),
            ])
    }

    /// The configuration of a new run, or, with `--resume`, of the recorded one with what may change.
    func resolve(bind: String? = nil) throws -> ResolvedConfiguration {
        let sources = try sources(bind: bind)
        guard resume else { return try ResolvedConfiguration(sources) }
        guard let outputDir else {
            throw CommandFailure("--resume needs --output-dir: which run shall go on?", .usage)
        }
        try RunDirectory.requireRun(at: outputDir)
        let recorded = try RunDirectory(existing: outputDir).recordedConfiguration()
        return try ResolvedConfiguration(sources, resuming: recorded)
    }
}
