package import GRPO
package import Wire

// Many answers at once: a message costs far more than one more verdict or lease in it.

extension LearnerSession {
    /// What the learner says to a worker.
    package enum Reply: Sendable {
        case verdict(Outcome, lease: UInt64, worker: WorkerIdentity)
        case leases([(id: UInt64, ticket: Ticket)], worker: WorkerIdentity)
    }

    private struct Bundle {
        var verdicts: [Verdict] = []
        var leases: [(id: UInt64, ticket: Ticket)] = []
    }

    /// Gives verdicts and leases; each worker gets its verdicts in one ACK and then its leases in one
    /// LEASE, as far as they fit.
    package mutating func reply(_ replies: [Reply], now: Duration) -> [Action] {
        var workers: [WorkerIdentity] = []
        var bundles: [WorkerIdentity: Bundle] = [:]
        for reply in replies {
            let worker = reply.worker
            if bundles[worker] == nil { workers.append(worker) }
            switch reply {
            case .verdict(let outcome, let lease, _):
                if let verdict = conclude(outcome, lease: lease, worker: worker) {
                    bundles[worker, default: Bundle()].verdicts.append(verdict)
                }
            case .leases(let leases, _): bundles[worker, default: Bundle()].leases += leases
            }
        }
        return workers.flatMap { worker -> [Action] in
            guard let bundle = bundles[worker], live(worker) != nil else { return [] }
            return acknowledgements(worker.name, bundle.verdicts)
                + (bundle.leases.isEmpty ? [] : grant(bundle.leases, to: worker, now: now))
        }
    }

    private mutating func conclude(
        _ outcome: Outcome, lease: UInt64, worker: WorkerIdentity
    ) -> Verdict? {
        guard records[worker.name]?.identity == worker,
            let verdict = records[worker.name]?.window.answer(lease: lease, outcome)
        else { return nil }
        counters.count(outcome)
        if outcome == .dropped(.invalid) { records[worker.name]?.isBarred = true }
        return verdict
    }

    /// As few ACKs as the verdicts fit in.
    func acknowledgements(_ name: String, _ verdicts: [Verdict]) -> [Action] {
        stride(from: 0, to: verdicts.count, by: WireLimits.verdictsPerAcknowledgement).map {
            acknowledge(name, Array(verdicts[$0...].prefix(WireLimits.verdictsPerAcknowledgement)))
        }
    }
}

extension LearnerSession.Reply {
    fileprivate var worker: WorkerIdentity {
        switch self {
        case .verdict(_, _, let worker), .leases(_, let worker): worker
        }
    }
}
