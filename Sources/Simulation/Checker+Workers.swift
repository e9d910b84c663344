internal import GRPO
internal import Ports
internal import Sessions
internal import Wire

// What goes over the links.

extension Checker {
    /// The link hands the learner a group. Where frames overtake each other, as no connection lets them, a
    /// copy under a number of the session before may come after HELLO, and another under a new one.
    mutating func delivered(_ lease: Lease.ID) {
        guard setup.checks else { return }
        if !delivered.insert(lease).inserted, setup.faults.overtakeShare == 0 {
            fail("the group of lease \(lease) was delivered twice")
        }
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
}
