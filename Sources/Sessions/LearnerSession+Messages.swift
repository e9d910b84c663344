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
        guard let name = names[address], let record = records[name],
            record.identity.incarnation == message.incarnation
        else {
            if case .goodbye = message.command { return [] }
            let sequence =
                if case .group(let group) = message.command { group.sequence } else { UInt64(0) }
            return [
                reject(
                    .helloRequired, "there is no session with this worker; say HELLO",
                    type: message.type, sequence: sequence, to: address)
            ]
        }
        records[name]?.lastHeard = now
        switch message.command {
        case .hello: preconditionFailure("HELLO was handled")
        case .group(let delivery): return receive(delivery, from: name)
        case .heartbeat(let heartbeat):
            return receive(heartbeat, from: name, now: now) + tellBarred(name, of: message.type)
        case .drained:
            records[name]?.isDrained = true
            return []
        case .goodbye(let goodbye):
            let cause = "it said goodbye (\(goodbye.farewell)): \(goodbye.reason)"
            return lose(name, cause: cause) + [.forget(address)]
        }
    }

    /// After the last word: a worker's own is all that is still of interest.
    private mutating func note(
        departureOf message: WorkerMessage, from address: PeerAddress
    ) -> [Action] {
        guard case .goodbye = message.command, let name = names[address] else { return [] }
        return lose(name, cause: "it left after the learner")
    }

    /// A frame that did not decode. It counts as lost, and its sender is told.
    package mutating func receive(_ error: WireError, from address: PeerAddress) -> [Action] {
        counters.malformed += 1
        guard phase != .closed else { return [] }
        return [reject(RejectCode(error), error.description, to: address)]
    }

    /// The verdict that bars a worker may be lost, and a later acknowledgement does not say it again:
    /// the worker would wait for leases for ever.
    private mutating func tellBarred(_ name: String, of type: MessageType) -> [Action] {
        guard let record = records[name], record.isLive, record.isBarred else { return [] }
        return [reject(.barred, barredReason, type: type, to: record.address)]
    }

    private mutating func receive(_ delivery: GroupDelivery, from name: String) -> [Action] {
        do throws(WireError) { try terms.limits.check(delivery.group) } catch {
            let code = RejectCode(error)
            return [
                reject(
                    code, error.description, type: .group, sequence: delivery.sequence,
                    to: records[name]!.address)
            ]
        }
        switch records[name]!.window.admission(of: delivery.sequence) {
        case .waiting:
            counters.repeated += 1
            return []
        case .answered(let verdict):
            counters.repeated += 1
            return [acknowledge(name, verdict.map { [$0] } ?? [])]
        case .unexpected:
            let reason = "GROUP \(delivery.sequence) is not among those expected"
            return [
                reject(
                    .sequence, reason, type: .group, sequence: delivery.sequence,
                    to: records[name]!.address)
            ]
        case .new: return admit(delivery, from: name)
        }
    }

    private mutating func admit(_ delivery: GroupDelivery, from name: String) -> [Action] {
        var record = records[name]!
        let lease = delivery.lease
        let isHeld = record.granted.removeValue(forKey: lease) != nil
        let wasHeld = record.former.remove(lease) != nil
        let cause = refusal(
            of: delivery, isLeased: isHeld || wasHeld, reported: record.reported)
        guard let cause else {
            record.window.deliver(sequence: delivery.sequence, lease: lease)
            let freed = wasHeld ? record.freeSlot() : nil
            records[name] = record
            counters.delivered += 1
            return [.group(delivery.group, lease: lease, from: record.identity)]
                + (freed.map { [.ready(record.identity, slots: $0)] } ?? [])
        }
        let verdict = record.window.refuse(sequence: delivery.sequence, lease: lease, cause)
        counters.count(verdict.outcome)
        records[name] = record
        let isFree = isHeld && cause == .numerics
        return [acknowledge(name, [verdict])]
            + (isFree ? [.released([lease], by: record.identity)] : [])
    }

    private func refusal(
        of delivery: GroupDelivery, isLeased: Bool, reported: Set<PolicyVersion>
    ) -> DropCause? {
        if phase != .open { return .notNeeded }
        if isFromBefore(delivery) { return nil }
        if !isLeased { return .unknownLease }
        return reported.contains(delivery.group.version) ? nil : .numerics
    }

    /// Whether an earlier start of the learner asked for the group, and published the very weights that it was
    /// sampled from under the name that it gives. That learner had compared the worker's digest.
    private func isFromBefore(_ delivery: GroupDelivery) -> Bool {
        let version = delivery.group.version
        return terms.earlierVersions.contains(version) && version.incarnation < terms.incarnation
            && delivery.lease < terms.firstLease
    }

    private mutating func receive(
        _ heartbeat: WorkerHeartbeat, from name: String, now: Duration
    ) -> [Action] {
        var record = records[name]!
        let free = record.update(held: heartbeat.heldLeases, acknowledged: heartbeat.acknowledged)
        let (seen, patience) = (record.seen, terms.heartbeatInterval)
        // One that was sent a moment ago is still on its way.
        var actions = sendLeases(&record, now: now) {
            $0.isOverdue(seen: seen, after: patience, now: now)
        }
        records[name] = record
        if !free.isEmpty { actions.append(.released(free, by: record.identity)) }
        actions += report(heartbeat.held, of: name)
        guard records[name]?.isLive == true else { return actions }
        return actions
            + offer(held: heartbeat.heldLeases, free: heartbeat.freeSlots, name)
    }
}
