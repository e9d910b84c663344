internal import GRPO
internal import Ports
internal import Sessions
internal import Training
internal import Wire

/// A second bookkeeper: it sees what goes in and out of the learner and what the workers hear, keeps books
/// of its own, and says what must not be.
///
/// It asks the state machines for nothing but the accounts that it compares with its own.
struct Checker {
    let setup: SimulationSetup
    /// The first thing that was wrong.
    private(set) var violation: String?

    /// What is durable.
    private var journal = JournalBooks()
    /// Tickets out at workers or waiting to be taken again, in this life of the learner.
    private var out: [TicketKey: Ticket] = [:]
    /// A group from before a restart may take a ticket that was never given out.
    private var knowsLeased = true
    private var incarnation: UInt32 = 0
    private var leases: Set<Lease.ID> = []
    /// Whose group came, in this life of the learner.
    private var delivered: Set<Lease.ID> = []
    /// The last start of each worker that was welcome, in this life of the learner.
    private var welcomed: [String: UInt64] = [:]
    /// What the learner has been told under each lease.
    private var answers: [Lease.ID: TicketKey] = [:]
    /// What each step trained on. A step that a dead learner trained and nobody remembers is not in it.
    private var batches: [[TicketKey]] = []
    private var steps: [TicketKey: Int] = [:]
    private var weights: [UInt64: UInt64] = [:]
    private var digests: [UInt64: ContentDigest] = [:]
    /// Groups that workers were told to be durable.
    private var promised: Set<TicketKey> = []
    private var pushes: [Lease.ID: TicketKey] = [:]

    init(_ setup: SimulationSetup) { self.setup = setup }

    mutating func fail(_ what: String) { violation = violation ?? what }

    // MARK: The learner

    /// A learner has recovered what it could.
    mutating func started(learner: LearnerProcess, waiting: [Group]) {
        guard setup.checks else { return }
        out = [:]
        knowsLeased = true
        incarnation = learner.version.incarnation
        answers = [:]
        delivered = []
        welcomed = [:]
        let step = Int(learner.version.number)
        if journal.batches.count != step || batches.count < step {
            fail("the learner begins at step \(step), \(journal.batches.count) batches are durable")
        }
        if Array(batches.prefix(step)) != journal.batches {
            fail("the journal's batches are not those that were trained on")
        }
        for key in batches.dropFirst(step).joined() { steps[key] = nil }
        batches.removeLast(max(0, batches.count - step))
        if weights.keys.contains(where: { $0 > UInt64(step) }) {
            fail("the learner begins at version \(step), and a later one was published")
        }
        if Set(waiting.map(\.key)) != journal.waiting {
            fail("\(waiting.count) groups wait after the start, \(journal.waiting.count) in the journal")
        }
        if let lost = promised.first(where: { !journal.knows($0) }) {
            fail("\(lost) was acknowledged as durable and is not in the journal")
        }
        check(learner.state.accounting)
    }

    /// These became durable.
    mutating func committed(_ entries: [JournalEntry]) {
        guard setup.checks else { return }
        for entry in entries {
            if let defect = journal.add(entry) { fail(defect) }
        }
    }

    /// `event`: `nil` for what the start alone leads to.
    mutating func observe(_ event: LearnerEvent?, _ actions: [LearnerAction], _ state: LearnerState) {
        guard setup.checks else { return }
        if let event { note(event, actions) }
        for action in actions {
            switch action {
            case .grant(let leases, _): for lease in leases { granted(lease) }
            case .train(let batch, let step): trained(batch, step: step)
            case .answer(let verdict, let lease, _): answered(verdict, lease, at: event)
            case .publish(let step):
                if journal.batches.count <= step { fail("step \(step) is published before it is durable") }
            case .score, .journal, .note, .finish, .abort: break
            }
        }
        check(state.accounting)
    }

    private mutating func note(_ event: LearnerEvent, _ actions: [LearnerAction]) {
        switch event {
        case .rollout(.group(let group, let lease, _)):
            answers[lease] = group.key
            let verdict = actions.lazy.compactMap { action -> Ports.Verdict? in
                if case .answer(let verdict, lease, _) = action { verdict } else { nil }
            }.first
            if verdict == nil { out[group.key] = nil }
            if verdict != nil, group.version.incarnation != incarnation { knowsLeased = false }
        case .published(let published):
            let oldest = setup.plan.oldestNeeded(current: published.version.number)
            out = out.filter { $0.value.version.number >= oldest }
        case .rollout, .scored, .journaled, .trained, .saved, .tick, .stop: break
        }
    }

    /// Nothing is said before it is durable. A further copy hears at once what became of the first.
    private mutating func answered(_ verdict: Ports.Verdict, _ lease: Lease.ID, at event: LearnerEvent?) {
        guard let key = answers[lease] else { return fail("lease \(lease) was answered, and no group came") }
        switch verdict {
        case .accepted(let isDurable):
            if !isDurable || !journal.hasGroup(key) {
                fail("\(key) was accepted before it was durable")
            }
        case .duplicate:
            if !isKnown(key) { fail("\(key) is called a duplicate, and is the first") }
        case .dropped(.badReward), .dropped(.rewardFailed), .dropped(.constantRewards):
            if case .journaled = event, !journal.hasDropped(key) { fail("\(key) was dropped before that was durable") }
        case .dropped: break
        }
    }

    /// Whether the learner has another copy of the group, or had.
    private func isKnown(_ key: TicketKey) -> Bool { out[key] == nil }

    private mutating func granted(_ lease: Lease) {
        if !leases.insert(lease.id).inserted {
            fail("lease \(lease.id) was given out twice")
        }
        if steps[lease.ticket.key] != nil {
            fail("\(lease.ticket.key) is leased after it was trained on")
        }
        out[lease.ticket.key] = lease.ticket
    }

    private mutating func trained(_ batch: [Group], step: Int) {
        if step != batches.count {
            fail("step \(step) trains after \(batches.count) steps")
        }
        if batch.count != setup.plan.groupsPerBatch {
            fail("step \(step) trains on \(batch.count) groups")
        }
        for group in batch {
            if let other = steps.updateValue(step, forKey: group.key) {
                fail("steps \(other) and \(step) both train on \(group.key)")
            }
            if !journal.hasGroup(group.key) { fail("step \(step) trains on \(group.key), not durable") }
            check(group, step: step)
        }
        if setup.plan.schedule == .lockstep {
            let first = UInt64(step * setup.plan.groupsPerBatch)
            if batch.map(\.ordinal) != Array(first..<first + UInt64(batch.count)) {
                fail("step \(step) trains on the places \(batch.map(\.ordinal))")
            }
        }
        batches.append(batch.map(\.key))
    }

    private mutating func check(_ group: Group, step: Int) {
        let staleness = step - Int(group.version.number)
        let bound = setup.plan.maxStaleness
        if setup.plan.schedule == .lockstep {
            if staleness != min(step, bound) {
                fail("step \(step) trains on \(group.key) of \(group.version)")
            }
        }
        if !(0...bound ~= staleness) {
            fail("step \(step) trains on \(group.key), \(staleness) versions old")
        }
        guard let digest = digests[group.version.number] else {
            return fail("\(group.key) was sampled from \(group.version), which nobody published")
        }
        let ticket = Ticket(
            key: group.key, ordinal: group.ordinal, version: group.version, prompt: group.prompt, columns: "")
        let expected = sampler.score(sampler.sample(ticket, from: digest))
        if Pretence.content(of: group) != Pretence.content(of: expected) {
            fail("\(group.key) does not hold what its worker sampled from \(group.version)")
        }
    }

    private var sampler: PretendSampler { PretendSampler(setup) }

    private mutating func check(_ accounting: GroupAccounting) {
        let dropped = accounting.dropped.values.reduce(0, +)
        let waiting = accounting.received + accounting.journaled
        if accounting.issued != accounting.leased + waiting + accounting.consumed + dropped {
            fail("the books do not balance: \(accounting)")
        }
        if knowsLeased, accounting.leased != out.count {
            fail("\(accounting.leased) groups count as leased, not \(out.count)")
        }
        let consumed = batches.count * setup.plan.groupsPerBatch
        if accounting.consumed != consumed {
            fail("\(accounting.consumed) groups count as consumed, not \(consumed)")
        }
        if accounting.leased + waiting > (setup.plan.maxStaleness + 1) * setup.plan.groupsPerBatch {
            fail("\(accounting.leased) groups are out and \(waiting) in memory: more than the bound")
        }
    }

    mutating func published(_ reference: SnapshotReference, _ new: UInt64) {
        guard setup.checks else { return }
        let number = reference.version.number
        if let known = weights.updateValue(new, forKey: number), known != new {
            fail("version \(number) was published with two different weights")
        }
        digests[number] = reference.digest
    }

    // MARK: The workers

    /// The link hands the learner a group. Where frames overtake each other, as no connection lets them, a copy
    /// under a number of the session before may come after HELLO, and another under a new one.
    mutating func delivered(_ lease: Lease.ID) {
        guard setup.checks else { return }
        if !delivered.insert(lease).inserted, setup.faults.overtakeShare == 0 { fail("the group of lease \(lease) was delivered twice") }
    }

    /// The learner says something to a worker. An earlier start of it is out for good.
    mutating func addressed(_ worker: WorkerIdentity, by command: LearnerCommand) {
        guard setup.checks else { return }
        let last = welcomed[worker.name] ?? 0
        switch command {
        case .welcome:
            if worker.incarnation < last { fail("\(worker) is welcome after a later start of it") }
            welcomed[worker.name] = max(last, worker.incarnation)
        case .lease:
            if worker.incarnation < last { fail("\(worker) gets leases after a later start of it") }
        case .ack, .reject, .heartbeat, .drain, .goodbye: break
        }
    }

    mutating func pushed(_ group: Group, lease: Lease.ID) {
        guard setup.checks else { return }
        pushes[lease] = group.key
    }

    mutating func heard(_ acknowledgement: Acknowledgement) {
        guard setup.checks else { return }
        for verdict in acknowledgement.verdicts {
            guard let key = pushes[verdict.lease] else {
                fail("lease \(verdict.lease) has a verdict, and nobody pushed a group")
                continue
            }
            if verdict.outcome == .accepted(durable: true) { promised.insert(key) }
        }
    }

    // MARK: The end

    mutating func finish(weights final: UInt64) {
        guard setup.checks else { return }
        if batches.count != setup.plan.maxSteps || journal.batches != batches {
            fail("the run ended after \(batches.count) steps, \(journal.batches.count) of them durable")
        }
        if let lost = promised.first(where: { steps[$0] == nil && !journal.hasDropped($0) }) {
            fail("\(lost) was acknowledged as durable, and neither trained on nor dropped")
        }
        if final != journal.weights(from: setup.firstWeights) {
            fail("the journal's batches do not lead to the final weights")
        }
        guard setup.plan.schedule == .lockstep, final != Expectation.weights(setup) else { return }
        fail("the final weights are not those of a calm run")
    }
}
