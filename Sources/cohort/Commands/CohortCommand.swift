import ArgumentParser
import Foundation

/// `cohort`: the root of the command line.
@main
struct CohortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cohort",
        abstract: "Distributed GRPO for small language models on plain CPUs.",
        discussion: """
            cohort train                                   learns two-digit addition, from nothing
            cohort train --model DIR --data FILE.jsonl --eval-data FILE.jsonl --reward exact
            cohort train config.toml --set grpo.beta=0.01 --dry-run
            """,
        version: CohortVersion.text,
        subcommands: [
            TrainCommand.self, LearnerCommand.self, WorkerCommand.self, SFTCommand.self,
            EvalCommand.self, VerifyCommand.self, ReplayCommand.self, InspectCommand.self, GenerateCommand.self,
            ScoreCommand.self, TokenizeCommand.self, RenderCommand.self, ProfilesCommand.self, ObjectiveCommand.self, ConformanceCommand.self,
            ExperimentsCommand.self, ImportConfigCommand.self, InitCommand.self, KeygenCommand.self,
            DoctorCommand.self, ChaosCommand.self, SimulateCommand.self, BenchCommand.self,
        ])

    /// Parses, runs, and turns whatever went wrong into one sentence and a documented exit code.
    static func main() async {
        // A file at its size limit is an error with a sentence, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    private static func leave(with error: any Error) -> Never {
        guard let failure = CommandFailure(describing: error) else { exit(withError: error) }
        StandardStream.error.write(failure.report)
        Foundation.exit(failure.exitCode.rawValue)
    }
}

/// What this program calls itself.
enum CohortVersion {
    static let text = "0.1.0"
}
