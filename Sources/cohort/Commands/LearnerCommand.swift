import ArgumentParser
import Foundation
import ZeroMQTransport

/// `cohort learner`: the learner alone; workers connect to it.
struct LearnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learner", abstract: "Run the learner; workers connect with `cohort worker`.")

    @OptionGroup var options: RunOptions

    @Option(help: "Where to listen, for instance tcp://127.0.0.1:5555 (snapshots: the next port).")
    var bind: String?

    @Option(help: .hidden)
    var runDirectory: String?

    @Option(help: .hidden)
    var startModel: String?

    @Flag(help: .hidden)
    var supervised = false

    func run() async throws {
        if let runDirectory, let startModel {
            try await train(RunDirectory(existing: runDirectory), start: startModel, resumes: options.resume)
        } else {
            try await runAlone()
        }
    }

    /// As a user starts it: its own run directory and starting policy.
    private func runAlone() async throws {
        let resolved = try options.resolve(bind: bind)
        if options.dryRun { return StandardStream.output.write(resolved.toml) }
        let directory = try RunOpening(resolved: resolved, resumes: options.resume).open()
        let start = try await StartingPolicy(resolved.configuration, directory: directory)
            .prepare { StandardStream.error.write($0 + "\n") }
        try await train(directory, start: start, resumes: options.resume)
    }

    private func train(_ directory: RunDirectory, start: String, resumes: Bool) async throws {
        let turn = try await LearnerTurn(in: directory)
        defer { withExtendedLifetime(turn) {} }
        let resolved = try directory.recordedConfiguration()
        let endpoint = try LearnerEndpoint(resolved.configuration, directory: directory)
        if !supervised {
            StandardStream.error.write("listening on \(endpoint.connect); run directory \(directory.path)\n")
        }
        let process = LearnerProcess(
            resolved: resolved, directory: directory, modelPath: start, address: endpoint.address,
            resumes: resumes)
        let interrupt = Interrupt()
        let signals = StopSignals { _, earlier in
            if earlier > 0 { _exit(ExitCode.interrupted.rawValue) }
            interrupt.raise()
        }
        defer { withExtendedLifetime(signals) {} }
        if supervised {
            ParentWatch.start {
                ParentWatch.exitUnlessDone(within: 10, code: .peerUnavailable)
                interrupt.raise()
            }
        }
        let record = try await process.run { stopper in
            interrupt.onStop { _ in Task { await stopper.stop("it was asked to stop") } }
            if interrupt.isRaised { Task { await stopper.stop("it was asked to stop") } }
        }
        guard !supervised, let reason = record.stopReason else { return }
        throw CommandFailure(
            "stopped at step \(record.steps) (\(reason)); go on with: cohort learner --resume "
                + "--output-dir \(directory.path)", .interrupted)
    }
}
