internal import Wire

// Groups on their way to a verdict.

extension WorkerSession {
    /// What a group's frame must carry to be the next one. Taken before encoding, which happens
    /// elsewhere; if another group came between, `push` says so and the frame is made again.
    package struct Numbering: Hashable, Sendable {
        package var sequence: UInt64
        fileprivate var learner: UInt32?

        /// Of the group after `count` others.
        package func advanced(by count: Int) -> Numbering {
            Numbering(sequence: sequence + UInt64(count), learner: learner)
        }
    }

    package enum Push: Hashable, Sendable {
        case sent([Action])
        /// The numbering is not the next one any more.
        case renumber
        /// The lease is not held any more; nobody waits for this group.
        case notNeeded
    }

    /// The numbering of the next group.
    package var nextNumbering: Numbering { Numbering(sequence: sequence + 1, learner: learner) }

    /// Sends an encoded GROUP and keeps it until it has a verdict.
    package mutating func push(
        _ frame: [UInt8], lease: UInt64, numbering: Numbering, now: Duration
    ) -> Push {
        let isAnswered = unacknowledged.contains { $0.lease == lease }
        guard !isOver, held[lease] != nil, !isAnswered else { return .notNeeded }
        guard numbering == nextNumbering else { return .renumber }
        sequence += 1
        queue.removeAll { $0.lease == lease }
        if unacknowledged.isEmpty { lastProgress = now }
        unacknowledged.append(.init(sequence: sequence, lease: lease, frame: frame))
        counters.sent += 1
        return .sent(phase == .live ? [.sendGroup(frame)] : [])
    }

    /// Everything up to `bound` has a verdict.
    mutating func acknowledge(upTo bound: UInt64, now: Duration) {
        guard bound > acknowledged, bound <= sequence else { return }
        acknowledged = bound
        for group in unacknowledged where group.sequence <= bound { forget(group.lease) }
        unacknowledged.removeAll { $0.sequence <= bound }
        lastProgress = now
        malformed = 0
    }

    mutating func receive(_ ack: Acknowledgement, now: Duration) -> [Action] {
        var (isBarred, isSlotNew) = (false, false)
        for verdict in ack.verdicts {
            // Both: a number may have meant another group to an earlier learner.
            guard
                let index = unacknowledged.firstIndex(where: {
                    $0.sequence == verdict.sequence && $0.lease == verdict.lease
                })
            else { continue }
            counters.count(verdict.outcome)
            forget(unacknowledged[index].lease)
            unacknowledged.remove(at: index)
            lastProgress = now
            isSlotNew = carried.remove(verdict.lease) != nil || isSlotNew
            isBarred = isBarred || verdict.outcome == .dropped(.invalid)
        }
        acknowledge(upTo: ack.acknowledged, now: now)
        guard isBarred else {
            // The learner did not count on this slot yet.
            return (isSlotNew && phase == .live ? [heartbeat(now: now)] : []) + leaveIfDone()
        }
        // Leases would never come again: waiting for them would be for ever.
        return leave(.failed, reason: "a group of it was invalid") + fail(.barred)
    }

    mutating func resendAll(now: Duration) -> [Action] {
        lastProgress = now
        counters.resent += unacknowledged.count
        return unacknowledged.map { .sendGroup($0.frame) }
    }

    /// The learner was restarted. Leases that have no group yet mean nothing to the new one, which issues
    /// their tickets anew; a group without a verdict may be just what it needs, and goes there under the next
    /// numbers. Sequences go on from what the learner counts from.
    mutating func meetRestartedLearner(acknowledged bound: UInt64) {
        let kept = unacknowledged
        held = held.filter { lease, _ in kept.contains { $0.lease == lease } }
        queue = []
        closed.removeAll()
        unacknowledged = []
        digests = [:]
        adopted = nil
        carried = Set(kept.map(\.lease))
        sequence = bound
        acknowledged = bound
        for group in kept {
            // A learner of 1.0 would send each of them back for ever.
            guard version.minor >= 1, let frame = group.renumbered(sequence + 1, version) else {
                held[group.lease] = nil
                continue
            }
            sequence += 1
            unacknowledged.append(.init(sequence: sequence, lease: group.lease, frame: frame))
        }
    }
}

extension WorkerSession.Unacknowledged {
    /// The same GROUP as number `sequence` of a session in `version`; `nil` if the frame is none, which
    /// cannot be.
    fileprivate func renumbered(_ sequence: UInt64, _ version: ProtocolVersion) -> [UInt8]? {
        guard var message = try? WorkerMessage(frame: frame),
            case .group(var delivery) = message.command
        else { return nil }
        delivery.sequence = sequence
        message.version = version
        message.command = .group(delivery)
        return try? message.encode()
    }
}
