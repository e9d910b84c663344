package import GRPO
package import Ports

// What becomes of the groups that come back, and of tickets that nobody will answer.

extension LeaseBook {
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
        outstanding[ordinal] = nil
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
}
