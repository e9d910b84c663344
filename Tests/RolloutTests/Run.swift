import Foundation
import GRPO
import Ports
import Rollout
import Training

/// A whole run in one process: a learner and some workers over an `InProcessRing`.
struct Run: Sendable {
    var schedule = Schedule.lockstep
    var staleness = 0
    var batch = 3
    var steps = 6
    var learningRate = 1.0
    var numIterations = 1
    var minibatches = 1
    var beta = 0.0
    var scoresAtLearner = false
    var reward: any RewardFunction = FavouriteReward()
    var workers = [Worker()]
    var saveSteps = 0
    var store = MemoryStore()
    /// What earlier learners of the run left behind; `nil`: nothing.
    var journal: MemoryJournal?
    /// Goes on from here, as the incarnation after the checkpoint's.
    var checkpoint: TrainingCheckpoint?
    /// Stops after the batch of this number.
    var stopsAfter: Int?
    var onStep: @Sendable (StepReport) async -> Void = { _ in }
    var evalSteps = 0
    var evaluator: (any SnapshotEvaluator)?
    /// The reference follows the policy every so many optimiser steps; 0: it does not.
    var referenceSyncSteps = 0
    var replacements = 0

    struct Worker: Sendable {
        var slots = 2
        var batchGroups = 1
        /// What happens at its first batches of tickets; then it lives on.
        var fate = Fate.lives
    }

    enum Fate: Sendable {
        case lives
        /// The learner hears that it is gone; it dies with what it holds.
        case diesAt(Int)
        /// The learner hears that it is gone, but it pushes what it was about to sample.
        case isBelievedDeadAt(Int)
        /// Dies, and starts again.
        case isRestartedAt(Int)
    }

    struct Result: Sendable {
        var outcome: LearnerOutcome
        var reports: [StepReport]
        var notes: [String]
        var verdicts: [Verdict]
        var totals: [RolloutTotals]
        var journal: MemoryJournal

        var digest: SnapshotDigest { SnapshotDigest(of: outcome.weights) }
    }

    static let prompts = (0..<7).map { row in
        TrainingPrompt(tokens: [Int32(row % 3 + 3), Int32(row)], columns: "{\"row\":\(row)}")
    }

    var setup: LearnerSetup {
        LearnerSetup(
            plan: SchedulePlan(
                schedule: schedule, maxStaleness: staleness, groupsPerBatch: batch,
                maxSteps: steps),
            validation: GroupValidation(
                groupSize: 8, maxCompletionLength: 4, vocabularySize: BanditWeights.vocabulary),
            seed: 11, shuffles: true, scoresHere: scoresAtLearner, abortsOnBadReward: false,
            replacementsMax: replacements, leaseDuration: .seconds(60))
    }

    var recipe: TrainingRecipe {
        var algorithm = AlgorithmSettings()
        algorithm.objective.beta = beta
        algorithm.run.syncRefModel = referenceSyncSteps > 0
        algorithm.run.refModelSyncSteps = max(1, referenceSyncSteps)
        return TrainingRecipe(
            algorithm: algorithm,
            schedule: LearningRateSchedule(
                kind: .linear, peak: learningRate, warmupSteps: 0,
                totalSteps: 2 * steps * numIterations * minibatches),
            maxGradNorm: 0, temperature: 1, maxCompletionLength: 4, numIterations: numIterations,
            stepsPerGeneration: minibatches)
    }

    var configuration: WorkerConfiguration {
        WorkerConfiguration(
            runID: String(repeating: "0", count: 32), seed: 11, model: "{}", groupSize: 8,
            sampling: SamplingParameters(maxCompletionLength: 4, stopTokens: [0]),
            rewardPlacement: scoresAtLearner ? .learner : .worker, rewards: RewardPlan(names: [reward.name]),
            modelDirectory: nil)
    }
}

extension Run {
    func execute() async throws -> Result {
        let ring = InProcessRing(configuration: configuration)
        let reports = Log<StepReport>()
        let notes = Log<String>()
        let totals = Log<RolloutTotals>()
        let journal = journal ?? MemoryJournal()
        let learner = try await learner(ring, journal, reports, notes)
        let outcome = try await withThrowingTaskGroup(of: LearnerOutcome?.self) { group in
            group.addTask { try await learner.run() }
            for (index, worker) in workers.enumerated() {
                group.addTask {
                    totals.append(try await work(worker, name: "worker-\(index)", ring))
                    return nil
                }
            }
            var outcome: LearnerOutcome?
            while let result = try await group.next() { outcome = result ?? outcome }
            return outcome!
        }
        return Result(
            outcome: outcome, reports: reports.all, notes: notes.all,
            verdicts: await ring.verdicts, totals: totals.all, journal: journal)
    }

    private func learner(
        _ ring: InProcessRing, _ journal: MemoryJournal, _ reports: Log<StepReport>, _ notes: Log<String>
    ) async throws -> Learner<BanditTrainer> {
        let policy = BanditTrainer(movesReference: referenceSyncSteps > 0)
        let history = try await RunHistory(of: journal)
        let incarnation = history.incarnation.map { $0 + 1 } ?? 0
        var start = LearnerStart(
            version: PolicyVersion(incarnation: incarnation, number: 0), history: history)
        if let checkpoint {
            try await policy.restore(
                weights: checkpoint.weights, optimizer: checkpoint.optimizer,
                reference: checkpoint.reference)
            let progress = try JSONDecoder().decode(
                LearnerProgress.self, from: Data(checkpoint.state))
            start = try progress.start(incarnation: incarnation, history: history)
        }
        let stop = Mailbox<Learner<BanditTrainer>>(capacity: 1)
        let learner = Learner(
            ends: .init(
                policy: policy, groups: ring, snapshots: ring, journal: journal, checkpoints: store,
                reward: scoresAtLearner ? reward : nil, evaluator: evaluator),
            setup: setup, recipe: recipe, prompts: Self.prompts, start: start,
            earlierSnapshots: checkpoint?.earlierSnapshots ?? [:], saveSteps: saveSteps,
            evalSteps: evalSteps, observer: LearnerObserver(
                onStep: { report in
                    reports.append(report)
                    await onStep(report)
                    if report.step == stopsAfter {
                        await stop.next()?.stop(reason: "stopped by the test")
                    }
                    return "{}"
                }, onNote: { notes.append($0) }),
            clock: StillClock())
        await stop.send(learner)
        return learner
    }

    /// One worker's life, or its two lives.
    private func work(
        _ worker: Worker, name: String, _ ring: InProcessRing
    ) async throws -> RolloutTotals {
        let id = WorkerID(name: name, incarnation: 1)
        let calls = Log<Int>()
        let first = await self.worker(worker, id, ring) { tickets in
            calls.append(tickets.count)
            switch worker.fate {
            case .diesAt(calls.all.count), .isRestartedAt(calls.all.count):
                await ring.kill(id)
                throw Killed()
            case .isBelievedDeadAt(calls.all.count): await ring.kill(id)
            default: break
            }
        }
        do { try await first.run() } catch is Killed {
            guard case .isRestartedAt = worker.fate else { return await first.totals }
            let second = await self.worker(worker, WorkerID(name: name, incarnation: 2), ring)
            try await second.run()
            return await second.totals
        }
        return await first.totals
    }

    private func worker(
        _ worker: Worker, _ id: WorkerID, _ ring: InProcessRing,
        before: @escaping @Sendable ([Ticket]) async throws -> Void = { _ in }
    ) async -> RolloutWorker {
        let end = await ring.join(id, slots: worker.slots)
        return RolloutWorker(
            groups: end, snapshots: end, policy: BanditSampler(before: before),
            reward: scoresAtLearner ? nil : reward, batchGroups: worker.batchGroups,
            clock: StillClock())
    }
}
