internal import GRPO
internal import Ports
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

    /// Tickets out at workers or waiting to be taken again, in this life of the learner.
    private var out: [TicketKey: Ticket] = [:]
    private var leases: Set<Lease.ID> = []
    /// What each step trained on. A step that a dead learner trained and nobody remembers is not in it.
    private var batches: [[TicketKey]] = []
    private var steps: [TicketKey: Int] = [:]
    private var weights: [UInt64: UInt64] = [:]
    private var digests: [UInt64: ContentDigest] = [:]

    init(_ setup: SimulationSetup) { self.setup = setup }

    mutating func fail(_ what: String) { violation = violation ?? what }

    // MARK: The learner

    /// A learner has recovered what it could.
    mutating func started(learner: LearnerProcess) {
        guard setup.checks else { return }
        out = [:]
        leases = []
        let step = Int(learner.version.number)
        if step > batches.count {
            fail("the learner knows of step \(step), which nobody trained")
        }
        for key in batches.dropFirst(step).joined() { steps[key] = nil }
        batches.removeLast(max(0, batches.count - step))
        if learner.state.accounting.consumed != batches.count * setup.plan.groupsPerBatch {
            fail("after its start the learner counts \(learner.state.accounting.consumed) consumed groups")
        }
    }

    mutating func observe(
        _ event: LearnerEvent, _ actions: [LearnerAction], _ state: LearnerState, now: Duration
    ) {
        guard setup.checks else { return }
        note(event)
        for action in actions {
            switch action {
            case .grant(let leases, _): for lease in leases { granted(lease) }
            case .train(let batch, let step): trained(batch, step: step)
            case .answer, .score, .note, .finish, .abort: break
            }
        }
        check(state.accounting)
    }

    private mutating func note(_ event: LearnerEvent) {
        switch event {
        case .rollout(.group(let group, _, _)):
            if group.completions.count == setup.groupSize { out[group.key] = nil }
        case .trained(let number):
            let oldest = setup.plan.oldestNeeded(current: number)
            out = out.filter { $0.value.version.number >= oldest }
        case .rollout, .scored, .tick, .stop: break
        }
    }

    private mutating func granted(_ lease: Lease) {
        if !(leases.insert(lease.id).inserted) {
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
        if accounting.leased != out.count {
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
        if let known = weights.updateValue(new, forKey: number), setup.plan.schedule == .lockstep {
            if known != new {
                fail("version \(number) was published with two different weights")
            }
        }
        digests[number] = reference.digest
    }

    // MARK: The workers

    mutating func pushed(_ group: Group, lease: UInt64, worker: Int, life: Int) {}

    mutating func heard(_ acknowledgement: Acknowledgement, worker: Int, life: Int) {}

    // MARK: The end

    mutating func finish(disk: SimulatedDisk, weights final: UInt64) {
        guard setup.checks else { return }
        if batches.count != setup.plan.maxSteps {
            fail("the run ended after \(batches.count) steps")
        }
        guard setup.plan.schedule == .lockstep else { return }
        if final != Expectation.weights(setup) {
            fail("the final weights are not those of a calm run")
        }
    }
}
