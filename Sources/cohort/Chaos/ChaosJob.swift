import Foundation

/// Runs a configuration twice from the same starting policy, undisturbed and with faults, and compares.
struct ChaosJob: Sendable {
    let resolved: ResolvedConfiguration
    let plan: ChaosPlan
    let stopSeconds: Double
    /// Whether the undisturbed run takes place.
    let comparesWithCalm: Bool
    /// Of each run.
    let limit: Duration
    /// Gets two run directories, `calm` and `chaos`.
    let directory: String
    let interrupt: Interrupt

    private var configuration: RunConfiguration { resolved.configuration }

    func run(_ say: @escaping @Sendable (String) -> Void) async throws -> ChaosReport {
        let chaos = try open("chaos")
        let start = try await StartingPolicy(configuration, directory: chaos.directory).prepare(say)
        var calm: ChaosReport.Run?
        if comparesWithCalm {
            say("a run without faults comes first, in \(directory)/calm")
            let trial = try open("calm").trial(start, limit)
            calm = try report(try await trial.run(interrupt: interrupt, say), trial)
        }
        say("now with faults, in \(directory)/chaos")
        var trial = chaos.trial(start, limit)
        trial.faults = plan.faults(
            workers: configuration.cluster.workers, steps: configuration.run.maxSteps)
        trial.stopSeconds = stopSeconds
        let result = try await trial.run(interrupt: interrupt, say)
        let history = WorkHistory(of: chaos.directory, workers: configuration.cluster.workers)
        return ChaosReport(
            seed: plan.seed, faultsPlanned: trial.faults.count,
            outcomes: FaultOutcome.all(of: result.injected, in: history),
            chaos: try report(result, trial), calm: calm,
            isReproducible: configuration.cluster.schedule == .lockstep,
            problems: try problems(result, trial))
    }

    /// A run directory and the configuration recorded in it.
    private struct Opened {
        let resolved: ResolvedConfiguration
        let directory: RunDirectory

        func trial(_ start: String, _ limit: Duration) -> ClusterTrial {
            ClusterTrial(resolved: resolved, directory: directory, start: start, limit: limit)
        }
    }

    private func open(_ name: String) throws -> Opened {
        var own = resolved
        own.configuration.run.outputDirectory = "\(directory)/\(name)"
        return Opened(resolved: own, directory: try RunOpening(resolved: own, resumes: false).open())
    }

    private func report(_ result: ClusterTrial.Result, _ trial: ClusterTrial) throws -> ChaosReport.Run {
        if let reason = result.record.stopReason {
            throw CommandFailure(
                "the run in \(trial.directory.path) ended at step \(result.record.steps): \(reason)",
                .interrupted)
        }
        let counted = try StepTimes.read(trial.directory.metrics).reduce(0) { $0 + $1.total }
        return ChaosReport.Run(
            directory: trial.directory.path, seconds: result.seconds, steps: result.record.steps,
            groups: result.record.groups, weightsSHA256: result.record.weightsSHA256,
            effectiveShare: counted / result.seconds)
    }

    private func problems(_ result: ClusterTrial.Result, _ trial: ClusterTrial) throws -> [String] {
        let books = RunBooks(
            steps: configuration.run.maxSteps, groupsPerStep: configuration.grpo.groupsPerBatch)
        let metrics = try String(contentsOfFile: trial.directory.metrics, encoding: .utf8)
        return books.problems(of: result.record.groups, steps: result.record.steps)
            + books.problems(ofMetrics: metrics)
    }
}
