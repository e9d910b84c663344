internal import GRPO
package import Wire

// Deadlines, and the end.

extension LearnerSession {
    /// Lets deadlines pass and heartbeats go out. To be called often, after the inbox has been
    /// emptied: a learner that was itself suspended must not blame its workers.
    package mutating func tick(now: Duration) -> [Action] {
        guard phase != .closed else { return [] }
        var actions: [Action] = []
        // In the order of names, so that the same events give the same actions.
        for name in deadlines.takeDue(now: now).sorted() {
            guard let record = records[name], record.isLive else { continue }
            let silence = now - record.lastHeard
            if silence > terms.livenessDeadline {
                actions += lose(name, cause: "nothing was heard of it for \(silence.inSeconds)")
                actions.append(.forget(record.address))
            } else if record.nextHeartbeat <= now {
                actions += heartbeat(to: name, now: now)
                actions += repeatDrain(to: name)
            }
            awaitDeadline(of: name)
        }
        return actions
    }

    /// When `tick` may have something to do if nothing happens until then; `nil`: never.
    package var nextDeadline: Duration? { phase == .closed ? nil : deadlines.first }

    /// `tick` looks at the worker when its next heartbeat is due or its silence has become too long.
    mutating func awaitDeadline(of name: String) {
        guard let record = records[name], record.isLive else { return }
        let silence = terms.livenessDeadline + .nanoseconds(1)
        deadlines.add(name, at: min(record.nextHeartbeat, record.lastHeard + silence))
    }

    /// Frames to this peer could not be sent for too long.
    package mutating func fence(_ address: PeerAddress, cause: String) -> [Action] {
        guard let name = names[address] else { return [] }
        return lose(name, cause: cause)
    }

    mutating func heartbeat(to name: String, now: Duration) -> [Action] {
        guard let current, let record = records[name] else { return [] }
        records[name]?.nextHeartbeat = now + terms.heartbeatInterval
        let leases = record.granted.keys.sorted().prefix(WireLimits.heldLeases)
        let heartbeat = LearnerHeartbeat(
            sequence: record.sequence, acknowledged: record.window.acknowledged,
            heldLeases: Set(leases), current: current)
        return [.send(.heartbeat(heartbeat), to: record.address)]
    }

    /// The run is over: asks every worker to leave at once. Groups that wait for a verdict, and
    /// those that are still to come, are not needed.
    package mutating func drain(reason: String) -> [Action] {
        guard phase == .open else { return [] }
        phase = .draining(reason: reason.shortened())
        turnedAway.formUnion(early.keys)
        early = [:]
        return liveNames.flatMap { name in
            records[name]!.granted = [:]
            let verdicts = records[name]!.window.waitingLeases.compactMap {
                records[name]!.window.answer(lease: $0, .dropped(.notNeeded))
            }
            for verdict in verdicts { counters.count(verdict.outcome) }
            return acknowledgements(name, verdicts) + sendDrain(to: name)
        }
    }

    /// Every worker said DRAINED or left.
    package var isDrained: Bool { records.values.allSatisfy { !$0.isLive || $0.isDrained } }

    /// Names of the workers that did neither.
    package var undrained: [String] { liveNames.filter { !records[$0]!.isDrained } }

    private mutating func repeatDrain(to name: String) -> [Action] {
        guard let drain = records[name]?.drain, let record = records[name],
            !record.isDrained, record.seen < drain
        else { return [] }
        return sendDrain(to: name)
    }

    private mutating func sendDrain(to name: String) -> [Action] {
        guard case .draining(let reason) = phase else { return [] }
        records[name]!.sequence += 1
        let record = records[name]!
        records[name]!.drain = record.sequence
        let drain = Drain(sequence: record.sequence, mode: .stop, reason: reason)
        return [.send(.drain(drain), to: record.address)]
    }

    /// The last word to everybody; afterwards the session only notes who says goodbye in turn,
    /// which all do unless `farewell` is `restarting`.
    package mutating func close(_ farewell: Farewell, reason: String) -> [Action] {
        guard phase != .closed else { return [] }
        phase = .closed
        let live = liveNames.map { records[$0]!.address }
        let others = turnedAway.subtracting(live).sorted {
            $0.bytes.lexicographicallyPrecedes($1.bytes)
        }
        let goodbye = Goodbye(farewell, reason: reason.shortened())
        return (live + others).map { .send(.goodbye(goodbye), to: $0) }
    }
}

extension Duration {
    /// "2.5 s"
    package var inSeconds: String {
        let tenths = Int((self / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
