internal import GRPO
package import Wire

// Deadlines, and the end.

extension LearnerSession {
    /// Lets deadlines pass and heartbeats go out. To be called often, after the inbox has been
    /// emptied: a learner that was itself suspended must not blame its workers.
    package mutating func tick(now: Duration) -> [Action] {
        guard phase != .closed else { return [] }
        var actions: [Action] = []
        for place in inOrder(deadlines.takeDue(now: now)) where records[place].isLive {
            let silence = now - records[place].lastHeard
            if silence > terms.livenessDeadline {
                actions += lose(place, cause: "nothing was heard of it for \(silence.inSeconds)")
                actions.append(.forget(records[place].address))
            } else if records[place].nextHeartbeat <= now, let current {
                actions.append(heartbeat(to: place, current, now: now))
                actions += repeatDrain(to: place)
            }
            awaitDeadline(of: place)
        }
        return actions
    }

    /// When `tick` may have something to do if nothing happens until then; `nil`: never.
    package var nextDeadline: Duration? { phase == .closed ? nil : deadlines.first }

    /// `tick` looks at the worker when its next heartbeat is due or its silence has become too long.
    mutating func awaitDeadline(of place: Int) {
        guard records[place].isLive else { return }
        let silence = terms.livenessDeadline + .nanoseconds(1)
        deadlines.add(place, at: min(records[place].nextHeartbeat, records[place].lastHeard + silence))
    }

    /// Frames to this peer could not be sent for too long.
    package mutating func fence(_ address: PeerAddress, cause: String) -> [Action] {
        guard let place = places.place(at: address) else { return [] }
        return lose(place, cause: cause)
    }

    mutating func heartbeat(to place: Int, _ current: SnapshotReference, now: Duration) -> Action {
        records[place].heartbeat(current, next: now + terms.heartbeatInterval)
    }

    /// The run is over: asks every worker to leave at once. Groups that wait for a verdict, and
    /// those that are still to come, are not needed.
    package mutating func drain(reason: String) -> [Action] {
        guard phase == .open else { return [] }
        phase = .draining(reason: reason.shortened())
        turnedAway.formUnion(early.keys)
        early = [:]
        return livePlaces.flatMap { place in
            records[place].granted = [:]
            let verdicts = records[place].window.waitingLeases.compactMap {
                records[place].window.answer(lease: $0, .dropped(.notNeeded))
            }
            for verdict in verdicts { counters.count(verdict.outcome) }
            return acknowledgements(place, verdicts) + sendDrain(to: place)
        }
    }

    /// Every worker said DRAINED or left.
    package var isDrained: Bool { !records.indices.contains(where: isUndrained) }

    /// Names of the workers that did neither.
    package var undrained: [String] { livePlaces.filter(isUndrained).map { records[$0].identity.name } }

    private func isUndrained(_ place: Int) -> Bool { records[place].isLive && !records[place].isDrained }

    private mutating func repeatDrain(to place: Int) -> [Action] {
        guard let drain = records[place].drain, !records[place].isDrained, records[place].seen < drain
        else { return [] }
        return sendDrain(to: place)
    }

    private mutating func sendDrain(to place: Int) -> [Action] {
        guard case .draining(let reason) = phase else { return [] }
        records[place].sequence += 1
        records[place].drain = records[place].sequence
        let drain = Drain(sequence: records[place].sequence, mode: .stop, reason: reason)
        return [.send(.drain(drain), to: records[place].address)]
    }

    /// The last word to everybody; afterwards the session only notes who says goodbye in turn,
    /// which all do unless `farewell` is `restarting`.
    package mutating func close(_ farewell: Farewell, reason: String) -> [Action] {
        guard phase != .closed else { return [] }
        phase = .closed
        let live = livePlaces.map { records[$0].address }
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
