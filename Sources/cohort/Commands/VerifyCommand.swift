import ArgumentParser

/// `cohort verify`: whether a run's records are whole and say the same.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a run's ledger, checkpoints and results against each other.",
        discussion: """
            Reads the whole ledger, every digest and every manifest, with code of its own. Prints what was \
            checked and where every group is; at the first violation one sentence, and exit code 65. The run \
            may be under way.
            """)

    @Argument(help: ArgumentHelp("The run's directory.", valueName: "run"))
    var directory: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let report = try RunVerification(directory: RunDirectory(existing: directory)).report()
        StandardStream.output.write(json ? try report.benchJSON() : report.text)
    }
}
