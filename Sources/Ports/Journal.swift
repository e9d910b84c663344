package import GRPO

/// Where a run remembers what must survive the death of its learner: the groups that came in, what became
/// of them, and which weights they made.
///
/// Entries keep the order in which they were committed. That order is the order of admission, and a run can
/// be computed again from it. A journal has one user, the learner of its run.
package protocol Journal: Sendable {
    /// Returns once all `entries` would survive a power cut, in this order and after those of earlier
    /// calls: all of them or none. Waits where the disk is full. Throws what makes it impossible to go on.
    @discardableResult
    func commit(_ entries: [JournalEntry]) async throws -> JournalPosition

    /// The run's records after the `position`-th, at most `limit` of them, in order; empty at the end.
    func records(after position: Int64, limit: Int) async throws -> [JournalRecord]

    /// The last groups journaled at these places of the run, in the order asked for. Throws where one is
    /// missing, was pruned, or does not match its digest.
    func groups(at ordinals: [UInt64]) async throws -> [Group]
}

/// How far a journal goes: what a checkpoint remembers of it.
package struct JournalPosition: Hashable, Sendable, Codable {
    /// Entries committed so far, over all starts of the learner. The first entry has number 1.
    package var count: Int64
    /// 32 bytes: a digest chained over all entries up to and including the last; zeros before the first.
    package var chain: [UInt8]

    package static let start = JournalPosition(count: 0, chain: [UInt8](repeating: 0, count: 32))

    package init(count: Int64, chain: [UInt8]) {
        self.count = count
        self.chain = chain
    }
}

/// One thing that must not be forgotten.
package enum JournalEntry: Hashable, Sendable {
    /// A learner started on the run, for the `incarnation`-th time.
    case start(incarnation: UInt32)
    /// A group with its rewards, fit to be trained on. It waits for its batch from now on.
    case group(Group, from: WorkerID)
    /// A group or its ticket was given up. Its place in the run goes to the next attempt.
    case drop(DroppedTicket)
    /// Batch `step` consists of the groups that wait at these places, in this order. Durable before the
    /// version that it makes is published.
    case batch(step: Int, members: [UInt64])
    /// A version was published.
    case version(PublishedVersion)
    /// The checkpoint of `step` is on disk and verified.
    case checkpoint(step: Int, at: JournalPosition)
}

/// An entry as it is read back: groups without what they hold.
package enum JournalRecord: Hashable, Sendable {
    case start(incarnation: UInt32)
    case group(AdmittedGroup)
    case drop(DroppedTicket)
    case batch(step: Int, members: [UInt64])
    case version(PublishedVersion)
    case checkpoint(step: Int, at: JournalPosition)
}

/// A journaled group by name.
package struct AdmittedGroup: Hashable, Sendable {
    package var ordinal: UInt64
    package var key: TicketKey
    /// What it was sampled from.
    package var version: PolicyVersion

    package init(ordinal: UInt64, key: TicketKey, version: PolicyVersion) {
        self.ordinal = ordinal
        self.key = key
        self.version = version
    }

    package init(_ group: Group) {
        self.init(ordinal: group.ordinal, key: group.key, version: group.version)
    }
}

/// A ticket that will never be trained on.
package struct DroppedTicket: Hashable, Sendable {
    package var ordinal: UInt64
    package var key: TicketKey
    package var cause: DropCause
    /// One sentence for people; may be empty.
    package var detail: String

    package init(ordinal: UInt64, key: TicketKey, cause: DropCause, detail: String = "") {
        self.ordinal = ordinal
        self.key = key
        self.cause = cause
        self.detail = detail
    }
}

/// What there is to say about a version of the weights: the end of a step.
package struct PublishedVersion: Hashable, Sendable {
    package var version: PolicyVersion
    package var digest: SnapshotDigest
    /// Taken by the run so far.
    package var optimizerSteps: Int
    /// Prompt and completion tokens trained on so far.
    package var tokens: Int
    /// Where every group was at that moment.
    package var accounting: GroupAccounting
    /// The step's line of `metrics.jsonl`, one JSON object; empty for weights that no step made.
    package var metrics: String

    package init(
        version: PolicyVersion, digest: SnapshotDigest, optimizerSteps: Int, tokens: Int,
        accounting: GroupAccounting, metrics: String
    ) {
        self.version = version
        self.digest = digest
        self.optimizerSteps = optimizerSteps
        self.tokens = tokens
        self.accounting = accounting
        self.metrics = metrics
    }
}

extension JournalEntry {
    /// The entry as it would be read back.
    package var record: JournalRecord {
        switch self {
        case .start(let incarnation): .start(incarnation: incarnation)
        case .group(let group, _): .group(AdmittedGroup(group))
        case .drop(let ticket): .drop(ticket)
        case .batch(let step, let members): .batch(step: step, members: members)
        case .version(let version): .version(version)
        case .checkpoint(let step, let position): .checkpoint(step: step, at: position)
        }
    }
}
