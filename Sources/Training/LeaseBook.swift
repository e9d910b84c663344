package import GRPO
package import Ports

/// Who answers which ticket: gives leases out, takes them back, and knows every group exactly once.
///
/// A pure state machine: time comes in as the learner's monotonic clock, in any unit of `Duration`.
/// A ticket is in one of these states: *issuable* (its prompt's turn has come), *leased* (at a worker),
/// *reclaimable* (its worker died or was too slow; still counted as leased until someone takes it),
/// *received*, *journaled* (durable, and waiting for its batch), and finally consumed or dropped.
package struct LeaseBook: Sendable {
    struct Outstanding {
        var ticket: Ticket
        /// `nil`: reclaimable.
        var holder: (lease: Lease.ID, worker: WorkerID, deadline: Duration)?
    }

    package internal(set) var accounting: GroupAccounting
    /// Tickets out, by ordinal: at most one attempt of an ordinal is out at a time.
    var outstanding: [UInt64: Outstanding] = [:]
    /// Ordinals whose group is in the learner's memory alone.
    var received: [UInt64: TicketKey] = [:]
    /// Ordinals whose group is in the journal, without a batch.
    var journaled: [UInt64: TicketKey] = [:]
    /// Ordinals passed over whose group is still to come, with the attempt to issue: after a drop, or
    /// because an earlier learner had issued them.
    var retries: [UInt64: UInt32] = [:]
    /// The last attempt that was dropped at an ordinal that no batch has consumed.
    var dropped: [UInt64: DroppedTicket]
    /// Those that are reclaimable.
    var vacant: Set<UInt64> = []
    var held = Holdings()
    /// No lease ends before.
    var nextExpiry: Duration?
    var nextOrdinal: UInt64
    var nextLease: Lease.ID
    let leaseDuration: Duration

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

    /// Slots of `worker` that are filled: leases that it has neither answered nor given up, whoever has their
    /// tickets now.
    package func leaseCount(of worker: WorkerID) -> Int { held.count(of: worker) }

    /// A worker whose number of leases may have changed since it was named last; `nil`: there is no other.
    package mutating func nextChanged() -> WorkerID? { held.nextChanged() }

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
        var count = leaseCount(of: worker)
        while count < slots,
            let ticket = reclaim() ?? issue(inFlightMax: inFlightMax, makeTicket)
        {
            let lease = Lease(id: nextLease, ticket: ticket)
            nextLease += 1
            outstanding[ticket.ordinal] = Outstanding(
                ticket: ticket, holder: (lease.id, worker, now + leaseDuration))
            vacant.remove(ticket.ordinal)
            held.insert(lease.id, for: ticket.ordinal, of: worker)
            nextExpiry = nextExpiry ?? now + leaseDuration
            leases.append(lease)
            count += 1
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

    /// The worker is gone: all its leases can be taken again. Answers with how many tickets that frees.
    @discardableResult
    package mutating func lose(_ worker: WorkerID) -> Int {
        held.removeAll(of: worker).count { vacate($0.value, heldBy: $0.key) }
    }

    /// The worker gives these leases up and goes on; answers with how many tickets that frees.
    package mutating func release(_ leases: [Lease.ID], by worker: WorkerID) -> Int {
        leases.count { lease in
            held.remove(lease, of: worker).map { vacate($0, heldBy: lease) } ?? false
        }
    }

    /// The worker sent what answers this lease, good or bad.
    package mutating func answered(_ lease: Lease.ID, by worker: WorkerID) {
        held.remove(lease, of: worker)
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

    /// Frees the ticket if it is out under this very lease; answers with whether it was.
    private mutating func vacate(_ ordinal: UInt64, heldBy lease: Lease.ID) -> Bool {
        guard outstanding[ordinal]?.holder?.lease == lease else { return false }
        vacate(ordinal)
        return true
    }

    /// Nobody holds the ticket any more; it can be taken again.
    mutating func vacate(_ ordinal: UInt64) {
        outstanding[ordinal]!.holder = nil
        vacant.insert(ordinal)
    }

    /// The learner itself was asleep for `gap` (a stopped process, a suspended machine): nobody else is to
    /// blame for that time.
    package mutating func extendDeadlines(by gap: Duration) {
        for ordinal in outstanding.keys { outstanding[ordinal]!.holder?.deadline += gap }
        nextExpiry = nextExpiry.map { $0 + gap }
    }

    func checkBalance() {
        precondition(accounting.isBalanced, "the group accounting does not balance: \(accounting)")
    }
}
