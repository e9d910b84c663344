import Checkpoints
import Foundation
import GRPO
import Ledger
import Ports
import Training

/// The ledger of a run in its directory, as its learner uses it.
struct RunLedger: Sendable {
    let ledger: Ledger
    /// What earlier learners of the run wrote.
    let history: RunHistory
    private let path: String

    /// `room`: where the run waits while its disk is full.
    init(
        _ configuration: RunConfiguration, in directory: RunDirectory, room: DiskRoom
    ) async throws {
        path = directory.ledger
        let megabytes = configuration.run.ledgerMaxMegabytes
        ledger = try Ledger(
            path: path,
            run: LedgerRun(
                id: try RunIdentity(directory).text,
                configuration: try directory.recordedConfiguration().json,
                createdAt: Int64(Date().timeIntervalSince1970 * 1e6)),
            settings: LedgerSettings(
                retention: LedgerRetention(
                    budgetBytes: megabytes == 0 ? .max : megabytes << 20,
                    keepSteps: configuration.run.ledgerKeepSteps), room: room))
        do { history = try await RunHistory(of: ledger) } catch let error as JournalInconsistent {
            throw CommandFailure(
                "\(path): \(error); the file is damaged or belongs to another run: restore it", .badData)
        }
    }

    /// Where the learner goes on from `checkpoint`, or from the start where there is none. Throws where the
    /// ledger is not the one that the checkpoint was taken beside.
    func start(
        from checkpoint: LearnerProgress?, incarnation: UInt32
    ) async throws -> LearnerStart {
        guard let checkpoint else {
            return LearnerStart(
                version: PolicyVersion(incarnation: incarnation, number: 0), history: history)
        }
        guard try await ledger.contains(checkpoint.journal) else {
            throw CommandFailure(
                "\(path) does not hold what checkpoint-\(checkpoint.step) was taken after "
                    + "(\(checkpoint.journal.count) entries); it was replaced or cut off: restore it",
                .badData)
        }
        do {
            return try checkpoint.start(incarnation: incarnation, history: history)
        } catch { throw CommandFailure("\(path): \(error); restore the file", .badData) }
    }

    /// `store`, with the ledger kept small after each checkpoint: what no checkpoint of the last
    /// `saveTotalLimit` could need goes, as far as the budget asks for it.
    func pruned(after store: CheckpointKeeper, saveTotalLimit: Int) -> some CheckpointStore {
        PruningStore(
            store: store, ledger: ledger, recent: saveTotalLimit == 0 ? 3 : max(2, saveTotalLimit))
    }
}

private struct PruningStore: CheckpointStore {
    let store: CheckpointKeeper
    let ledger: Ledger
    /// So many checkpoints, counted from the newest, may be gone on from.
    let recent: Int

    func save(_ checkpoint: TrainingCheckpoint) async throws {
        try await store.save(checkpoint)
        let steps = try await store.steps()
        // One that is alone may turn out damaged, and then everything from the start is needed.
        let oldest = steps.count > 1 ? steps.suffix(recent).first ?? 0 : 0
        try await ledger.prune(coveredBefore: oldest)
    }
}
