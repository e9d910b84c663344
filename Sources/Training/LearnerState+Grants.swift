internal import GRPO
internal import Ports

// Who gets work.

extension LearnerState {
    /// Work for everyone who has room, one lease at a time to whoever holds the fewest, so that no worker
    /// sits on what another could do; ties go by name.
    mutating func grants(now: Duration) -> [LearnerAction] {
        guard !isOver else { return [] }
        var granted: [(worker: WorkerID, lease: Lease)] = []
        while let worker = neediest(),
            let lease = book.grant(
                to: worker, slots: book.leaseCount(of: worker) + 1, inFlightMax: inFlightMax,
                now: now,
                makeTicket: { [version] ordinal, attempt in
                    tickets.ticket(ordinal: ordinal, attempt: attempt, current: version)
                }
            ).first
        { granted.append((worker, lease)) }
        return granted.isEmpty ? [] : byWorker(granted)
    }

    private func byWorker(_ granted: [(worker: WorkerID, lease: Lease)]) -> [LearnerAction] {
        var actions: [LearnerAction] = []
        var rest = granted.sorted {
            $0.worker == $1.worker ? $0.lease.id < $1.lease.id : $0.worker.precedes($1.worker)
        }[...]
        while let worker = rest.first?.worker {
            let own = rest.prefix { $0.worker == worker }
            actions.append(.grant(own.map(\.lease), to: worker))
            rest = rest.dropFirst(own.count)
        }
        return actions
    }

    var inFlightMax: Int {
        min(plan.groupsInFlightMax, plan.groupsTotal - book.accounting.consumed)
    }

    /// The worker with room that holds the fewest leases.
    mutating func neediest() -> WorkerID? {
        while let worker = book.nextChanged() { updateRoom(of: worker) }
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
