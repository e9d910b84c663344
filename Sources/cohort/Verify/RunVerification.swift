import Foundation
import GRDB
import Ledger
import Ports

/// `cohort verify`: everything that a run's records say, held against each other without the code that
/// wrote or replays them. The run may be under way.
package struct RunVerification {
    private let directory: RunDirectory

    package init(directory: RunDirectory) { self.directory = directory }

    /// Throws `CommandFailure` with exit code 65 at the first violation.
    package func report() throws -> VerificationReport {
        let run = try LedgerReader(path: directory.ledger).run
        try checkIdentity(run)
        // Files before the ledger: what they name must be in it then, also while the run goes on.
        let checkpoints = try CheckpointAudit(path: directory.checkpoints).found()
        let lines = try metricsLines()
        var audit = LedgerAudit(maxStaleness: try maxStaleness(run))
        try read { try audit.run($0) }
        try check(checkpoints, audit)
        let files = RunFilesAudit(directory: directory, versions: audit.history.versions)
        var report = VerificationReport(run: directory.path)
        report.add("entries", audit.entries, "chain of digests, row by row")
        report.add("groups", audit.groups, "each key once, in one state")
        report.add("payloads", audit.payloads, "SHA-256, checksums, the row's contents")
        report.add(
            "batches", audit.history.steps.count, "members waiting, fresh enough, steps in order")
        report.add(
            "versions", audit.history.versions.count, "order, one digest per number, accounting")
        report.add("checkpoints", checkpoints.count, "manifest, digests, place in the ledger")
        report.add("metrics", try files.metrics(lines), "metrics.jsonl against the ledger")
        report.add("final weights", try files.weights(), "learner.json, summary.json, model")
        report.balance = balance(audit.history)
        return report
    }

    private func checkIdentity(_ run: LedgerRun) throws {
        let path = directory.path + "/run-id"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
        let id = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard id == run.id else {
            throw violation(path, "it is \(id), and the ledger is of run \(run.id)")
        }
    }

    private func maxStaleness(_ run: LedgerRun) throws -> Int {
        do throws(ConfigurationFailure) {
            return try ResolvedConfiguration(
                json: run.configuration, name: "the ledger's configuration"
            )
            .configuration.cluster.maxStaleness
        } catch {
            throw violation(directory.ledger, error.description)
        }
    }

    private func metricsLines() throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory.metrics) else { return [] }
        let text = String(
            decoding: try Data(contentsOf: URL(filePath: directory.metrics)), as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // Behind the last line end is nothing, or a line that is being written.
        lines.removeLast()
        return lines
    }

    private func read(_ body: (Database) throws -> Void) throws {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        do {
            try DatabaseQueue(path: directory.ledger, configuration: configuration).read(body)
        } catch let error as DatabaseError {
            throw violation(directory.ledger, error.message ?? "\(error.resultCode)")
        }
    }

    private func check(_ checkpoints: [CheckpointAudit.Found], _ audit: LedgerAudit) throws {
        for checkpoint in checkpoints {
            if let position = checkpoint.position, !audit.holds(position) {
                throw violation(
                    checkpoint.path,
                    "the ledger was never at the position that it names, entry \(position.count)")
            }
            let recorded = audit.history.versions.digests[Int64(checkpoint.step)]
            if let recorded, recorded != checkpoint.digest.bytes {
                throw violation(
                    checkpoint.path, "its weights are not version \(checkpoint.step) of the ledger")
            }
        }
        try audit.checkPayloads(neededFrom: checkpoints.first?.step ?? 0)
    }

    private func balance(_ history: HistoryAudit) -> VerificationReport.Balance {
        let newest = history.versions.newest?.accounting ?? GroupAccounting()
        return VerificationReport.Balance(
            issued: newest.issued, leased: newest.leased, received: newest.received,
            journaled: history.waitingCount, consumed: history.consumed, dropped: history.dropped)
    }
}
