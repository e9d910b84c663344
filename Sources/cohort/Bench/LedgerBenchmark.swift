import Foundation
import GRPO
import Ledger
import Ports

/// Ingest into a ledger on one disk, next to SQLite alone on the same disk.
struct LedgerBenchmark: Sendable {
    let pace: Pace
    /// For the files, which are removed again.
    let directory: String
    /// That a ledger should stay near.
    let budgetBytes: Int

    /// One round of each.
    func measure(
        _ exchange: LinkExchange, _ frames: [[UInt8]], into rounds: inout LedgerRounds
    ) async throws {
        let ingest = try await withLedger { ledger, _ in
            try await exchange.run(into: ledger, until: TimedIngest(pace)) {
                try await ledger.prune(coveredBefore: $0)
            }
        }
        guard let throughput = ingest.throughput else {
            preconditionFailure("a measurement ended before its time")
        }
        let groups = ingest.commits.reduce(0) { $0 + $1.groups }
        let raw = RawSQLite(
            path: directory + "/raw.sqlite", frames: frames,
            rowsPerCommit: max(1, groups / ingest.commits.count), pace: pace)
        defer { remove(raw.path) }
        rounds.add(throughput, ingest.commits, raw: try await raw.run())
    }

    /// Ingest of `groups` groups into one ledger.
    func longRun(
        _ groups: Int, _ exchange: LinkExchange, _ say: @escaping @Sendable (IngestMark) -> Void
    ) async throws -> [IngestMark] {
        var pace = pace
        pace.limit = .seconds(60 + groups / 100)
        let patient = LinkExchange(
            endpoint: exchange.endpoint, load: exchange.load, slots: exchange.slots, pace: pace)
        return try await withLedger { ledger, path in
            let goal = CountedIngest(
                groups: groups, look: { try IngestFootprint(ledger: path) }, say: say)
            return try await patient.run(into: ledger, until: goal) {
                try await ledger.prune(coveredBefore: $0)
            }.marks
        }
    }

    private func withLedger<Result>(
        _ body: (Ledger, _ path: String) async throws -> Result
    ) async throws -> Result {
        let path = directory + "/ledger.sqlite"
        defer { remove(path) }
        let ledger = try Ledger(
            path: path,
            run: LedgerRun(
                id: String(repeating: "0", count: 32), configuration: "{}",
                createdAt: Int64(Date().timeIntervalSince1970 * 1e6)),
            settings: LedgerSettings(
                retention: LedgerRetention(budgetBytes: budgetBytes),
                room: DiskRoom(
                    directory: directory, clock: ContinuousClock(),
                    note: { StandardStream.error.write($0 + "\n") })))
        return try await body(ledger, path)
    }

    private func remove(_ database: String) {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: database + suffix)
        }
    }
}
