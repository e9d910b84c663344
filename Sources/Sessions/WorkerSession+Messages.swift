internal import GRPO
package import Wire

// What the learner says.

extension WorkerSession {
    /// A message that decoded.
    package mutating func receive(_ message: LearnerMessage, now: Duration) -> [Action] {
        switch phase {
        case .ended, .failed: return []
        case .connecting, .live, .draining: break
        }
        // A straggler from before the learner's restart.
        if let learner, message.incarnation < learner { return [] }
        switch message.command {
        case .welcome(let welcome): return receive(welcome, in: message, now: now)
        case .reject(let rejection): return receive(rejection, now: now)
        case .goodbye(let goodbye): return receive(goodbye, now: now)
        default: break
        }
        guard phase != .connecting, message.incarnation == learner else { return [] }
        lastHeard = now
        switch message.command {
        case .lease(let offer): return receive(offer)
        case .ack(let ack):
            return receive(ack, now: now)
        case .heartbeat(let heartbeat):
            acknowledge(upTo: heartbeat.acknowledged, now: now)
            remember(heartbeat.current)
            return leaveIfDone()
        case .drain(let drain): return receive(drain)
        case .welcome, .reject, .goodbye: preconditionFailure("\(message.type) was handled")
        }
    }

    /// A frame that did not decode counts as lost, unless nothing of this learner will ever decode.
    package mutating func receive(_ error: WireError) -> [Action] {
        counters.malformed += 1
        guard error.code == .unsupportedMajor, phase == .connecting else { return [] }
        return fail(.rejected(.unsupportedVersion, reason: error.description))
    }

    private mutating func receive(
        _ news: Welcome, in message: LearnerMessage, now: Duration
    ) -> [Action] {
        guard phase != .draining else { return [] }
        let incarnation = message.incarnation
        if let known = welcome, known.runID != news.runID {
            return fail(
                .rejected(.wrongRun, reason: "the learner at this address now runs another run"))
        }
        var news = news
        if let text = news.configuration {
            guard sha256(Array(text.utf8)) == news.configurationFingerprint else {
                return fail(
                    .protocolBroken("the configuration is not the one its fingerprint says"))
            }
        } else {
            guard let known = welcome,
                known.configurationFingerprint == news.configurationFingerprint
            else { return fail(.protocolBroken("WELCOME brings no configuration")) }
            news.configuration = known.configuration
        }
        version = message.version.common(with: .current)
        if learner != incarnation, learner != nil {
            meetRestartedLearner(acknowledged: news.acknowledged)
        }
        learner = incarnation
        welcome = news
        phase = .live
        (seen, attempt, refusal, lastHeard) = (0, 0, nil, now)
        counters.sessions += 1
        remember(news.current)
        acknowledge(upTo: news.acknowledged, now: now)
        // The heartbeat names the adopted snapshot, which may be newer than HELLO's, before any
        // group.
        return [heartbeat(now: now)] + resendAll(now: now) + [.wake]
    }

    private mutating func receive(_ offer: LeaseOffer) -> [Action] {
        seen = max(seen, offer.sequence)
        guard phase == .live else { return [] }
        if let limits = welcome?.limits {
            do throws(WireError) {
                for ticket in offer.tickets { try limits.check(prompt: ticket.ticket.prompt) }
            } catch {
                return fail(.protocolBroken("a LEASE is larger than it announced: \(error)"))
            }
        }
        let new = offer.tickets.filter { held[$0.lease] == nil && !closed.contains($0.lease) }
        supersede(new)
        for ticket in new.prefix(WireLimits.heldLeases - held.count) {
            held[ticket.lease] = ticket.ticket.version
            queue.append(ticket)
        }
        return new.isEmpty ? [] : [.wake]
    }

    /// The same work under another lease: the one that still waits here has expired. Working through both
    /// would take longer each time, until nothing is ever in time.
    private mutating func supersede(_ new: [LeasedTicket]) {
        guard !queue.isEmpty else { return }
        let keys = Set(new.map(\.ticket.key))
        for ticket in queue where keys.contains(ticket.ticket.key) { forget(ticket.lease) }
        queue.removeAll { keys.contains($0.ticket.key) }
    }

    private mutating func receive(_ drain: Drain) -> [Action] {
        seen = max(seen, drain.sequence)
        phase = .draining
        let answered = Set(unacknowledged.map(\.lease))
        // FINISH would let leases be answered first; giving them up is always allowed, for the
        // learner leases them again.
        for lease in held.keys where !answered.contains(lease) { forget(lease) }
        queue = []
        let drained = Drained(sequence: sequence, reason: drain.reason)
        return [.send(.drained(drained)), .wake] + leaveIfDone()
    }

    /// After DRAIN, the last verdict ends the session.
    mutating func leaveIfDone() -> [Action] {
        guard phase == .draining, unacknowledged.isEmpty else { return [] }
        return leave(.finished, reason: "drained")
    }

    private mutating func receive(_ goodbye: Goodbye, now: Duration) -> [Action] {
        switch goodbye.farewell {
        case .finished:
            queue = []
            return leave(.finished, reason: goodbye.reason)
        case .restarting:
            return phase == .draining ? leave(.finished, reason: "drained") : reconnect(now: now)
        case .failed:
            // The learner waits for this before it closes its socket.
            let answer = leave(.failed, reason: goodbye.reason)
            return answer + fail(.runFailed(goodbye.reason))
        }
    }

    private mutating func receive(_ rejection: Rejection, now: Duration) -> [Action] {
        let failure =
            rejection.code == .barred
            ? WorkerFailure.barred : .rejected(rejection.code, reason: rejection.reason)
        let concernsHello = rejection.refusedType == MessageType.hello.rawValue
        switch rejection.code.remedy {
        case .exit: return fail(failure)
        case .hello:
            if concernsHello { return fail(failure) }
            lastHeard = now
            return phase == .draining ? leave(.finished, reason: "drained") : reconnect(now: now)
        case .helloLater:
            refusal = rejection.reason
            return []
        case .resendOnce:
            malformed += 1
            if malformed > 1 { return fail(failure) }
            return phase == .live ? reconnect(now: now) : []
        }
    }

    private mutating func remember(_ snapshot: SnapshotReference) {
        digests[snapshot.version] = snapshot.digest
        guard digests.count > 256 else { return }
        let oldest = digests.keys.min { $0.number < $1.number }!
        digests[oldest] = nil
    }
}
