package import GRPO

/// The ring without sockets: learner and workers in one process. Neither side can tell.
package actor InProcessRing: GroupSource, SnapshotSink {
    private let shared: WorkerConfiguration
    private let events = Mailbox<RolloutEvent>(capacity: 1024)
    private var inboxes: [WorkerID: Mailbox<Lease>] = [:]
    private var kept: [UInt64: Snapshot] = [:]
    private var isDrained = false
    /// Every verdict given, for tests and reports.
    package private(set) var verdicts: [Verdict] = []

    package init(configuration: WorkerConfiguration) { shared = configuration }

    // MARK: The learner's end

    package func next(upTo limit: Int) async throws -> [RolloutEvent] {
        let event = await events.next()
        try Task.checkCancellation()
        guard let event else { return [] }
        return [event] + events.drain(upTo: limit - 1)
    }

    package func reply(_ replies: [Reply]) {
        for reply in replies {
            switch reply {
            case .verdict(let verdict, _, _): verdicts.append(verdict)
            case .leases(let leases, let worker): grant(leases, to: worker)
            }
        }
    }

    /// Never waits for the worker: a lease that its inbox has no room for expires like one that was
    /// lost on the way.
    private func grant(_ leases: [Lease], to worker: WorkerID) {
        guard let inbox = inboxes[worker] else { return }
        for lease in leases where !inbox.offer(lease) { return }
    }

    package func drain(reason: String) {
        isDrained = true
        for inbox in inboxes.values { inbox.close() }
        events.close()
    }

    package func publish(_ snapshot: Snapshot, oldestKept: UInt64) {
        kept[snapshot.version.number] = snapshot
        kept = kept.filter { $0.key >= oldestKept }
    }

    // MARK: The workers' ends

    /// A new worker's end of the ring; it may hold `slots` leases at once.
    package func join(_ worker: WorkerID, slots: Int) async -> InProcessWorkerEnd {
        // More room than slots: leases that expired or were taken back may still lie there.
        let inbox = Mailbox<Lease>(capacity: max(1024, slots))
        if isDrained { inbox.close() }
        inboxes.updateValue(inbox, forKey: worker)?.close()
        await events.send(.ready(worker, slots: slots))
        return InProcessWorkerEnd(
            ring: self, worker: worker, inbox: inbox, shared: shared, events: events)
    }

    /// The worker is gone, as if killed: what it held is free again.
    package func kill(_ worker: WorkerID) async {
        inboxes.removeValue(forKey: worker)?.close()
        await events.send(.lost(worker, cause: "killed"))
    }

    fileprivate func snapshot(_ version: PolicyVersion) throws -> Snapshot {
        guard let snapshot = kept[version.number], snapshot.version == version else {
            throw SnapshotGone(version: version)
        }
        return snapshot
    }
}

/// One worker's end of an `InProcessRing`.
package struct InProcessWorkerEnd: GroupSink, SnapshotSource {
    fileprivate let ring: InProcessRing
    fileprivate let worker: WorkerID
    fileprivate let inbox: Mailbox<Lease>
    fileprivate let shared: WorkerConfiguration
    fileprivate let events: Mailbox<RolloutEvent>

    package func configuration() -> WorkerConfiguration { shared }

    package func leases(upTo limit: Int) async throws -> [Lease] {
        guard let first = await inbox.next() else { return [] }
        return [first] + inbox.drain(upTo: limit - 1)
    }

    package func push(_ answers: [Answer]) async throws {
        for answer in answers {
            await events.send(.group(answer.group, lease: answer.lease, from: worker))
        }
    }

    package func snapshot(_ version: PolicyVersion) async throws -> Snapshot {
        try await ring.snapshot(version)
    }
}
