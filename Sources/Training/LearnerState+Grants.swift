internal import GRPO
internal import Ports

// Who gets work.

extension LearnerState {
    /// Work for everyone who has room, one lease at a time to whoever holds the fewest, so that no worker
    /// sits on what another could do; ties go by name.
    mutating func grants(now: Duration) -> [LearnerAction] {
        guard !isOver else { return [] }
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

    var inFlightMax: Int {
        min(plan.groupsInFlightMax, plan.groupsTotal - book.accounting.consumed)
    }

    /// The worker with room that holds the fewest leases.
    mutating func neediest() -> WorkerID? {
        for worker in book.takeChanged() { updateRoom(of: worker) }
        return withRoom.neediest()
    }

    /// A worker's slots or leases have changed.
    mutating func updateRoom(of worker: WorkerID) {
        withRoom.update(worker, leases: book.leaseCount(of: worker), slots: slots[worker] ?? 0)
    }
}

extension WorkerID {
    /// A fixed order, so that the same events give the same actions in every process.
    fileprivate func precedes(_ other: WorkerID) -> Bool {
        (name, incarnation) < (other.name, other.incarnation)
    }
}
