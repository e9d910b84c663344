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
        var place: Int
        var verdicts: [Verdict] = []
        var leases: [(id: UInt64, ticket: Ticket)] = []
    }

    /// Gives verdicts and leases; each worker gets its verdicts in one ACK and then its leases in one
    /// LEASE, as far as they fit.
    package mutating func reply(_ replies: [Reply], now: Duration) -> [Action] {
        var bundles: [Bundle] = []
        var indices: [Int: Int] = [:]
        for reply in replies {
            guard let place = place(of: reply.worker) else { continue }
            let index = indices[place] ?? bundles.count
            if index == bundles.count {
                bundles.append(Bundle(place: place))
                if replies.count > 1 { indices[place] = index }
            }
            switch reply {
            case .verdict(let outcome, let lease, _):
                if let verdict = conclude(outcome, lease: lease, at: place) {
                    bundles[index].verdicts.append(verdict)
                }
            case .leases(let leases, _): bundles[index].leases += leases
            }
        }
        var actions: [Action] = []
        for bundle in bundles where records[bundle.place].isLive {
            actions += acknowledgements(bundle.place, bundle.verdicts)
            if !bundle.leases.isEmpty { actions += grant(bundle.leases, at: bundle.place, now: now) }
        }
        return actions
    }

    private mutating func conclude(_ outcome: Outcome, lease: UInt64, at place: Int) -> Verdict? {
        guard let verdict = records[place].window.answer(lease: lease, outcome) else { return nil }
        counters.count(outcome)
        if outcome == .dropped(.invalid) { records[place].isBarred = true }
        return verdict
    }

    /// As few ACKs as the verdicts fit in.
    func acknowledgements(_ place: Int, _ verdicts: [Verdict]) -> [Action] {
        guard verdicts.count > WireLimits.verdictsPerAcknowledgement else {
            return verdicts.isEmpty ? [] : [acknowledge(place, verdicts)]
        }
        return stride(from: 0, to: verdicts.count, by: WireLimits.verdictsPerAcknowledgement).map {
            acknowledge(place, Array(verdicts[$0...].prefix(WireLimits.verdictsPerAcknowledgement)))
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
