import ArgumentParser
import Foundation
import ZeroMQTransport

/// `cohort train`: the whole job on this machine.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a policy with GRPO on one learner and N workers, all started here.",
        discussion: """
            Without arguments: makes a small model, warms it up on worked two-digit additions, trains \
            it with GRPO and evaluates it on held-out prompts. Ctrl-C leaves a checkpoint from which \
            --resume goes on.
            """)

    @OptionGroup var options: RunOptions

    @Flag(help: "Print the summary as JSON at the end, and nothing else on standard output.")
    var json = false

    func run() async throws {
        let resolved = try options.resolve()
        if options.dryRun { return StandardStream.output.write(resolved.toml) }
        let directory = try RunOpening(resolved: resolved, resumes: options.resume).open()
        let interrupt = Interrupt()
        let signals = StopSignals { _, _ in interrupt.raise() }
        defer { withExtendedLifetime(signals) {} }
        interrupt.onStop { _ in _exit(ExitCode.interrupted.rawValue) }
        let summary = try await TrainJob(
            resolved, directory: directory, resumes: options.resume, interrupt: interrupt,
            showsProgress: !json
        ).run { StandardStream.error.write($0 + "\n") }
        try finish(summary, directory)
    }

    private func finish(_ summary: RunSummary, _ directory: RunDirectory) throws {
        if json {
            StandardStream.output.write(try String(contentsOfFile: directory.summary, encoding: .utf8))
        } else {
            let table = BeforeAfterTable(
                before: summary.evaluationBefore, after: summary.evaluationAfter)
            StandardStream.output.write(table.text + "\n" + "model: \(directory.model)\n")
        }
        guard summary.outcome == .interrupted else { return }
        throw CommandFailure(
            "stopped at step \(summary.steps); go on with: cohort train --resume --output-dir "
                + directory.path, .interrupted)
    }
}
