internal import GRPO
package import Ports

/// Trains π_θ on the groups that workers push, and publishes a snapshot after every batch.
///
/// The whole loop: events from the workers come in through one mailbox, `LearnerState` decides, and this
/// actor performs its answers. What takes long — the journal, scoring, training, publishing, checkpoints —
/// runs in child tasks whose end is a new event, so that leases never wait for it.
package actor Learner<Policy: TrainablePolicy> {
    /// The sides of the ring that the learner holds.
    package struct Ends: Sendable {
        package var policy: Policy
        package var groups: any GroupSource
        package var snapshots: any SnapshotSink
        package var journal: any Journal
        package var checkpoints: (any CheckpointStore)?
        /// Needed where the learner scores.
        package var reward: (any GroupScorer)?
        /// Looks at a snapshot every `evalSteps` batches.
        package var evaluator: (any SnapshotEvaluator)?

        package init(
            policy: Policy, groups: any GroupSource, snapshots: any SnapshotSink,
            journal: any Journal, checkpoints: (any CheckpointStore)?, reward: (any GroupScorer)?,
            evaluator: (any SnapshotEvaluator)? = nil
        ) {
            self.policy = policy
            self.groups = groups
            self.snapshots = snapshots
            self.journal = journal
            self.checkpoints = checkpoints
            self.reward = reward
            self.evaluator = evaluator
        }
    }

    /// Events that are handled before anything is said to the workers.
    static var eventsAtOnce: Int { 256 }

    let ends: Ends
    let recipe: TrainingRecipe
    let plan: SchedulePlan
    /// A checkpoint every so many batches; 0: only at the end.
    let saveSteps: Int
    /// An evaluation every so many batches; 0: none.
    let evalSteps: Int
    let observer: LearnerObserver
    let clock: any Clock<Duration>
    let now: @Sendable () -> Duration
    let mailbox = Mailbox<LearnerEvent>(capacity: 4096)

    let start: LearnerStart
    var state: LearnerState
    /// What `weights` are.
    var version: PolicyVersion
    /// How far the journal goes.
    var position: JournalPosition
    var optimizerSteps: Int
    var tokens: Int
    var weights: [UInt8] = []
    /// Images that batches to come are sampled from, by number; kept for checkpoints.
    var earlierSnapshots: [UInt64: [UInt8]]
    var stepEnded: Duration
    /// Of the batch that was trained on last and is not published.
    var trained: StepReport?
    var isSaving = false
    var waitingCheckpoint: TrainingCheckpoint?
    var failure: (any Error)?
    private var waits = WaitReport()

    package init<C: Clock<Duration>>(
        ends: Ends, setup: LearnerSetup, recipe: TrainingRecipe, prompts: [TrainingPrompt],
        start: LearnerStart, earlierSnapshots: [UInt64: [UInt8]] = [:], saveSteps: Int,
        evalSteps: Int = 0, observer: LearnerObserver, clock: C
    ) {
        self.ends = ends
        self.recipe = recipe
        self.saveSteps = saveSteps
        self.evalSteps = evalSteps
        self.observer = observer
        self.clock = clock
        self.earlierSnapshots = earlierSnapshots
        plan = setup.plan
        self.start = start
        position = .start
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
            let published = try await begin()
            let waiting = try await ends.journal.groups(
                at: start.history.waiting.map(\.ordinal))
            let actions = state.start(with: published, waiting: waiting)
            stepEnded = now()
            let stopReason = try await react(actions)
            await ends.groups.drain(reason: stopReason ?? "the run is complete")
            try await finish()
            return LearnerOutcome(
                weights: weights, version: version, accounting: state.accounting,
                optimizerSteps: optimizerSteps, tokens: tokens, stopReason: stopReason)
        } catch {
            await ends.groups.drain(reason: "the learner failed: \(error)")
            throw error
        }
    }

    /// The loop with its sources of events. Ends with the reason for an early stop.
    private func react(_ actions: [LearnerAction]) async throws -> String? {
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
            return try await loop(actions, &effects)
        }
    }

    private func loop(
        _ actions: [LearnerAction], _ effects: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws -> String? {
        var actions = actions
        while true {
            await perform(actions, &effects)
            switch actions.last(where: \.isEnd) {
            case .finish(let reason): return reason
            case .abort(let reason): throw LearnerAborted(description: reason)
            default: break
            }
            guard let event = await mailbox.next() else { throw CancellationError() }
            if let failure { throw failure }
            actions = ([event] + mailbox.drain(upTo: Self.eventsAtOnce)).flatMap {
                state.handle($0, now: now())
            }
            if let wait = waitDue() { actions.append(.note(wait)) }
        }
    }

    private func waitDue() -> String? {
        waits.due(
            state.accounting, workers: state.liveWorkers, isTraining: state.isTraining,
            step: state.step, batch: plan.groupsPerBatch, now: now())
    }

    /// What goes to workers goes in one call, after everything else was started.
    private func perform(
        _ actions: [LearnerAction], _ effects: inout ThrowingDiscardingTaskGroup<any Error>
    ) async {
        var replies: [Reply] = []
        for action in actions {
            switch action {
            case .grant(let leases, let worker): replies.append(.leases(leases, to: worker))
            case .answer(let verdict, let lease, let worker):
                replies.append(.verdict(verdict, for: lease, to: worker))
            case .note(let text): await observer.onNote(text)
            case .score(let group, let columns, let lease, let worker):
                effects.addTask {
                    await self.score(group, columns: columns, lease: lease, from: worker)
                }
            case .journal(let entries): effects.addTask { await self.commit(entries) }
            case .train(let batch, let step):
                effects.addTask { await self.train(batch, step: step) }
            case .publish: effects.addTask { await self.publishTrained() }
            case .finish, .abort: break
            }
        }
        if !replies.isEmpty { await ends.groups.reply(replies) }
    }
}

extension LearnerAction {
    /// Whether the run is over with it.
    fileprivate var isEnd: Bool {
        switch self {
        case .finish, .abort: true
        case .grant, .answer, .score, .journal, .train, .publish, .note: false
        }
    }
}
