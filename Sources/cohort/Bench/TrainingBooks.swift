import GRPO
package import Ports

/// What a learner writes into its journal besides groups, made up: batches of the groups that wait, the
/// versions that they make, and checkpoints.
package struct TrainingBooks: Sendable {
    /// Groups of a batch.
    let batchGroups: Int
    /// Batches between two checkpoints.
    let checkpointBatches: Int
    private var waiting: [UInt64] = []
    private var steps = 0
    private var consumed = 0
    /// Where the last two checkpoints go on: `nil`, before there were two.
    private var checkpoints: (older: Int?, newer: Int?) = (nil, nil)
    private var dueCheckpoint: (step: Int, position: JournalPosition)?

    package init(batchGroups: Int = 256, checkpointBatches: Int = 16) {
        precondition(batchGroups > 0 && checkpointBatches > 0, "a batch of nothing")
        self.batchGroups = batchGroups
        self.checkpointBatches = checkpointBatches
    }

    /// What comes before the first group.
    package static let opening: [JournalEntry] = [
        .start(incarnation: WireLoad.version.incarnation),
        .version(version(0, GroupAccounting())),
    ]

    /// What is to be written with the next groups: batches as far as groups wait for them, and the
    /// checkpoint that was written meanwhile.
    package mutating func due() -> [JournalEntry] {
        var entries: [JournalEntry] = []
        if let (step, position) = dueCheckpoint.take() {
            entries.append(.checkpoint(step: step, at: position))
            checkpoints = (checkpoints.newer, step)
        }
        while waiting.count >= batchGroups {
            entries.append(.batch(step: steps, members: Array(waiting.prefix(batchGroups))))
            waiting.removeFirst(batchGroups)
            consumed += batchGroups
            steps += 1
            entries.append(.version(Self.version(UInt64(steps), accounting)))
        }
        return entries
    }

    /// These groups are durable, and so is what was due with them.
    package mutating func committed(_ ordinals: [UInt64], at position: JournalPosition) {
        waiting += ordinals
        let newest = dueCheckpoint?.step ?? checkpoints.newer ?? 0
        if steps - newest >= checkpointBatches { dueCheckpoint = (steps, position) }
    }

    /// Where the older of two checkpoints goes on: what was trained on before may go. `nil`: keep all.
    package var coveredStep: Int? { checkpoints.older }

    private var accounting: GroupAccounting {
        var accounting = GroupAccounting()
        accounting.journaled = waiting.count
        accounting.consumed = consumed
        accounting.issued = waiting.count + consumed
        return accounting
    }

    private static func version(_ number: UInt64, _ accounting: GroupAccounting) -> PublishedVersion {
        PublishedVersion(
            version: PolicyVersion(incarnation: WireLoad.version.incarnation, number: number),
            digest: SnapshotDigest(bytes: [UInt8](repeating: 0, count: 32)),
            optimizerSteps: Int(number), tokens: 0, accounting: accounting, metrics: "")
    }
}
