internal import GRPO
internal import Ports
internal import Training

// What goes in and out of the learner's state machine.

extension Checker {
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
                if journal.batches.count <= step { fail("step \(step) is published and not durable") }
            case .score, .journal, .note, .finish, .abort: break
            }
        }
        check(state.accounting)
    }

    mutating func note(_ event: LearnerEvent, _ actions: [LearnerAction]) {
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
    mutating func answered(_ verdict: Ports.Verdict, _ lease: Lease.ID, at event: LearnerEvent?) {
        guard let key = answers[lease] else { return fail("lease \(lease) was answered, and no group came") }
        switch verdict {
        case .accepted(let isDurable):
            if !isDurable || !journal.hasGroup(key) {
                fail("\(key) was accepted before it was durable")
            }
        case .duplicate:
            if !isKnown(key) { fail("\(key) is called a duplicate, and is the first") }
        case .dropped(.badReward), .dropped(.rewardFailed), .dropped(.constantRewards):
            if case .journaled = event, !journal.hasDropped(key) {
                fail("\(key) was dropped before that was durable")
            }
        case .dropped: break
        }
    }

    /// Whether the learner has another copy of the group, or had.
    func isKnown(_ key: TicketKey) -> Bool { out[key] == nil }

    mutating func granted(_ lease: Lease) {
        if !leases.insert(lease.id).inserted {
            fail("lease \(lease.id) was given out twice")
        }
        if steps[lease.ticket.key] != nil {
            fail("\(lease.ticket.key) is leased after it was trained on")
        }
        out[lease.ticket.key] = lease.ticket
    }

    mutating func trained(_ batch: [Group], step: Int) {
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

    mutating func check(_ group: Group, step: Int) {
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

    var sampler: PretendSampler { PretendSampler(setup) }

    mutating func check(_ accounting: GroupAccounting) {
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
}
