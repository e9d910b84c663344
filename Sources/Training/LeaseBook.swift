package import GRPO
package import Ports

/// Who answers which ticket: gives leases out, takes them back, and knows every group exactly once.
///
/// A pure state machine: time comes in as the learner's monotonic clock, in any unit of `Duration`.
/// A ticket is in one of these states: *issuable* (its prompt's turn has come), *leased* (at a worker),
/// *reclaimable* (its worker died or was too slow; still counted as leased until someone takes it),
/// *received*, and finally consumed or dropped.
package struct LeaseBook: Sendable {
    private struct Outstanding {
        var ticket: Ticket
        /// `nil`: reclaimable.
        var holder: (lease: Lease.ID, worker: WorkerID, deadline: Duration)?
    }

    package private(set) var accounting: GroupAccounting
    /// Tickets out, by ordinal: at most one attempt of an ordinal is out at a time.
    private var outstanding: [UInt64: Outstanding] = [:]
    /// Ordinals whose group waits in the learner.
    private var received: [UInt64: TicketKey] = [:]
    /// Ordinals passed over whose group is still to come, with the attempt to issue: after a drop, or
    /// because a checkpoint says so.
    private var retries: [UInt64: UInt32] = [:]
    private var held: [WorkerID: Set<UInt64>] = [:]
    private var nextOrdinal: UInt64
    private var nextLease: Lease.ID = 1
    private let leaseDuration: Duration

    /// Continues at `nextOrdinal` with the counts of earlier incarnations; `pending` comes first.
    package init(
        nextOrdinal: UInt64, pending: [UInt64: UInt32] = [:], accounting: GroupAccounting,
        leaseDuration: Duration
    ) {
        self.nextOrdinal = nextOrdinal
        retries = pending
        self.accounting = accounting
        self.leaseDuration = leaseDuration
    }

    /// Groups out or waiting.
    package var inFlight: Int { outstanding.count + received.count }

    /// What `worker` holds now.
    package func leaseCount(of worker: WorkerID) -> Int { held[worker]?.count ?? 0 }

    /// The place of the next ticket that has never been issued.
    package var firstUnissued: UInt64 { nextOrdinal }

    /// Ordinals before `firstUnissued` that no batch has consumed, with their attempts.
    package var pending: [UInt64: UInt32] {
        let out = outstanding.mapValues(\.ticket.key.attempt)
        let waiting = received.mapValues(\.attempt)
        return out.merging(waiting) { $1 }.merging(retries) { $1 }
    }

    /// Leases tickets to `worker` until it holds `slots`, the lowest ordinals first, as long as fewer
    /// than `inFlightMax` groups are out or waiting. `makeTicket` answers with the ticket of an ordinal
    /// and attempt, or `nil` if its turn has not come.
    package mutating func grant(
        to worker: WorkerID, slots: Int, inFlightMax: Int, now: Duration,
        makeTicket: (_ ordinal: UInt64, _ attempt: UInt32) -> Ticket?
    ) -> [Lease] {
        var leases: [Lease] = []
        while leaseCount(of: worker) < slots,
            let ticket = reclaim() ?? issue(inFlightMax: inFlightMax, makeTicket)
        {
            let lease = Lease(id: nextLease, ticket: ticket)
            nextLease += 1
            outstanding[ticket.ordinal] = Outstanding(
                ticket: ticket, holder: (lease.id, worker, now + leaseDuration))
            held[worker, default: []].insert(ticket.ordinal)
            leases.append(lease)
        }
        checkBalance()
        return leases
    }

    /// A ticket whose holder died or was too slow. It was issued before, so it comes first.
    private mutating func reclaim() -> Ticket? {
        let free = outstanding.values.lazy.filter { $0.holder == nil }.map(\.ticket)
        guard let ticket = free.min(by: { $0.ordinal < $1.ordinal }) else { return nil }
        accounting.reissued += 1
        return ticket
    }

    private mutating func issue(
        inFlightMax: Int, _ makeTicket: (UInt64, UInt32) -> Ticket?
    ) -> Ticket? {
        guard inFlight < inFlightMax else { return nil }
        let retry = retries.min { $0.key < $1.key }
        guard let ticket = makeTicket(retry?.key ?? nextOrdinal, retry?.value ?? 0) else {
            return nil
        }
        if let retry { retries[retry.key] = nil } else { nextOrdinal += 1 }
        accounting.issued += 1
        accounting.leased += 1
        return ticket
    }

    /// The ticket that a group claims to answer, if it is out.
    package func ticket(of group: Group) -> Ticket? {
        guard let entry = outstanding[group.ordinal], entry.ticket.key == group.key else {
            return nil
        }
        return entry.ticket
    }

    /// A well-formed group came in. A late answer from an earlier holder is as good as any, if it is
    /// the first.
    package mutating func receive(_ group: Group) -> Verdict {
        guard ticket(of: group) != nil else { return unexpected(group) }
        takeBack(group.ordinal)
        received[group.ordinal] = group.key
        accounting.received += 1
        checkBalance()
        return .accepted(durable: false)
    }

    /// A group that no ticket waits for: a second copy of a known one, or one from another life.
    private mutating func unexpected(_ group: Group) -> Verdict {
        guard isSecondCopy(group) else { return refuseUnknown() }
        accounting.duplicateCopies += 1
        return .duplicate
    }

    /// Whether another group of this ticket was taken before, and consumed or dropped or not yet.
    private func isSecondCopy(_ group: Group) -> Bool {
        let attempt = group.key.attempt
        guard group.ordinal < nextOrdinal else { return false }
        if let key = received[group.ordinal] { return attempt <= key.attempt }
        let awaited = outstanding[group.ordinal]?.ticket.key.attempt ?? retries[group.ordinal]
        return awaited.map { attempt < $0 } ?? true
    }

    /// A group that answers no ticket of this learner.
    package mutating func refuseUnknown() -> Verdict {
        accounting.unknownCopies += 1
        return .dropped(.unknownTicket)
    }

    /// A copy that does not answer its ticket. If its sender holds the lease, the ticket is free for
    /// another worker; it keeps its key, so that one broken worker cannot change what is sampled.
    package mutating func refuseCopy(_ group: Group, from worker: WorkerID) {
        accounting.malformedCopies += 1
        guard outstanding[group.ordinal]?.holder?.worker == worker else { return }
        held[worker]?.remove(group.ordinal)
        outstanding[group.ordinal]!.holder = nil
    }

    /// Takes back every ticket out that names a version before `oldest`: no batch may use its group any
    /// more. Its prompt is issued again as a new attempt, from a version that still exists.
    package mutating func revoke(namingBefore oldest: UInt64) {
        for (ordinal, entry) in outstanding where entry.ticket.version.number < oldest {
            takeBack(ordinal)
            accounting.drop(.stale)
            retries[ordinal] = entry.ticket.key.attempt + 1
        }
        checkBalance()
    }

    /// A received group is given up; its prompt is issued again as a new attempt.
    package mutating func discard(_ group: Group, cause: DropCause) {
        forget(group)
        accounting.drop(cause)
        retries[group.ordinal] = group.key.attempt + 1
        checkBalance()
    }

    private mutating func forget(_ group: Group) {
        let key = received.removeValue(forKey: group.ordinal)
        precondition(key == group.key, "\(group.key) was not received")
        accounting.received -= 1
    }

    private mutating func takeBack(_ ordinal: UInt64) {
        let entry = outstanding.removeValue(forKey: ordinal)!
        if let holder = entry.holder { held[holder.worker]?.remove(ordinal) }
        accounting.leased -= 1
    }

    /// A batch was trained on.
    package mutating func consume(_ groups: [Group]) {
        for group in groups { forget(group) }
        accounting.consumed += groups.count
        checkBalance()
    }

    /// The worker is gone: all its leases can be taken again.
    package mutating func lose(_ worker: WorkerID) {
        for ordinal in held.removeValue(forKey: worker) ?? [] { outstanding[ordinal]!.holder = nil }
    }

    /// The worker gives these leases up and goes on; answers with how many of them it held.
    package mutating func release(_ leases: [Lease.ID], by worker: WorkerID) -> Int {
        let given = (held[worker] ?? []).filter { ordinal in
            outstanding[ordinal]?.holder.map { leases.contains($0.lease) } ?? false
        }
        for ordinal in given {
            held[worker]?.remove(ordinal)
            outstanding[ordinal]!.holder = nil
        }
        return given.count
    }

    /// Frees leases whose time is over; answers with how many.
    package mutating func expire(now: Duration) -> Int {
        let late = outstanding.filter { $0.value.holder.map { $0.deadline <= now } ?? false }
        for (ordinal, entry) in late {
            held[entry.holder!.worker]?.remove(ordinal)
            outstanding[ordinal]!.holder = nil
        }
        return late.count
    }

    /// The learner itself was asleep for `gap` (a stopped process, a suspended machine): nobody else is to
    /// blame for that time.
    package mutating func extendDeadlines(by gap: Duration) {
        for ordinal in outstanding.keys { outstanding[ordinal]!.holder?.deadline += gap }
    }

    /// The run stops here: what is out or waiting is dropped with a cause, so that the books balance.
    package mutating func close(cause: DropCause) {
        for _ in 0..<inFlight { accounting.drop(cause) }
        accounting.leased -= outstanding.count
        accounting.received -= received.count
        outstanding = [:]
        received = [:]
        held = [:]
        checkBalance()
    }

    private func checkBalance() {
        precondition(accounting.isBalanced, "the group accounting does not balance: \(accounting)")
    }
}
