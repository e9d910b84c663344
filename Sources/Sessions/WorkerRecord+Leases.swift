internal import GRPO
internal import Wire

// Leases on their way to the worker.

extension WorkerRecord {
    /// What the worker is told now, and not again before `next`.
    mutating func heartbeat(_ current: SnapshotReference, next: Duration) -> LearnerSession.Action {
        nextHeartbeat = next
        let leases =
            granted.count <= WireLimits.heldLeases
            ? Set(granted.keys) : Set(granted.keys.sorted().prefix(WireLimits.heldLeases))
        let heartbeat = LearnerHeartbeat(
            sequence: sequence, acknowledged: window.acknowledged, heldLeases: leases, current: current)
        return .send(.heartbeat(heartbeat), to: address)
    }

    /// The worker gets these leases; they are still to be sent.
    mutating func grant(_ leases: [(id: UInt64, ticket: Ticket)], for duration: Duration) {
        for lease in leases {
            let ticket = LeasedTicket(lease: lease.id, ticket: lease.ticket, deadline: duration)
            granted[lease.id] = Granted(ticket: ticket, delivery: .unsent)
        }
    }

    /// Sends the granted leases that `isDue` picks, in LEASEs of bounded size.
    mutating func sendLeases(
        now: Duration, isDue: (Granted) -> Bool
    ) -> [LearnerSession.Action] {
        var due = granted.values.compactMap { isDue($0) ? $0.ticket : nil }
        guard !due.isEmpty else { return [] }
        due.sort { $0.lease < $1.lease }
        return LeaseBatches(due).map { tickets in
            sequence += 1
            for ticket in tickets {
                granted[ticket.lease] = Granted(ticket: ticket, delivery: .sent(sequence: sequence, at: now))
            }
            let offer = LeaseOffer(sequence: sequence, tickets: tickets)
            return .send(.lease(offer), to: address)
        }
    }
}
