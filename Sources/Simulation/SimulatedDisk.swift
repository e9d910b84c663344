internal import GRPO
internal import Ports
internal import Training

/// What survives the learner: its journal and its checkpoints.
///
/// A commit is durable as a whole or not at all, in order, and one whose learner dies before it hears of it
/// may be either.
struct SimulatedDisk {
    struct Checkpoint {
        var step: Int
        var weights: UInt64
        var earlierWeights: [UInt64: UInt64]
        var progress: LearnerProgress
        var isDamaged = false
    }

    /// Whether anyone will ever read it: without, entries are only counted.
    private let isRead: Bool
    private var entries: [JournalEntry] = []
    private var entryCount = 0
    /// The last group at each place.
    private var groups: [UInt64: Group] = [:]
    private var checkpoints: [Checkpoint] = []
    /// Being committed.
    var underWay: [JournalEntry] = []
    /// No commit ends before.
    var fullUntil = Duration.zero

    init(isRead: Bool) { self.isRead = isRead }

    mutating func commit() {
        entryCount += underWay.count
        defer { underWay = [] }
        guard isRead else { return }
        for entry in underWay {
            entries.append(entry)
            if case .group(let group, _) = entry { groups[group.ordinal] = group }
        }
    }

    var position: JournalPosition {
        JournalPosition(count: Int64(entryCount), chain: JournalPosition.start.chain)
    }

    /// `nil` where one is missing.
    func groups(at ordinals: [UInt64]) -> [Group]? {
        let found = ordinals.compactMap { groups[$0] }
        return found.count == ordinals.count ? found : nil
    }

    func history() throws(JournalInconsistent) -> RunHistory {
        var history = RunHistory()
        for entry in entries { try history.apply(entry.record) }
        return history
    }

    mutating func write(_ checkpoint: Checkpoint) { checkpoints.append(checkpoint) }

    /// The newest one that can be read.
    var newest: Checkpoint? { checkpoints.last { !$0.isDamaged } }
}
