internal import GRPO
internal import Ports

/// Entries on their way to the journal, each with what follows once it is durable.
///
/// One commit is under way at a time; whatever comes meanwhile goes into the next. So the order of entries is
/// that of events, and the busier the run, the more entries share one flush of the disk.
struct JournalQueue: Sendable {
    /// What is done when the entry is durable.
    enum Consequence: Sendable {
        case nothing
        /// The group waits for its batch, and its worker hears so.
        case admit(Group, lease: Lease.ID, from: WorkerID)
        case answer(Verdict, lease: Lease.ID, to: WorkerID)
        /// The version that the batch makes may be published.
        case allowPublishing(step: Int)
    }

    /// What goes into one commit, entry by entry.
    private struct Batch {
        var entries: [JournalEntry] = []
        var consequences: [Consequence] = []
        var isEmpty: Bool { entries.isEmpty }
    }

    private var underWay = Batch()
    private var waiting = Batch()

    /// Whether everything is durable.
    var isIdle: Bool { underWay.isEmpty && waiting.isEmpty }

    mutating func add(_ entry: JournalEntry, then consequence: Consequence = .nothing) {
        waiting.entries.append(entry)
        waiting.consequences.append(consequence)
    }

    /// The entries of the next commit; `nil` while another is under way or there is nothing to commit.
    mutating func next() -> [JournalEntry]? {
        guard underWay.isEmpty, !waiting.isEmpty else { return nil }
        swap(&underWay, &waiting)
        return underWay.entries
    }

    /// The commit under way ended well.
    mutating func committed() -> [Consequence] {
        precondition(!underWay.isEmpty, "a commit ended that never began")
        defer { underWay = Batch() }
        return underWay.consequences
    }
}
