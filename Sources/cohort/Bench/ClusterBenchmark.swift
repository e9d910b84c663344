import Foundation
import Rollout

/// Completion tokens per second of whole clusters: real learner and worker processes, from a model
/// with random weights or a given one, without warm-up, evaluation and checkpoints.
struct ClusterBenchmark: Sendable {
    /// The runs' configuration; workers and steps are set for each.
    let base: ResolvedConfiguration
    /// Steps to measure; one more is run before.
    let steps: Int
    /// Of each run.
    let limit: Duration
    let directory: String

    /// Measures with 1 to `workersMax` workers, one after the other.
    func run(
        workersMax: Int, _ say: @escaping @Sendable (String) -> Void
    ) async throws -> ClusterReport {
        var runs: [ClusterRun] = []
        for workers in 1...workersMax {
            try Task.checkCancellation()
            let run = try await measure(workers)
            runs.append(run)
            say(
                "\(workers) of \(workersMax) workers: "
                    + "\(DecimalText.compact(run.completionTokensPerS)) tokens/s")
        }
        return ClusterReport(runs: runs, machine: .current)
    }

    private func measure(_ workers: Int) async throws -> ClusterRun {
        let resolved = configuration(workers)
        let run = try RunDirectory.create(at: "\(directory)/\(workers)")
        try run.record(resolved)
        let start = try await StartingPolicy(resolved.configuration, directory: run).prepare { _ in
        }
        let job = TrainJob(resolved, directory: run, resumes: false, interrupt: Interrupt())
        var plan = try job.plan(start)
        plan.showsOutput = false
        try await finish(plan, of: run)
        let times = try StepTimes.read(run.metrics)
        guard times.count == steps + 1 else {
            throw CommandFailure(
                "workers = \(workers): the run made \(times.count) of \(steps + 1) steps",
                .internalError)
        }
        return ClusterRun(
            steps: Array(times.dropFirst()), workers: try totals(of: workers, in: run))
    }

    /// Short: no warm-up, no checkpoints, no printing.
    func configuration(_ workers: Int) -> ResolvedConfiguration {
        var resolved = base
        resolved.configuration.cluster.workers = workers
        resolved.configuration.cluster.maxRestarts = 0
        resolved.configuration.run.maxSteps = steps + 1
        resolved.configuration.run.saveSteps = 0
        resolved.configuration.run.logCompletionsSteps = 0
        resolved.configuration.sft.enabled = .no
        return resolved
    }

    /// Runs the cluster until the learner is done; ends its processes where that takes too long or
    /// the benchmark is cancelled.
    private func finish(_ plan: LocalCluster.Plan, of run: RunDirectory) async throws {
        let cluster = LocalCluster(plan: plan) { _ in }
        let exit = try await withDeadline(limit, for: "the run with workers = \(plan.workers)") {
            try await withTaskCancellationHandler {
                try await cluster.run()
            } onCancel: {
                cluster.kill()
            }
        }
        guard exit != .code(0) else { return }
        let cause = LastFailure(log: run.learnerLog).sentence ?? "the learner ended with \(exit)"
        throw CommandFailure(
            "workers = \(plan.workers): \(cause)", TrainJob.exitCode(of: exit))
    }

    private func totals(of workers: Int, in run: RunDirectory) throws -> [RolloutTotals] {
        try (0..<workers).map { index in
            let path = "\(run.logs)/worker-\(index).json"
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw CommandFailure("worker \(index) of \(workers) left no report", .internalError)
            }
            return try JSONDecoder().decode(RolloutTotals.self, from: bytes)
        }
    }
}
