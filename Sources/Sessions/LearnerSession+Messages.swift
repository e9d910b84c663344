internal import GRPO
package import Wire

// What workers say.

extension LearnerSession {
    /// A message that decoded, and what the socket knows of its sender.
    package mutating func receive(
        _ message: WorkerMessage, from address: PeerAddress, proof: PeerProof = .none, now: Duration
    ) -> [Action] {
        if let refused = refusal(of: message, from: address, with: proof) { return refused }
        guard phase != .closed else { return note(departureOf: message, from: address) }
        if case .hello(let hello) = message.command {
            return open(hello, as: message, from: address, proof: proof, now: now)
        }
        guard let place = places.place(at: address),
            records[place].identity.incarnation == message.incarnation
        else { return refuseStranger(message, at: address) }
        records[place].lastHeard = now
        switch message.command {
        case .hello: preconditionFailure("HELLO was handled")
        case .group(let delivery): return receive(delivery, from: place)
        case .heartbeat(let heartbeat):
            return receive(heartbeat, from: place, now: now) + tellBarred(place, of: message.type)
        case .drained:
            records[place].isDrained = true
            return []
        case .goodbye(let goodbye):
            let cause = "it said goodbye (\(goodbye.farewell)): \(goodbye.reason)"
            return lose(place, cause: cause) + [.forget(address)]
        }
    }

    private mutating func refuseStranger(
        _ message: WorkerMessage, at address: PeerAddress
    ) -> [Action] {
        let reason = "there is no session with this worker; say HELLO"
        switch message.command {
        case .goodbye: return []
        case .group(let group):
            return [
                reject(
                    .helloRequired, reason, type: .group, sequence: group.sequence, to: address)
            ]
        default: return [reject(.helloRequired, reason, type: message.type, to: address)]
        }
    }

    /// After the last word: a worker's own is all that is still of interest.
    private mutating func note(
        departureOf message: WorkerMessage, from address: PeerAddress
    ) -> [Action] {
        guard case .goodbye = message.command, let place = places.place(at: address) else { return [] }
        return lose(place, cause: "it left after the learner")
    }

    /// A frame that did not decode. It counts as lost, and its sender is told.
    package mutating func receive(_ error: WireError, from address: PeerAddress) -> [Action] {
        counters.malformed += 1
        guard phase != .closed else { return [] }
        return [reject(RejectCode(error), error.description, to: address)]
    }

    /// The verdict that bars a worker may be lost, and a later acknowledgement does not say it again:
    /// the worker would wait for leases for ever.
    private mutating func tellBarred(_ place: Int, of type: MessageType) -> [Action] {
        guard records[place].isLive, records[place].isBarred else { return [] }
        return [reject(.barred, barredReason, type: type, to: records[place].address)]
    }

    private mutating func receive(_ delivery: GroupDelivery, from place: Int) -> [Action] {
        do throws(WireError) { try terms.limits.check(delivery.group) } catch {
            return [refuse(delivery, of: place, RejectCode(error), error.description)]
        }
        switch records[place].window.admission(of: delivery.sequence) {
        case .waiting:
            counters.repeated += 1
            return []
        case .answered(let verdict):
            counters.repeated += 1
            return [acknowledge(place, verdict.map { [$0] } ?? [])]
        case .unexpected:
            let reason = "GROUP \(delivery.sequence) is not among those expected"
            return [refuse(delivery, of: place, .sequence, reason)]
        case .new: return admit(delivery, from: place)
        }
    }

    private mutating func refuse(
        _ delivery: GroupDelivery, of place: Int, _ code: RejectCode, _ reason: String
    ) -> Action {
        reject(
            code, reason, type: .group, sequence: delivery.sequence, to: records[place].address)
    }

    private mutating func admit(_ delivery: GroupDelivery, from place: Int) -> [Action] {
        let lease = delivery.lease
        let worker = records[place].identity
        let isHeld = records[place].granted.removeValue(forKey: lease) != nil
        let wasHeld = records[place].former.remove(lease) != nil
        guard let cause = refusal(of: delivery, isLeased: isHeld || wasHeld, from: place) else {
            records[place].window.deliver(sequence: delivery.sequence, lease: lease)
            counters.delivered += 1
            let group = Action.group(delivery.group, lease: lease, from: worker)
            guard wasHeld, let slots = records[place].freeSlot() else { return [group] }
            return [group, .ready(worker, slots: slots)]
        }
        let verdict = records[place].window.refuse(sequence: delivery.sequence, lease: lease, cause)
        counters.count(verdict.outcome)
        let isFree = isHeld && cause == .numerics
        return [acknowledge(place, [verdict])] + (isFree ? [.released([lease], by: worker)] : [])
    }

    private func refusal(
        of delivery: GroupDelivery, isLeased: Bool, from place: Int
    ) -> DropCause? {
        if phase != .open { return .notNeeded }
        if isFromBefore(delivery) { return nil }
        if !isLeased { return .unknownLease }
        return records[place].reported.contains(delivery.group.version) ? nil : .numerics
    }

    /// Whether an earlier start of the learner asked for the group, and published the very weights that it was
    /// sampled from under the name that it gives. That learner had compared the worker's digest.
    private func isFromBefore(_ delivery: GroupDelivery) -> Bool {
        let version = delivery.group.version
        return terms.earlierVersions.contains(version) && version.incarnation < terms.incarnation
            && delivery.lease < terms.firstLease
    }

    private mutating func receive(
        _ heartbeat: WorkerHeartbeat, from place: Int, now: Duration
    ) -> [Action] {
        let free = records[place].update(
            held: heartbeat.heldLeases, acknowledged: heartbeat.acknowledged)
        let (seen, patience) = (records[place].seen, terms.heartbeatInterval)
        // One that was sent a moment ago is still on its way.
        var actions = records[place].sendLeases(now: now) {
            $0.isOverdue(seen: seen, after: patience, now: now)
        }
        if !free.isEmpty { actions.append(.released(free, by: records[place].identity)) }
        actions += report(heartbeat.held, of: place)
        guard records[place].isLive else { return actions }
        return actions + offer(held: heartbeat.heldLeases, free: heartbeat.freeSlots, place)
    }
}
