package import GRPO
package import Ports

/// What the learner reacts to.
package enum LearnerEvent: Sendable {
    case rollout(RolloutEvent)
    /// The learner's own reward function answered for a group it was asked to score.
    case scored(Group, lease: Lease.ID, from: WorkerID)
    /// A batch was trained on and its snapshot published.
    case trained(version: UInt64)
    case tick
    /// Someone wants the run to end early: finish the step that is being trained, then stop.
    case stop(reason: String)
}

/// What the learner does about it.
package enum LearnerAction: Hashable, Sendable {
    case grant([Lease], to: WorkerID)
    case answer(Verdict, lease: Lease.ID, to: WorkerID)
    case score(Group, columns: String, lease: Lease.ID, from: WorkerID)
    case train([Group], step: Int)
    case note(String)
    case finish(reason: String?)
    case abort(reason: String)
}

/// The learner as a pure state machine: events in, actions out. Time is an argument.
package struct LearnerState: Sendable {
    private let plan: SchedulePlan
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
    var barred: Set<WorkerID> = []
    var version: PolicyVersion
    private(set) var isTraining = false
    private var stopReason: String?
    private var isFinished = false
    private var lastTick: Duration?
    /// How often an unfinished place of the run was dropped for its rewards, or for want of them.
    var badRewards: [UInt64: Int] = [:]

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
            nextOrdinal: start.nextOrdinal, pending: start.pending, accounting: start.accounting,
            leaseDuration: setup.leaseDuration)
        buffer = GroupBuffer(plan: setup.plan)
        version = start.version
    }

    package var accounting: GroupAccounting { book.accounting }
    package var liveWorkers: Int { slots.count }
    /// Batches consumed so far.
    package var step: Int { Int(version.number) }
    /// What a checkpoint must say, so that every group that is not consumed is issued again.
    package var nextOrdinal: UInt64 { book.firstUnissued }
    package var pending: [UInt64: UInt32] { book.pending }

    /// The actions that the state demands before any event: a run without steps is over at once.
    package mutating func start() -> [LearnerAction] { advance() }

    /// The run is over: what is still out or waiting is dropped with a cause, so that the books balance.
    package mutating func close() { book.close(cause: .drained) }

    package mutating func handle(_ event: LearnerEvent, now: Duration) -> [LearnerAction] {
        guard !isFinished else { return [] }
        var actions: [LearnerAction] = []
        switch event {
        case .rollout(.ready(let worker, let offered)):
            slots[worker] = barred.contains(worker) ? 0 : offered
        case .rollout(.released(let leases, let worker)):
            let free = book.release(leases, by: worker)
            actions.append(.note("worker \(worker) gave up \(free) leases; they are free again"))
        case .rollout(.lost(let worker, let cause)):
            slots[worker] = nil
            let free = book.leaseCount(of: worker)
            book.lose(worker)
            actions.append(
                .note("worker \(worker) is gone (\(cause)); \(free) leases are free again"))
        case .rollout(.group(let group, let lease, let worker)):
            actions += admit(group, lease: lease, from: worker)
        case .scored(let group, let lease, let worker):
            actions += take(group, lease: lease, from: worker)
        case .trained(let number):
            version.number = number
            isTraining = false
            book.revoke(namingBefore: plan.oldestNeeded(current: number))
        case .tick:
            actions += tick(now: now)
        case .stop(let reason):
            stopReason = stopReason ?? reason
        }
        return actions + advance() + grants(now: now)
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

    /// Trains when a batch is complete, and ends the run when it is over.
    private mutating func advance() -> [LearnerAction] {
        guard !isTraining else { return [] }
        if stopReason != nil || step >= plan.maxSteps {
            isFinished = true
            return [.finish(reason: step >= plan.maxSteps ? nil : stopReason)]
        }
        let assembly = buffer.assemble(step: step, current: version.number)
        for group in assembly.stale { book.discard(group, cause: .stale) }
        guard let batch = assembly.batch else { return [] }
        book.consume(batch)
        for group in batch { badRewards[group.ordinal] = nil }
        isTraining = true
        return [.train(batch, step: step)]
    }

    /// Work for everyone who has room, one lease at a time to whoever holds the fewest, so that no worker
    /// sits on what another could do; ties go by name.
    private mutating func grants(now: Duration) -> [LearnerAction] {
        guard stopReason == nil, !isFinished else { return [] }
        let inFlightMax = min(
            plan.groupsInFlightMax, plan.groupsTotal - book.accounting.consumed)
        var granted: [WorkerID: [Lease]] = [:]
        while let worker = neediest() {
            let lease = book.grant(
                to: worker, slots: book.leaseCount(of: worker) + 1, inFlightMax: inFlightMax,
                now: now
            ) { [version] ordinal, attempt in
                tickets.ticket(ordinal: ordinal, attempt: attempt, current: version)
            }
            if lease.isEmpty { break }
            granted[worker, default: []] += lease
        }
        return granted.sorted { $0.key.precedes($1.key) }.map { .grant($0.value, to: $0.key) }
    }

    /// The worker with room that holds the fewest leases.
    private func neediest() -> WorkerID? {
        let open = slots.filter { book.leaseCount(of: $0.key) < $0.value }.keys
        return open.min { first, second in
            let (mine, other) = (book.leaseCount(of: first), book.leaseCount(of: second))
            return mine == other ? first.precedes(second) : mine < other
        }
    }
}

extension WorkerID {
    /// A fixed order, so that the same events give the same actions in every process.
    fileprivate func precedes(_ other: WorkerID) -> Bool {
        (name, incarnation) < (other.name, other.incarnation)
    }
}
