import Foundation
package import GRPO
package import Ports

/// How a run ended.
package struct LearnerOutcome: Sendable {
    /// The snapshot image of the last version.
    package var weights: [UInt8]
    package var version: PolicyVersion
    package var accounting: GroupAccounting
    package var optimizerSteps: Int
    package var tokens: Int
    /// Why it ended before its last step; `nil` if it did not.
    package var stopReason: String?
}

/// The run cannot go on.
package struct LearnerAborted: Error, CustomStringConvertible {
    package var description: String
}

/// What the learner tells the outside while it runs. Called from the learner's actor, in order.
package struct LearnerObserver: Sendable {
    package var onStep: @Sendable (StepReport) async -> Void
    package var onNote: @Sendable (String) async -> Void

    package init(
        onStep: @escaping @Sendable (StepReport) async -> Void,
        onNote: @escaping @Sendable (String) async -> Void
    ) {
        self.onStep = onStep
        self.onNote = onNote
    }
}

/// Trains π_θ on the groups that workers push, and publishes a snapshot after every batch.
///
/// The whole loop: events from the workers come in through one mailbox, `LearnerState` decides, and this
/// actor performs its answers. What takes long — scoring, training, publishing, checkpoints — runs in
/// child tasks whose end is a new event, so that leases and acknowledgements never wait for it.
package actor Learner<Policy: TrainablePolicy> {
    /// The sides of the ring that the learner holds.
    package struct Ends: Sendable {
        package var policy: Policy
        package var groups: any GroupSource
        package var snapshots: any SnapshotSink
        package var checkpoints: (any CheckpointStore)?
        /// Needed where the learner scores.
        package var reward: (any RewardFunction)?

        package init(
            policy: Policy, groups: any GroupSource, snapshots: any SnapshotSink,
            checkpoints: (any CheckpointStore)?, reward: (any RewardFunction)?
        ) {
            self.policy = policy
            self.groups = groups
            self.snapshots = snapshots
            self.checkpoints = checkpoints
            self.reward = reward
        }
    }

    private let ends: Ends
    private let recipe: TrainingRecipe
    private let plan: SchedulePlan
    /// A checkpoint every so many batches; 0: only at the end.
    private let saveSteps: Int
    private let observer: LearnerObserver
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Duration
    private let mailbox = Mailbox<LearnerEvent>(capacity: 4096)

    private var state: LearnerState
    private var version: PolicyVersion
    private var optimizerSteps: Int
    private var tokens: Int
    private var weights: [UInt8] = []
    /// Images that batches to come are sampled from, by number; kept for checkpoints.
    private var earlierSnapshots: [UInt64: [UInt8]]
    private var stepEnded: Duration
    private var isSaving = false
    private var waitingCheckpoint: TrainingCheckpoint?
    private var failure: (any Error)?

    package init<C: Clock<Duration>>(
        ends: Ends, setup: LearnerSetup, recipe: TrainingRecipe, prompts: [TrainingPrompt],
        start: LearnerStart, earlierSnapshots: [UInt64: [UInt8]] = [:], saveSteps: Int,
        observer: LearnerObserver, clock: C
    ) {
        self.ends = ends
        self.recipe = recipe
        self.saveSteps = saveSteps
        self.observer = observer
        self.clock = clock
        self.earlierSnapshots = earlierSnapshots
        plan = setup.plan
        state = LearnerState(setup, prompts: prompts, start: start)
        version = start.version
        optimizerSteps = start.optimizerSteps
        tokens = start.tokens
        let origin = clock.now
        now = { origin.duration(to: clock.now) }
        stepEnded = .zero
    }

    /// Asks the run to end after the step that is being trained; a checkpoint is written.
    package nonisolated func stop(reason: String) async {
        await mailbox.send(.stop(reason: reason))
    }

    /// Runs until the last step or `stop`. Throws what made it impossible to go on; the workers are told
    /// to stop then too.
    package func run() async throws -> LearnerOutcome {
        do {
            try await publishStart()
            stepEnded = now()
            let stopReason = try await react()
            try await ends.checkpoints?.save(try await checkpoint())
            await ends.groups.drain(reason: stopReason ?? "the run is complete")
            state.close()
            return LearnerOutcome(
                weights: weights, version: version, accounting: state.accounting,
                optimizerSteps: optimizerSteps, tokens: tokens, stopReason: stopReason)
        } catch {
            await ends.groups.drain(reason: "the learner failed: \(error)")
            throw error
        }
    }

    /// The loop with its sources of events. Ends with the reason for an early stop.
    private func react() async throws -> String? {
        try await withThrowingDiscardingTaskGroup { effects in
            effects.addTask { await self.pump() }
            effects.addTask { [mailbox, clock] in
                while !Task.isCancelled {
                    try? await clock.sleep(for: .seconds(1))
                    await mailbox.send(.tick)
                }
            }
            defer {
                effects.cancelAll()
                mailbox.close()
            }
            return try await loop(&effects)
        }
    }

    private func loop(
        _ effects: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws -> String? {
        var actions = state.start()
        while true {
            for action in actions {
                switch action {
                case .finish(let reason): return reason
                case .abort(let reason): throw LearnerAborted(description: reason)
                default: await perform(action, &effects)
                }
            }
            guard let event = await mailbox.next() else { throw CancellationError() }
            if let failure { throw failure }
            actions = state.handle(event, now: now())
        }
    }

    private func perform(
        _ action: LearnerAction, _ effects: inout ThrowingDiscardingTaskGroup<any Error>
    ) async {
        switch action {
        case .grant(let leases, let worker): await ends.groups.grant(leases, to: worker)
        case .answer(let verdict, let lease, let worker):
            await ends.groups.answer(verdict, for: lease, to: worker)
        case .note(let text): await observer.onNote(text)
        case .score(let group, let columns, let lease, let worker):
            effects.addTask {
                await self.score(group, columns: columns, lease: lease, from: worker)
            }
        case .train(let batch, let step):
            effects.addTask { await self.train(batch, step: step) }
        case .finish, .abort: preconditionFailure("the loop handles \(action)")
        }
    }
}

// MARK: - Effects: what takes long

extension Learner {
    /// Brings the workers' events into the mailbox, in order.
    private func pump() async {
        do {
            while let event = try await ends.groups.next() { await mailbox.send(.rollout(event)) }
            throw LearnerAborted(description: "the link to the workers was closed during the run")
        } catch is CancellationError {
        } catch { await fail(error) }
    }

    private func score(
        _ group: Group, columns: String, lease: Lease.ID, from worker: WorkerID
    ) async {
        do {
            guard let reward = ends.reward else {
                throw LearnerAborted(description: "no reward function")
            }
            let scored = try await group.scored(by: reward, columns: columns)
            await mailbox.send(.scored(scored, lease: lease, from: worker))
        } catch { await fail(error) }
    }

    private func train(_ batch: [Group], step: Int) async {
        do {
            let started = now()
            var report = try await TrainingStep(recipe: recipe, batch: batch)
                .run(on: ends.policy, optimizerSteps: optimizerSteps)
            let trained = now()
            report.step = step
            report.staleness = batch.map { Int(version.number) - Int($0.version.number) }
            optimizerSteps += report.optimizerSteps
            tokens += batch.reduce(0) { sum, group in
                sum + group.prompt.count * group.completions.count + group.completionTokenCount
            }
            version.number += 1
            try await publish(try await ends.policy.exportWeights())
            // The checkpoint is taken before the next batch may train, and written beside it.
            let due = isCheckpointDue ? try await checkpoint() : nil
            await observe(&report, waitedUntil: started, trainedUntil: trained)
            await mailbox.send(.trained(version: version.number))
            if let due { await save(due) }
        } catch { await fail(error) }
    }

    /// The mailbox is woken so that the loop sees the failure.
    private func fail(_ error: any Error) async {
        failure = failure ?? error
        await mailbox.send(.tick)
    }

    private func observe(
        _ report: inout StepReport, waitedUntil started: Duration, trainedUntil trained: Duration
    ) async {
        let ended = now()
        report.time.step = (ended - stepEnded).seconds
        report.time.waiting = (started - stepEnded).seconds
        report.time.optimizing = (trained - started).seconds
        report.time.publishing = (ended - trained).seconds
        stepEnded = ended
        report.tokens = tokens
        report.accounting = state.accounting
        report.liveWorkers = state.liveWorkers
        await observer.onStep(report)
    }

    private func publishStart() async throws {
        let oldest = plan.oldestNeeded(current: version.number)
        for (number, image) in earlierSnapshots.sorted(by: { $0.key < $1.key }) {
            let earlier = PolicyVersion(incarnation: version.incarnation, number: number)
            try await ends.snapshots.publish(
                await snapshot(of: image, version: earlier), oldestKept: oldest)
        }
        try await publish(try await ends.policy.exportWeights())
    }

    private func publish(_ image: [UInt8]) async throws {
        weights = image
        let oldest = plan.oldestNeeded(current: version.number)
        earlierSnapshots[version.number] = image
        earlierSnapshots = earlierSnapshots.filter { $0.key >= oldest }
        try await ends.snapshots.publish(
            await snapshot(of: image, version: version), oldestKept: oldest)
    }

    /// Hashing takes long too, so it does not happen on the actor.
    @concurrent
    private nonisolated func snapshot(of image: [UInt8], version: PolicyVersion) async -> Snapshot {
        Snapshot(version: version, image: image)
    }
}

// MARK: - Checkpoints

extension Learner {
    private var isCheckpointDue: Bool {
        ends.checkpoints != nil && saveSteps > 0 && version.number % UInt64(saveSteps) == 0
            && version.number < UInt64(plan.maxSteps)
    }

    /// Writes one checkpoint at a time: a newer one that waits takes the place of an older one. One that
    /// cannot be written is an alarm, not the end: the run may still reach one that can.
    private func save(_ checkpoint: TrainingCheckpoint) async {
        waitingCheckpoint = checkpoint
        guard !isSaving else { return }
        isSaving = true
        defer { isSaving = false }
        while let next = waitingCheckpoint.take() {
            do { try await ends.checkpoints?.save(next) } catch {
                await observer.onNote("checkpoint \(next.step) was not written: \(error)")
            }
        }
    }

    private func checkpoint() async throws -> TrainingCheckpoint {
        let progress = LearnerProgress(
            step: Int(version.number), incarnation: version.incarnation,
            nextOrdinal: state.nextOrdinal, pending: state.pending, optimizerSteps: optimizerSteps,
            tokens: tokens, accounting: state.accounting)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        var earlier = earlierSnapshots
        earlier[version.number] = nil
        return TrainingCheckpoint(
            step: Int(version.number), weights: weights,
            optimizer: try await ends.policy.exportOptimizer(),
            state: Array(try encoder.encode(progress)), earlierSnapshots: earlier)
    }
}

extension Duration {
    /// As a number of seconds.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
