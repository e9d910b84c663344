package import GRPO
package import Ports

/// Who answers which ticket: gives leases out, takes them back, and knows every group exactly once.
///
/// A pure state machine: time comes in as the learner's monotonic clock, in any unit of `Duration`.
/// A ticket is in one of these states: *issuable* (its prompt's turn has come), *leased* (at a worker),
/// *reclaimable* (its worker died or was too slow; still counted as leased until someone takes it),
/// *received*, *journaled* (durable, and waiting for its batch), and finally consumed or dropped.
package struct LeaseBook: Sendable {
    private struct Outstanding {
        var ticket: Ticket
        /// `nil`: reclaimable.
        var holder: (lease: Lease.ID, worker: WorkerID, deadline: Duration)?
    }

    package private(set) var accounting: GroupAccounting
    /// Tickets out, by ordinal: at most one attempt of an ordinal is out at a time.
    private var outstanding: [UInt64: Outstanding] = [:]
    /// Ordinals whose group is in the learner's memory alone.
    private var received: [UInt64: TicketKey] = [:]
    /// Ordinals whose group is in the journal, without a batch.
    private var journaled: [UInt64: TicketKey] = [:]
    /// Ordinals passed over whose group is still to come, with the attempt to issue: after a drop, or
    /// because an earlier learner had issued them.
    private var retries: [UInt64: UInt32] = [:]
    /// The last attempt that was dropped at an ordinal that no batch has consumed.
    private var dropped: [UInt64: DroppedTicket]
    /// Those that are reclaimable.
    private var vacant: Set<UInt64> = []
    private var held = Holdings()
    /// No lease ends before.
    private var nextExpiry: Duration?
    private var nextOrdinal: UInt64
    private var nextLease: Lease.ID
    private let leaseDuration: Duration

    /// Goes on where `history` ends, as the learner of `incarnation`.
    package init(history: RunHistory, incarnation: UInt32, leaseDuration: Duration) {
        nextOrdinal = history.firstUnissued
        retries = history.pending
        dropped = history.drops
        journaled = Dictionary(uniqueKeysWithValues: history.waiting.map { ($0.ordinal, $0.key) })
        accounting = history.accounting
        self.leaseDuration = leaseDuration
        // Never one that an earlier learner gave out: workers answer those too.
        nextLease = Lease.firstID(ofIncarnation: incarnation)
        checkBalance()
    }

    /// Groups out or waiting.
    package var inFlight: Int { outstanding.count + received.count + journaled.count }

    /// What `worker` holds now.
    package func leaseCount(of worker: WorkerID) -> Int { held.count(of: worker) }

    /// Workers whose number of leases may have changed since the last call.
    mutating func takeChanged() -> Set<WorkerID> { held.takeChanged() }

    /// Places before this one have been issued or are pending.
    package var firstUnissued: UInt64 { nextOrdinal }

    /// Places before `firstUnissued` that no batch has consumed, with their attempts.
    package var pending: [UInt64: UInt32] {
        let out = outstanding.mapValues(\.ticket.key.attempt)
        let waiting = received.merging(journaled) { $1 }.mapValues(\.attempt)
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
            vacant.remove(ticket.ordinal)
            held.insert(ticket.ordinal, of: worker)
            nextExpiry = nextExpiry ?? now + leaseDuration
            leases.append(lease)
        }
        checkBalance()
        return leases
    }

    /// A ticket whose holder died or was too slow. It was issued before, so it comes first.
    private mutating func reclaim() -> Ticket? {
        guard let place = vacant.min() else { return nil }
        accounting.reissued += 1
        return outstanding[place]!.ticket
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

    /// A group that an earlier learner had asked for came in: takes its ticket as issued, if its turn has come
    /// and nobody else has it. `makeTicket` as for `grant`.
    package mutating func claim(
        _ group: Group, inFlightMax: Int,
        makeTicket: (_ ordinal: UInt64, _ attempt: UInt32) -> Ticket?
    ) {
        let (ordinal, attempt) = (group.ordinal, group.key.attempt)
        let isPending = ordinal < nextOrdinal ? retries[ordinal] == attempt : attempt == 0
        guard isPending, inFlight < inFlightMax,
            ordinal < nextOrdinal || ordinal - nextOrdinal < UInt64(inFlightMax),
            let ticket = makeTicket(ordinal, attempt)
        else { return }
        retries[ordinal] = nil
        while nextOrdinal <= ordinal {
            if nextOrdinal < ordinal { retries[nextOrdinal] = 0 }
            nextOrdinal += 1
        }
        accounting.issued += 1
        accounting.leased += 1
        outstanding[ordinal] = Outstanding(ticket: ticket, holder: nil)
        vacant.insert(ordinal)
        checkBalance()
    }

    /// A well-formed group came in: `nil` if it is the first answer to its ticket, otherwise what its worker
    /// is told. A late answer from an earlier holder is as good as any, if it is the first.
    package mutating func receive(_ group: Group) -> Verdict? {
        guard ticket(of: group) != nil else { return unexpected(group) }
        takeBack(group.ordinal)
        received[group.ordinal] = group.key
        accounting.received += 1
        checkBalance()
        return nil
    }

    /// A group that no ticket waits for: one that was given up, a second copy, or one that was never asked
    /// for.
    private mutating func unexpected(_ group: Group) -> Verdict {
        if let earlier = dropped[group.ordinal], group.key.attempt <= earlier.key.attempt {
            accounting.lateCopies += 1
            return .dropped(earlier.cause)
        }
        guard isSecondCopy(group) else { return refuseUnknown() }
        accounting.duplicateCopies += 1
        return .duplicate
    }

    /// Whether a group of this ticket was taken before, and waits or was consumed.
    private func isSecondCopy(_ group: Group) -> Bool {
        guard group.ordinal < nextOrdinal, outstanding[group.ordinal] == nil,
            retries[group.ordinal] == nil
        else { return false }
        guard let key = received[group.ordinal] ?? journaled[group.ordinal] else { return true }
        return group.key.attempt <= key.attempt
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
        vacate(group.ordinal)
    }

    /// A received group is in the journal now.
    package mutating func settle(_ group: Group) {
        let key = received.removeValue(forKey: group.ordinal)
        precondition(key == group.key, "\(group.key) was not received")
        journaled[group.ordinal] = key
        accounting.received -= 1
        accounting.journaled += 1
        checkBalance()
    }

    /// Takes back every ticket out that names a version before `oldest`: no batch may use its group any
    /// more. Its prompt is issued again as a new attempt, from a version that still exists.
    package mutating func revoke(namingBefore oldest: UInt64) -> [DroppedTicket] {
        let old = outstanding.values.map(\.ticket).filter { $0.version.number < oldest }
        let drops = old.sorted { $0.ordinal < $1.ordinal }.map { ticket in
            takeBack(ticket.ordinal)
            return drop(ticket.key, ordinal: ticket.ordinal, .stale)
        }
        checkBalance()
        return drops
    }

    /// A group that came in is given up; its prompt is issued again as a new attempt.
    package mutating func discard(
        _ group: Group, cause: DropCause, detail: String = ""
    ) -> DroppedTicket {
        if let key = received.removeValue(forKey: group.ordinal) {
            precondition(key == group.key, "\(group.key) was not received")
            accounting.received -= 1
        } else {
            unjournal(group)
        }
        defer { checkBalance() }
        return drop(group.key, ordinal: group.ordinal, cause, detail: detail)
    }

    private mutating func drop(
        _ key: TicketKey, ordinal: UInt64, _ cause: DropCause, detail: String = ""
    ) -> DroppedTicket {
        let ticket = DroppedTicket(ordinal: ordinal, key: key, cause: cause, detail: detail)
        accounting.drop(cause)
        dropped[ordinal] = ticket
        retries[ordinal] = key.attempt + 1
        return ticket
    }

    private mutating func unjournal(_ group: Group) {
        let key = journaled.removeValue(forKey: group.ordinal)
        precondition(key == group.key, "\(group.key) was not journaled")
        accounting.journaled -= 1
    }

    private mutating func takeBack(_ ordinal: UInt64) {
        let entry = outstanding.removeValue(forKey: ordinal)!
        if let holder = entry.holder { held.remove(ordinal, of: holder.worker) }
        vacant.remove(ordinal)
        accounting.leased -= 1
    }

    /// A batch was trained on.
    package mutating func consume(_ groups: [Group]) {
        for group in groups {
            unjournal(group)
            dropped[group.ordinal] = nil
        }
        accounting.consumed += groups.count
        checkBalance()
    }

    /// The worker is gone: all its leases can be taken again.
    package mutating func lose(_ worker: WorkerID) {
        for ordinal in held.places(of: worker) { vacate(ordinal) }
    }

    /// The worker gives these leases up and goes on; answers with how many of them it held.
    package mutating func release(_ leases: [Lease.ID], by worker: WorkerID) -> Int {
        let given = held.places(of: worker).filter { ordinal in
            outstanding[ordinal]?.holder.map { leases.contains($0.lease) } ?? false
        }
        for ordinal in given { vacate(ordinal) }
        return given.count
    }

    /// Frees leases whose time is over; answers with how many.
    package mutating func expire(now: Duration) -> Int {
        // Leases of one length end in the order of their start, so most ticks find nothing.
        guard let expiry = nextExpiry, expiry <= now else { return 0 }
        let late = outstanding.filter { $0.value.holder.map { $0.deadline <= now } ?? false }
        for ordinal in late.keys { vacate(ordinal) }
        nextExpiry = outstanding.values.lazy.compactMap(\.holder?.deadline).min()
        return late.count
    }

    /// Nobody holds the ticket any more; it can be taken again.
    private mutating func vacate(_ ordinal: UInt64) {
        guard let holder = outstanding[ordinal]?.holder else { return }
        held.remove(ordinal, of: holder.worker)
        outstanding[ordinal]!.holder = nil
        vacant.insert(ordinal)
    }

    /// The learner itself was asleep for `gap` (a stopped process, a suspended machine): nobody else is to
    /// blame for that time.
    package mutating func extendDeadlines(by gap: Duration) {
        for ordinal in outstanding.keys { outstanding[ordinal]!.holder?.deadline += gap }
        nextExpiry = nextExpiry.map { $0 + gap }
    }

    /// The learner stops here: what is out, or in its memory alone, is dropped with a cause, so that the books
    /// balance. Groups in the journal stay for whoever goes on; where nobody will (`isComplete`), they are
    /// dropped too. Answers with what was dropped.
    package mutating func close(cause: DropCause, isComplete: Bool) -> [DroppedTicket] {
        var keys = outstanding.mapValues(\.ticket.key).merging(received) { $1 }
        accounting.leased = 0
        accounting.received = 0
        if isComplete {
            keys.merge(journaled) { $1 }
            accounting.journaled = 0
            journaled = [:]
        }
        outstanding = [:]
        received = [:]
        vacant = []
        held.removeAll()
        defer { checkBalance() }
        return keys.sorted { $0.key < $1.key }.map { drop($0.value, ordinal: $0.key, cause) }
    }

    private func checkBalance() {
        precondition(accounting.isBalanced, "the group accounting does not balance: \(accounting)")
    }
}
