package import GRPO

// The ring: tickets and snapshots go out to the workers, groups come back. Each side sees only these
// four protocols and cannot tell an in-process pair from sockets.

/// What the learner hears from its workers, in order per worker.
package enum RolloutEvent: Sendable {
    /// The worker is alive, holds the current weights or can fetch them, and may hold up to `slots`
    /// leases in total. Absolute: it replaces what was said before.
    case ready(WorkerID, slots: Int)
    case group(Group, lease: Lease.ID, from: WorkerID)
    /// The worker goes on, but without these leases; they are free again.
    case released([Lease.ID], by: WorkerID)
    /// The worker said goodbye or was silent for too long; its leases are free again.
    case lost(WorkerID, cause: String)
}

/// What the learner says to a worker.
package enum Reply: Sendable {
    case verdict(Verdict, for: Lease.ID, to: WorkerID)
    case leases([Lease], to: WorkerID)
}

/// Where groups come from: the learner's end of the rollouts. Everything goes by the batch, for a message
/// costs far more than what is in it.
package protocol GroupSource: Sendable {
    /// Waits for an event; answers with what is there then, at most `limit`, in order. Empty after
    /// `close`.
    func next(upTo limit: Int) async throws -> [RolloutEvent]
    func reply(_ replies: [Reply]) async
    /// Tells every worker to stop, and waits until they left or a deadline passed.
    func drain(reason: String) async
}

/// Where snapshots go: the learner's end of the weights.
package protocol SnapshotSink: Sendable {
    /// Makes `snapshot` available and current, and forgets versions older than `oldestKept`.
    func publish(_ snapshot: Snapshot, oldestKept: UInt64) async throws
}

/// Where groups go: a worker's end of the rollouts.
package protocol GroupSink: Sendable {
    /// What the learner wants sampled and how; the same for the whole connection.
    func configuration() async throws -> WorkerConfiguration
    /// Waits for leases and answers with up to `limit` of them; empty once the learner drained.
    func leases(upTo limit: Int) async throws -> [Lease]
    /// Hands groups over for delivery. One counts as delivered when a verdict came back; until then the
    /// sink keeps and resends it.
    func push(_ answers: [Answer]) async throws
}

/// The group that answers a lease.
package struct Answer: Sendable {
    package var lease: Lease.ID
    package var group: Group

    package init(lease: Lease.ID, group: Group) {
        self.lease = lease
        self.group = group
    }
}

// One at a time, for where there is only one.

extension GroupSource {
    /// The next event; `nil` after `close`.
    package func next() async throws -> RolloutEvent? { try await next(upTo: 1).first }

    package func grant(_ leases: [Lease], to worker: WorkerID) async {
        await reply([.leases(leases, to: worker)])
    }

    package func answer(_ verdict: Verdict, for lease: Lease.ID, to worker: WorkerID) async {
        await reply([.verdict(verdict, for: lease, to: worker)])
    }
}

extension GroupSink {
    package func push(_ group: Group, lease: Lease.ID) async throws {
        try await push([Answer(lease: lease, group: group)])
    }
}

/// Where snapshots come from: a worker's end of the weights.
package protocol SnapshotSource: Sendable {
    /// Fetches exactly `version`, verified against its digest. Throws `SnapshotGone` if the learner no
    /// longer keeps it.
    func snapshot(_ version: PolicyVersion) async throws -> Snapshot
}

/// The learner does not keep this version any more; leases that name it will be given out again.
package struct SnapshotGone: Error, CustomStringConvertible {
    package let version: PolicyVersion

    package init(version: PolicyVersion) { self.version = version }

    package var description: String { "the learner no longer keeps snapshot \(version)" }
}
