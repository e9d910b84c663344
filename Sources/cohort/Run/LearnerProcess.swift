import Checkpoints
import Foundation
import GRPO
import Ports
import Tasks
import Training
import Transformer
import ZeroMQ
import ZeroMQTransport

/// The learner as a process: puts policy, link, checkpoints and display together, trains, and writes
/// down how it ended.
struct LearnerProcess: Sendable {
    let resolved: ResolvedConfiguration
    let directory: RunDirectory
    /// Where the run starts from when there is no checkpoint.
    let modelPath: String
    let address: LearnerAddress
    /// Go on from the last checkpoint, if there is one.
    let resumes: Bool

    private var configuration: RunConfiguration { resolved.configuration }

    /// Trains until the last step, or until `onReady` was given a stopper and that was called. While the
    /// disk is full it waits. `onReady` is called again when there is more to be stopped.
    func run(onReady: @Sendable (Stopper) -> Void) async throws -> LearnerRecord {
        let notes = try RunNotes(configuration, directory: directory)
        let room = DiskRoom(directory: directory.path, clock: ContinuousClock(), note: notes.note)
        onReady(Stopper { _ in room.giveUp() })
        let model = try ModelDirectory(modelPath)
        let prompts = try PromptLoading(configuration, model: model).trainingPrompts()
        let checkpoints = try CheckpointKeeper(
            path: directory.checkpoints, retention: configuration.run.retention, model: model, room: room,
            note: notes.note)
        let found = resumes ? try await checkpoints.latest() : nil
        let incarnation = try await room.write { try Incarnations(directory).next() }
        let policy = try await configuration.learnerPolicy(model, restoring: found)
        let report = try await room.write {
            try RunReport(
                configuration, directory: directory, tokenizer: model.tokenizer,
                lastStep: found?.progress.step ?? 0, notes: notes, room: room)
        }
        for note in found?.notes ?? [] { report.note(note) }
        let ledger = try await RunLedger(configuration, in: directory, room: room)
        let start = try await ledger.start(from: found?.progress, incarnation: incarnation)
        return try await withReward(model, report) { reward in
            try await withLink(model, start: start, note: report.note) { link in
                let learner = Learner(
                    ends: .init(
                        policy: policy, groups: link, snapshots: link, journal: ledger.ledger,
                        checkpoints: ledger.pruned(
                            after: checkpoints, saveTotalLimit: configuration.run.saveTotalLimit),
                        reward: reward, evaluator: try evaluator(model, report, room)),
                    setup: configuration.learnerSetup(
                        vocabularySize: model.configuration.vocabularySize),
                    recipe: configuration.recipe, prompts: prompts, start: start,
                    earlierSnapshots: found?.earlierSnapshots ?? [:],
                    saveSteps: configuration.run.saveSteps, evalSteps: configuration.run.evalSteps,
                    observer: report.observer, clock: ContinuousClock())
                onReady(
                    Stopper { reason in
                        room.giveUp()
                        await learner.stop(reason: reason)
                    })
                let outcome = try await learner.run()
                report.finish()
                return try await record(outcome, model, room)
            }
        }
    }

    /// Asks a running learner to end.
    struct Stopper: Sendable {
        let stop: @Sendable (String) async -> Void
    }

    /// Where `eval_steps` asks for evaluations.
    private func evaluator(
        _ model: ModelDirectory, _ report: RunReport, _ room: DiskRoom
    ) throws -> PeriodicEvaluation? {
        guard configuration.run.evalSteps > 0 else { return nil }
        return try PeriodicEvaluation(
            configuration, model: model, directory: directory, room: room, note: report.note)
    }

    /// The scorer is there where the learner scores.
    private func withReward<Result>(
        _ model: ModelDirectory, _ report: RunReport, _ body: ((any GroupScorer)?) async throws -> Result
    ) async throws -> Result {
        guard configuration.rewardPlacement == .learner else { return try await body(nil) }
        let scoring = RewardScoring(
            plan: configuration.rewardPlan(logDirectory: directory.logs), model: model, role: "learner",
            note: report.note)
        return try await scoring.withPanel { try await body($0) }
    }

    /// Programs are named to workers on this machine only.
    private var workersRewardPlan: RewardPlan {
        var plan = configuration.rewardPlan(logDirectory: directory.logs)
        if configuration.rewardPlacement == .learner { plan.programs = nil }
        return plan
    }

    private func withLink<Result>(
        _ model: ModelDirectory, start: LearnerStart, note: @escaping @Sendable (String) -> Void,
        _ body: (LearnerLink) async throws -> Result
    ) async throws -> Result {
        let shared = WorkerConfiguration(
            runID: try RunIdentity(directory).text, seed: configuration.run.seed,
            model: String(decoding: model.config, as: UTF8.self),
            dtype: configuration.model.dtype,
            groupSize: configuration.grpo.numGenerations,
            sampling: configuration.grpo.sampling(stopTokens: model.stopTokens),
            rewardPlacement: configuration.rewardPlacement, rewards: workersRewardPlan,
            modelDirectory: configuration.rewardPlacement == .worker ? absolute(modelPath) : nil)
        let settings = LearnerLinkConfiguration(
            address: address, incarnation: start.version.incarnation, worker: shared,
            numerics: NumericsFingerprint.current,
            isExact: configuration.cluster.schedule == .lockstep,
            security: try LearnerKeys(configuration)?.security(of: directory, note: note),
            insecure: configuration.cluster.insecure,
            heartbeatInterval: .seconds(configuration.cluster.heartbeatSeconds),
            livenessDeadline: .seconds(configuration.cluster.livenessSeconds),
            leaseDuration: .seconds(configuration.cluster.leaseSeconds),
            promptTokensMax: model.configuration.maxPositions,
            earlierVersions: start.history.versions, note: note)
        // libzmq would let a second learner steal the ipc endpoints of a live one.
        let lock = configuration.cluster.bind.isEmpty
            ? try RunDirectoryLock(directory: directory.sockets) : nil
        let result = try await LearnerLink.withLink(settings, body)
        _ = consume lock
        return result
    }

    /// The final model, loadable by Transformers, and the record that `cohort train` reads.
    private func record(
        _ outcome: LearnerOutcome, _ model: ModelDirectory, _ room: DiskRoom
    ) async throws -> LearnerRecord {
        try await room.write {
            try HuggingFaceDirectory.write(
                to: directory.model, config: model.config, weights: outcome.weights,
                passThrough: model.passThrough)
        }
        let record = LearnerRecord(outcome)
        try await room.write { try record.write(to: directory.learnerRecord) }
        return record
    }
}

/// The path from the root: workers may run in another directory.
func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
