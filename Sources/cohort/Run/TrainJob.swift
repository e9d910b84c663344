import Checkpoints
import Foundation
import GRPO
import Ports
import Synchronization
import SystemPackage
import Tasks
import Training
import Transformer

/// The main job: starting policy, evaluation, the cluster, evaluation, summary.
struct TrainJob: Sendable {
    let resolved: ResolvedConfiguration
    let directory: RunDirectory
    let resumes: Bool
    let interrupt: Interrupt
    /// Whether the learner's progress goes to standard output.
    let showsProgress: Bool
    /// Whether the workers' logs name every ticket.
    var tracesWork = false
    private let started = ContinuousClock.now

    private var configuration: RunConfiguration { resolved.configuration }

    init(
        _ resolved: ResolvedConfiguration, directory: RunDirectory, resumes: Bool,
        interrupt: Interrupt, showsProgress: Bool = true
    ) {
        self.showsProgress = showsProgress
        self.resolved = resolved
        self.directory = directory
        self.resumes = resumes
        self.interrupt = interrupt
    }

    /// Runs everything; answers with what `summary.json` says.
    func run(_ say: @escaping @Sendable (String) -> Void) async throws -> RunSummary {
        let room = DiskRoom(directory: directory.path, clock: ContinuousClock(), note: say)
        let start = try await StartingPolicy(configuration, directory: directory).prepare(say)
        let model = try ModelDirectory(start)
        let heldOut = try PromptLoading(configuration, model: model).heldOutPrompts()
        if !NumericsFingerprint.isRowInvariant(configuration.model.dtype) { say(Self.inexact) }
        let evaluator = Evaluator(
            model,
            rewards: RewardScoring(evaluating: model, configuration, logDirectory: directory.logs),
            grpo: configuration.grpo,
            seed: configuration.run.seed, threads: configuration.cluster.learnerThreads,
            type: configuration.model.dtype)
        let before = try await evaluationBefore(evaluator, model, heldOut, room)
        say("before: \(before.sentence)")
        let record = try await trainOnCluster(start, say)
        interrupt.onStop { _ in room.giveUp() }
        let trained = try ModelDirectory(directory.model)
        let after = try await evaluator.evaluate(weights: trained.weights, on: heldOut)
        let summary = summary(record, before: before, after: after)
        try await room.write { try summary.write(to: directory.summary) }
        return summary
    }

    private static let inexact =
        "exact mode is off: on this machine bits of a product depend on what is computed together, so "
        + "ratios start near 1, not at 1; each ticket is decoded alone, so that runs stay reproducible "
        + "(see cohort doctor)"

    /// Kept in the run directory, so that a resumed run reports the same.
    private func evaluationBefore(
        _ evaluator: Evaluator, _ model: ModelDirectory, _ heldOut: [TrainingPrompt], _ room: DiskRoom
    ) async throws -> RunSummary.Evaluation {
        let path = directory.path + "/evaluation-before.json"
        if let bytes = FileManager.default.contents(atPath: path) {
            return try JSONDecoder().decode(RunSummary.Evaluation.self, from: bytes)
        }
        let evaluation = try await evaluator.evaluate(weights: model.weights, on: heldOut)
        let text = String(decoding: try JSONEncoder().encode(evaluation), as: UTF8.self)
        try await room.write { try POSIXFile.replace(path, with: text) }
        return evaluation
    }

    private func trainOnCluster(
        _ start: String, _ say: @escaping @Sendable (String) -> Void
    ) async throws -> LearnerRecord {
        // Workers that start too early would join the earlier learner, which sends them home.
        _ = try await LearnerTurn(in: directory)
        try? FileManager.default.removeItem(atPath: directory.learnerRecord)
        let cluster = LocalCluster(plan: try plan(start), note: say)
        interrupt.onStop { isFirst in if isFirst { cluster.stop() } else { cluster.kill() } }
        let exit = try await cluster.run()
        guard exit == .code(0) else {
            if exit.isSignal, interrupt.isRaised { throw stoppedBetweenLives }
            let cause = LastFailure(log: directory.learnerLog).sentence ?? "the learner ended with \(exit)"
            throw CommandFailure("\(cause) (log: \(directory.learnerLog))", Self.exitCode(of: exit))
        }
        return try LearnerRecord(contentsOf: directory.learnerRecord)
    }

    /// There was no learner to end in order; what its checkpoints hold is there.
    private var stoppedBetweenLives: CommandFailure {
        CommandFailure(
            "stopped while the learner was away; go on with: cohort train --resume --output-dir "
                + directory.path, .interrupted)
    }

    /// The exit code of a job whose learner ended like that.
    static func exitCode(of exit: ChildExit) -> ExitCode {
        guard case .code(let code) = exit else { return .internalError }
        return ExitCode(rawValue: code) ?? .internalError
    }

    /// What the processes of the run are told.
    func plan(_ start: String) throws -> LocalCluster.Plan {
        let address = try LearnerEndpoint(configuration, directory: directory)
        let identity: @Sendable (Int) -> [String]
        if let keys = LearnerKeys(configuration) {
            identity = try keys.localWorkerArguments(in: directory)
        } else {
            identity = { ["--name", "worker-\($0)"] }
        }
        let learner = ["learner", "--run-directory", directory.path, "--start-model", start, "--supervised"]
        return LocalCluster.Plan(
            learner: learner + (resumes ? ["--resume"] : []), resumedLearner: learner + ["--resume"],
            worker: { index in
                let place = ["worker", "--connect", address.connectFromHere]
                return place + identity(index) + [
                    "--threads", "\(configuration.cluster.workerThreads)",
                    "--batch-groups", "\(configuration.cluster.workerBatchGroups)",
                    "--run-directory", directory.path, "--supervised",
                ] + (tracesWork ? ["--trace"] : [])
            },
            workers: configuration.cluster.workers,
            othersMayJoin: !configuration.cluster.bind.isEmpty,
            maxRestarts: configuration.cluster.maxRestarts,
            logDirectory: FilePath(directory.logs), showsOutput: showsProgress)
    }

    private func summary(
        _ record: LearnerRecord, before: RunSummary.Evaluation, after: RunSummary.Evaluation
    ) -> RunSummary {
        var summary = RunSummary(
            run: directory.name, outcome: record.stopReason == nil ? .completed : .interrupted,
            seed: configuration.run.seed)
        summary.reason = record.stopReason
        summary.steps = record.steps
        summary.optimizerSteps = record.optimizerSteps
        summary.numTokens = record.numTokens
        summary.wallSeconds = (ContinuousClock.now - started).seconds
        summary.evaluationBefore = before
        summary.evaluationAfter = after
        summary.groups = record.groups
        summary.weightsSHA256 = record.weightsSHA256
        summary.exact = NumericsFingerprint.isRowInvariant(configuration.model.dtype)
        summary.numericsFingerprint = NumericsFingerprint.current
        return summary
    }
}

/// Ctrl-C and SIGTERM, handed to whatever the job is doing at the moment.
final class Interrupt: Sendable {
    private struct State {
        var handler: (@Sendable (_ isFirst: Bool) -> Void)?
        var signals = 0
    }

    private let state = Mutex(State())

    /// True once a stop was asked for.
    var isRaised: Bool { state.withLock { $0.signals > 0 } }

    /// What a stop signal does from now on.
    func onStop(_ handler: @escaping @Sendable (_ isFirst: Bool) -> Void) {
        state.withLock { $0.handler = handler }
    }

    func raise() {
        let (handler, isFirst) = state.withLock { state in
            state.signals += 1
            return (state.handler, state.signals == 1)
        }
        handler?(isFirst)
    }
}
