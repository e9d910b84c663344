package import GRPO
package import Ports

/// What the learner reacts to.
package enum LearnerEvent: Sendable {
    case rollout(RolloutEvent)
    /// The learner's own reward function answered for a group it was asked to score.
    case scored(Group, lease: Lease.ID, from: WorkerID)
    /// The commit of a `journal` action is durable.
    case journaled
    /// The policy has learned from the batch that it was given.
    case trained
    /// The version that the batch made can be fetched.
    case published(PublishedVersion)
    case saved(step: Int, at: JournalPosition)
    case tick
    /// Someone wants the run to end early: finish the step that is being trained, then stop.
    case stop(reason: String)
}

/// What the learner does about it.
package enum LearnerAction: Hashable, Sendable {
    case grant([Lease], to: WorkerID)
    case answer(Verdict, lease: Lease.ID, to: WorkerID)
    case score(Group, columns: String, lease: Lease.ID, from: WorkerID)
    /// Make these durable, then say `journaled`. There is only one at a time.
    case journal([JournalEntry])
    case train([Group], step: Int)
    /// What led to the version is durable: show it to the workers.
    case publish(step: Int)
    case note(String)
    case finish(reason: String?)
    case abort(reason: String)
}

/// The learner as a pure state machine: events in, actions out. Time is an argument.
package struct LearnerState: Sendable {
    let plan: SchedulePlan
    let validation: GroupValidation
    let scoresHere: Bool
    let rewards: RewardValidation
    let abortsOnBadReward: Bool
    let abortsOnRewardFailure: Bool
    let replacementsMax: Int
    var tickets: TicketSource
    var book: LeaseBook
    var buffer: GroupBuffer
    /// Slots by worker; a worker that sent a malformed group has none.
    var slots: [WorkerID: Int] = [:]
    var withRoom = WorkersWithRoom()
    var barred: Set<WorkerID> = []
    package internal(set) var version: PolicyVersion
    var journal = JournalQueue()
    /// Names that earlier learners of the run gave to weights that are the same now.
    let earlierVersions: Set<PolicyVersion>
    private let incarnation: UInt32
    var training = Training.idle
    /// Whether a batch is trained on, or waits to be published.
    var isTraining: Bool { training != .idle }
    private(set) var stopReason: String?
    private var isFinished = false
    private var lastTick: Duration?
    /// How often an unfinished place of the run was dropped for its rewards, or for want of them.
    var badRewards: [UInt64: Int]

    /// How far the batch is that is being trained on.
    enum Training: Hashable {
        case idle
        case running(isTrained: Bool, isDurable: Bool)
        case publishing
    }

    /// A prompt that got unusable rewards this often ends the run: it would never end by itself.
    package static let attemptsMax = 3
    /// A longer silence between ticks means that this process itself was stopped.
    package static let tickGapMax: Duration = .seconds(3)

    package init(_ setup: LearnerSetup, prompts: [TrainingPrompt], start: LearnerStart) {
        plan = setup.plan
        validation = setup.validation
        scoresHere = setup.scoresHere
        rewards = setup.rewards
        abortsOnBadReward = setup.abortsOnBadReward
        abortsOnRewardFailure = setup.abortsOnRewardFailure
        replacementsMax = setup.replacementsMax
        tickets = TicketSource(setup, prompts: prompts)
        book = LeaseBook(
            history: start.history, incarnation: start.version.incarnation,
            leaseDuration: setup.leaseDuration)
        buffer = GroupBuffer(plan: setup.plan)
        version = start.replayedVersion
        incarnation = start.version.incarnation
        earlierVersions = start.history.versions
        badRewards = start.history.badRewards
    }

    package var accounting: GroupAccounting { book.accounting }
    package var liveWorkers: Int { slots.count }
    /// Batches consumed so far.
    package var step: Int { Int(version.number) }

    /// A learner starts with these weights and with the groups that wait for a batch since earlier ones. The
    /// actions that the state demands before any event: a run without steps is over at once.
    package mutating func start(
        with published: PublishedVersion, waiting: [Group]
    ) -> [LearnerAction] {
        for group in waiting { buffer.add(group) }
        journal.add(.start(incarnation: incarnation))
        journal.add(.version(published))
        return settled(advance())
    }

    /// The learner is about to end: what nobody will train on is dropped with a cause, so that the books
    /// balance. Answers with what the journal must hear of it, where the run is complete.
    package mutating func close() -> [JournalEntry] {
        precondition(journal.isIdle, "a learner that ends has journaled what it said")
        let isComplete = step >= plan.maxSteps
        let drops = book.close(cause: .drained, isComplete: isComplete)
        return isComplete ? drops.map { .drop($0) } : []
    }

    package mutating func handle(_ event: LearnerEvent, now: Duration) -> [LearnerAction] {
        guard !isFinished else { return [] }
        var actions: [LearnerAction] = []
        switch event {
        case .rollout(.ready(let worker, let offered)):
            slots[worker] = barred.contains(worker) ? 0 : offered
            updateRoom(of: worker)
        case .rollout(.released(let leases, let worker)):
            let free = book.release(leases, by: worker)
            if free > 0 {
                actions.append(.note("worker \(worker) gave up \(free) leases; they are free again"))
            }
        case .rollout(.lost(let worker, let cause)):
            slots[worker] = nil
            let free = book.lose(worker)
            updateRoom(of: worker)
            actions.append(
                .note("worker \(worker) is gone (\(cause)); \(free) leases are free again"))
        case .rollout(.group(let group, let lease, let worker)):
            book.answered(lease, by: worker)
            actions += admit(group, lease: lease, from: worker)
        case .scored(let group, let lease, let worker):
            actions += take(group, lease: lease, from: worker)
        case .journaled: actions += journal.committed().flatMap { follow($0) }
        case .trained:
            guard case .running(_, let isDurable) = training else {
                preconditionFailure("\(training), and a batch was trained on")
            }
            training = .running(isTrained: true, isDurable: isDurable)
        case .published(let published): publish(published)
        case .saved(let step, let position):
            journal.add(.checkpoint(step: step, at: position))
        case .tick:
            actions += tick(now: now)
        case .stop(let reason):
            stopReason = stopReason ?? reason
        }
        actions += advance()
        actions += grants(now: now)
        return settled(actions)
    }

    private mutating func tick(now: Duration) -> [LearnerAction] {
        defer { lastTick = now }
        if let lastTick, now - lastTick > Self.tickGapMax {
            book.extendDeadlines(by: now - lastTick)
        }
        let expired = book.expire(now: now)
        return expired == 0
            ? [] : [.note("\(expired) leases were not answered in time and are free again")]
    }

    /// Trains when a batch is complete, publishes what is trained and durable, and ends the run when it is
    /// over and everything that was said is durable.
    private mutating func advance() -> [LearnerAction] {
        switch training {
        case .idle: break
        case .running(isTrained: true, isDurable: true):
            training = .publishing
            return [.publish(step: step)]
        case .running, .publishing: return []
        }
        if isOver {
            guard journal.isIdle else { return [] }
            isFinished = true
            return [.finish(reason: step >= plan.maxSteps ? nil : stopReason)]
        }
        let assembly = buffer.assemble(step: step, current: version.number)
        for group in assembly.stale { journal.add(.drop(book.discard(group, cause: .stale))) }
        guard let batch = assembly.batch else { return [] }
        book.consume(batch)
        for group in batch { badRewards[group.ordinal] = nil }
        training = .running(isTrained: false, isDurable: false)
        journal.add(
            .batch(step: step, members: batch.map(\.ordinal)), then: .allowPublishing(step: step))
        return [.train(batch, step: step)]
    }

    /// Whether no further batch will be trained on.
    var isOver: Bool { stopReason != nil || step >= plan.maxSteps }
}
