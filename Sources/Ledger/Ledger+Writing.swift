private import Foundation
internal import Ports
internal import GRDB
private import GRDBSQLite

extension Ledger {
    /// Returns once the entries are durable. Waits where the disk is full.
    func write(_ entries: [PreparedEntry]) async throws {
        guard !entries.isEmpty else { return }
        try await settings.room.write { try self.insert(entries) }
    }

    /// One transaction: all or none.
    private func insert(_ entries: [PreparedEntry]) throws(LedgerError) {
        try transaction { db in
            let tables = LedgerTables(db: db)
            for entry in entries { try tables.insert(entry) }
        }
    }

    /// One transaction. Throws `LedgerError`: `.full` where nothing was written because the disk is full.
    func transaction(_ body: (Database) throws -> Void) throws(LedgerError) {
        try withWriter { db in
            try db.inTransaction(.immediate) {
                try body(db)
                return .commit
            }
        }
    }

    /// Carries what is in the log over into the file. What a full disk puts off stays in the log, durable.
    func carryOver() throws(LedgerError) {
        try withWriter { _ = try $0.checkpoint(.passive) }
    }

    private func withWriter(_ body: (Database) throws -> Void) throws(LedgerError) {
        try translating(path) {
            try queue.writeWithoutTransaction { db in
                do {
                    try body(db)
                } catch let error as DatabaseError {
                    guard Self.meansFullDisk(error, db) else { throw error }
                    throw LedgerError(.full, "the disk of \(path) is full; free space and resume the run")
                }
            }
        }
    }

    /// A failed flush may mean a full disk too. Committing again is safe then: it writes the same frames of
    /// the log anew, and nothing that was durable before is among them.
    private static func meansFullDisk(_ error: DatabaseError, _ db: Database) -> Bool {
        if error.resultCode == .SQLITE_FULL { return true }
        guard error.resultCode == .SQLITE_IOERR else { return false }
        return [ENOSPC, EDQUOT].contains(sqlite3_system_errno(db.sqliteConnection))
    }
}
