import ArgumentParser

/// `cohort replay`: whether a run's ledger leads to the weights that the run published.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Compute a run's steps again from its ledger, and compare the weights bit for bit.",
        discussion: """
            Starts from the newest valid checkpoint before --from, or where the run started, and trains on the \
            ledger's batches in their order, whatever the schedule was. Prints each step's digest; the first \
            one that differs ends it with exit code 65. Steps are counted as in metrics.jsonl: step N makes \
            version N. Nothing in the run's directory is changed, and the run may be under way.
            """)

    @Argument(help: ArgumentHelp("The run's directory.", valueName: "run"))
    var directory: String

    @Option(help: ArgumentHelp("The first step; without it the run's first.", valueName: "step"))
    var from: Int?

    @Option(help: ArgumentHelp("The last step; without it the last that was published.", valueName: "step"))
    var to: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let isQuiet = json
        let replay = RunReplay(
            directory: RunDirectory(existing: directory), from: from, to: to,
            say: { if !isQuiet { StandardStream.output.write($0 + "\n") } },
            note: { StandardStream.error.write("cohort: \($0)\n") })
        let (report, failure) = try await replay.run()
        if json { StandardStream.output.write(try report.benchJSON()) }
        if let failure { throw failure }
    }
}
