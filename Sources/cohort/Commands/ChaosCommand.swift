import ArgumentParser
import Foundation

/// `cohort chaos`: strikes the processes of a run of one's own, and shows that nothing comes of it.
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Kill and stop the processes of a run at random, and compare with an undisturbed one.",
        discussion: """
            Runs the configuration on this machine, first undisturbed, then with faults: kill -9 of \
            workers or learner, or SIGSTOP and later SIGCONT. Prints how long each kind of fault took \
            to recover from and what work was done again, and ends with exit code 0 only if all faults \
            took place, every group is accounted for, and (lockstep) the weights have the same bits.

            cohort chaos config.toml --kills 20 --target both
            """)

    @OptionGroup var options: RunOptions

    @Option(help: "Processes to kill.")
    var kills = 10

    @Option(help: "Whom faults hit: workers, learner, or both (then every third one the learner).")
    var target = ChaosPlan.Target.workers

    @Option(
        help: """
            Mean seconds between two faults, uniform in 0 to twice that. Default: all faults are spread \
            over the steps of the run.
            """)
    var every: Double?

    @Option(help: "Processes to stop for a while.")
    var stops = 0

    @Option(help: "Seconds that a stopped process is stopped.")
    var stopSeconds = 1.0

    @Option(help: "Decides which process is struck when.")
    var faultSeed: UInt64 = 1

    @Flag(inversion: .prefixedNo, help: "Run the same job without faults first. Default: in lockstep.")
    var calm: Bool?

    @Option(help: "Seconds after which a run is given up.")
    var limitSeconds = 3600.0

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !options.resume else {
            throw ValidationError("cohort chaos starts a run of its own: no --resume")
        }
        guard 0...1_000_000 ~= kills, 0...1_000_000 ~= stops, kills + stops > 0 else {
            throw ValidationError("--kills and --stops must be 0 to 1000000, and not both 0")
        }
        guard 0.001...86_400 ~= every ?? 1 else { throw ValidationError("--every must be 0.001 to 86400") }
        guard 0.001...86_400 ~= stopSeconds else {
            throw ValidationError("--stop-seconds must be 0.001 to 86400")
        }
        guard 1...1e6 ~= limitSeconds else { throw ValidationError("--limit-seconds must be 1 to 1000000") }
    }

    func run() async throws {
        let resolved = try options.resolve()
        if options.dryRun { return StandardStream.output.write(resolved.toml) }
        let cluster = resolved.configuration.cluster
        guard target == .learner || cluster.workers > 0 else {
            throw CommandFailure(
                "cluster.workers is 0, so there is no worker to strike; start some, or give "
                    + "--target learner", .configuration)
        }
        let interrupt = Interrupt()
        let signals = StopSignals { _, _ in interrupt.raise() }
        defer { withExtendedLifetime(signals) {} }
        interrupt.onStop { _ in _exit(ExitCode.interrupted.rawValue) }
        let report = try await ChaosJob(
            resolved: resolved,
            plan: ChaosPlan(kills: kills, stops: stops, target: target, every: every, seed: faultSeed),
            stopSeconds: stopSeconds, comparesWithCalm: calm ?? (cluster.schedule == .lockstep),
            limit: .seconds(limitSeconds), directory: directory(resolved), interrupt: interrupt
        ).run { StandardStream.error.write($0 + "\n") }
        StandardStream.output.write(json ? try report.benchJSON() : report.text)
        if !report.problems.isEmpty {
            throw CommandFailure(report.problems.joined(separator: "\n"), .internalError)
        }
    }

    private func directory(_ resolved: ResolvedConfiguration) -> String {
        let given = resolved.configuration.run.outputDirectory
        return given.isEmpty ? "runs/chaos-" + Timestamps.compact(Date().timeIntervalSince1970) : given
    }
}

extension ChaosPlan.Target: ExpressibleByArgument {}
