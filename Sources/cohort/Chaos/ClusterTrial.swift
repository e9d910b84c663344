import Foundation

/// A run's cluster without anything around it, neither warm-up nor evaluations, with faults done to it.
struct ClusterTrial: Sendable {
    let resolved: ResolvedConfiguration
    let directory: RunDirectory
    /// The model that the run starts from.
    let start: String
    var faults: [Fault] = []
    var stopSeconds = 1.0
    /// After which the run is given up.
    let limit: Duration

    /// What came of it.
    struct Result: Sendable {
        var record: LearnerRecord
        /// From the start of the processes to the learner's end.
        var seconds: Double
        /// When the processes were started, in seconds since 1970.
        var started: Double
        var injected: [InjectedFault]
    }

    func run(interrupt: Interrupt, _ say: @escaping @Sendable (String) -> Void) async throws -> Result {
        var job = TrainJob(resolved, directory: directory, resumes: false, interrupt: interrupt)
        job.tracesWork = true
        var plan = try job.plan(start)
        plan.showsOutput = false
        // Each of our own faults may cost a life that got nowhere.
        plan.maxRestarts += faults.count
        let cluster = LocalCluster(plan: plan) { _ in }
        interrupt.onStop { isFirst in if isFirst { cluster.stop() } else { cluster.kill() } }
        if interrupt.isRaised { throw CommandFailure("interrupted", .interrupted) }
        let injector = FaultInjector(
            faults, stopSeconds: stopSeconds, learnerLog: directory.learnerLog)
        let (started, clock) = (Date().timeIntervalSince1970, ContinuousClock.now)
        let exit = try await finish(cluster, injector, say)
        let seconds = (ContinuousClock.now - clock) / .seconds(1)
        guard exit == .code(0) else { throw failure(exit) }
        return Result(
            record: try LearnerRecord(contentsOf: directory.learnerRecord), seconds: seconds,
            started: started, injected: injector.injected)
    }

    private func finish(
        _ cluster: LocalCluster, _ injector: FaultInjector, _ say: @escaping @Sendable (String) -> Void
    ) async throws -> ChildExit {
        try await withDeadline(limit, for: "the run in \(directory.path)") {
            let faults = Task { await injector.run(on: cluster, say) }
            return try await withTaskCancellationHandler {
                defer { faults.cancel() }
                return try await cluster.run()
            } onCancel: {
                faults.cancel()
                cluster.kill()
            }
        }
    }

    private func failure(_ exit: ChildExit) -> CommandFailure {
        let cause = LastFailure(log: directory.learnerLog).sentence ?? "the learner ended with \(exit)"
        return CommandFailure("\(cause) (log: \(directory.learnerLog))", TrainJob.exitCode(of: exit))
    }
}
