import Checkpoints
import Foundation
import GRPO
import Ledger
import Ports
import Training

/// What a run's ledger and checkpoints hold, for those who compute steps again. Nothing is written, and the
/// run may be under way.
///
/// Steps are counted as in `metrics.jsonl`: step N makes version N, from the ledger's batch N − 1.
struct RecordedSteps {
    let directory: RunDirectory
    let configuration: RunConfiguration
    let ledger: LedgerReader
    /// By number.
    let versions: [UInt64: PublishedVersion]
    private let batches: [[UInt64]]

    /// Throws where there is no ledger, or one that says nothing usable.
    init(_ directory: RunDirectory) throws {
        self.directory = directory
        ledger = try LedgerReader(path: directory.ledger)
        do throws(ConfigurationFailure) {
            configuration = try ResolvedConfiguration(
                json: ledger.run.configuration, name: "the ledger's configuration"
            ).configuration
        } catch { throw CommandFailure("\(directory.ledger): \(error)", .badData) }
        batches = try ledger.batches().map(\.members)
        versions = Dictionary(
            try ledger.versions().map { ($0.version.number, $0) }, uniquingKeysWith: { $1 })
    }

    /// Batches that there are.
    var count: Int { batches.count }

    /// The last step whose version was published; 0: none.
    var lastPublished: Int { versions.keys.max().map { min(Int($0), count) } ?? 0 }

    /// Places of the groups of a step.
    func members(_ step: Int) -> [UInt64] { batches[step - 1] }

    /// The groups of a step. Throws `CommandFailure` where its tokens were removed.
    func groups(_ step: Int) throws -> [Group] {
        do throws(LedgerError) { return try ledger.groups(at: members(step)) } catch {
            guard error.code == .pruned else { throw error }
            throw CommandFailure(
                "the tokens of step \(step) were removed to keep the ledger small; "
                    + (try adviceAfterPruning()), .badData)
        }
    }

    private func adviceAfterPruning() throws -> String {
        var first = count + 1
        while first > 1, (try? ledger.groups(at: members(first - 1))) != nil { first -= 1 }
        guard let checkpoint = try checkpointSteps().first(where: { $0 >= first - 1 && $0 < count }) else {
            return "no checkpoint is left from which the steps from \(first) on could be replayed"
        }
        return "replay is possible from step \(checkpoint + 1) on, which starts from "
            + "checkpoint-\(checkpoint): use --from \(checkpoint + 1)"
    }

    /// The newest valid checkpoint from which `step` can be computed, and that this ledger led to; `nil`: the
    /// run's start. `note` hears of those that were passed over.
    func checkpoint(before step: Int, note: (String) -> Void) throws -> CheckpointKeeper.Found? {
        let directory = CheckpointDirectory(existing: directory.checkpoints)
        for candidate in try checkpointSteps().reversed() where candidate < step {
            do {
                let found = try CheckpointKeeper.Found(directory.verify(step: candidate))
                guard try ledger.contains(found.progress.journal) else {
                    note("checkpoint-\(candidate) passed over: the ledger was never where it says")
                    continue
                }
                return found
            } catch { note("checkpoint-\(candidate) passed over: \(error)") }
        }
        return nil
    }

    private func checkpointSteps() throws -> [Int] {
        guard FileManager.default.fileExists(atPath: directory.checkpoints) else { return [] }
        return try CheckpointDirectory(existing: directory.checkpoints).steps()
    }
}
