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
        var isBarred = false
        for verdict in ack.verdicts {
            guard let index = unacknowledged.firstIndex(where: { $0.sequence == verdict.sequence })
            else { continue }
            counters.count(verdict.outcome)
            forget(unacknowledged[index].lease)
            unacknowledged.remove(at: index)
            lastProgress = now
            isBarred = isBarred || verdict.outcome == .dropped(.invalid)
        }
        acknowledge(upTo: ack.acknowledged, now: now)
        guard isBarred else { return leaveIfDone() }
        // Leases would never come again: waiting for them would be for ever.
        return leave(.failed, reason: "a group of it was invalid") + fail(.barred)
    }

    mutating func resendAll(now: Duration) -> [Action] {
        lastProgress = now
        counters.resent += unacknowledged.count
        return unacknowledged.map { .sendGroup($0.frame) }
    }

    /// The restarted learner issues what was out anew, under versions of its own: leases and groups
    /// from before mean nothing to it. Sequences go on from what it counts from.
    mutating func forgetEarlierLearner(acknowledged bound: UInt64) {
        held = [:]
        queue = []
        closed.removeAll()
        unacknowledged = []
        digests = [:]
        adopted = nil
        sequence = bound
        acknowledged = bound
    }
}
