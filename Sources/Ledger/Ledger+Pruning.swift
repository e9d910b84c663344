internal import Foundation
internal import GRDB

/// What a look at the ledger's size removed.
package struct PrunedPayloads: Hashable, Sendable {
    /// Groups whose tokens are gone.
    package var groups = 0
    /// Bytes in use afterwards; the file has more where pages are free.
    package var usedBytes = 0
}

extension Ledger {
    /// Groups per transaction.
    private static let portion = 256

    /// Removes tokens, the oldest first, while the ledger is larger than its budget: only of groups that
    /// were consumed or dropped before batch `step` was assembled, where the oldest kept checkpoint goes on.
    /// A full disk puts it off. Throws `LedgerError`.
    @discardableResult
    package func prune(coveredBefore step: Int) throws -> PrunedPayloads {
        let limits = try translating(path) { try queue.read { try pruningLimits($0, step) } }
        var pruned = PrunedPayloads()
        do throws(LedgerError) {
            while try prunePortion(limits, &pruned) {}
            // Now, while nobody waits for a group to become durable.
            try carryOver()
        } catch {
            guard error.code == .full else { throw error }
        }
        return pruned
    }

    /// Steps before the first and drops before the second have their tokens removed.
    private func pruningLimits(_ db: Database, _ step: Int) throws -> (step: Int, drop: Int64) {
        let newest = try Int.fetchOne(db, sql: "SELECT max(step) FROM batches") ?? -1
        let covered = min(step, newest + 1 - settings.retention.keepSteps)
        let drop = try Int64.fetchOne(
            db, sql: "SELECT min(number) FROM batches WHERE step >= ?", arguments: [covered])
        return (covered, drop ?? .max)
    }

    /// Whether there may be more to remove.
    private func prunePortion(
        _ limits: (step: Int, drop: Int64), _ pruned: inout PrunedPayloads
    ) throws(LedgerError) -> Bool {
        var result = pruned
        var more = false
        try transaction { db in
            let excess = try usedBytes(db) - settings.retention.budgetBytes
            let numbers = excess > 0 ? try candidates(db, limits, excess: excess) : []
            let delete = try db.cachedStatement(sql: "DELETE FROM payloads WHERE number = ?")
            for number in numbers { try delete.execute(arguments: [number]) }
            result.groups += numbers.count
            result.usedBytes = try usedBytes(db)
            more = !numbers.isEmpty
        }
        pruned = result
        return more
    }

    /// The oldest groups that together have `excess` bytes.
    private func candidates(
        _ db: Database, _ limits: (step: Int, drop: Int64), excess: Int
    ) throws -> [Int64] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT p.number, g.payload_bytes FROM payloads p JOIN groups g ON g.number = p.number
                WHERE g.step < ? OR g.dropped < ? ORDER BY p.number LIMIT ?
                """)
        var bytes = 0
        var numbers: [Int64] = []
        let rows = try Row.fetchCursor(
            statement, arguments: [limits.step, limits.drop, Self.portion])
        while bytes < excess, let row = try rows.next() {
            numbers.append(row[0])
            bytes += row[1]
        }
        return numbers
    }

    private func usedBytes(_ db: Database) throws -> Int {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        return (pages - free) * size
    }
}
