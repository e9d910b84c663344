private import Foundation
internal import GRDB
private import GRDBSQLite

extension Ledger {
    /// Free space to wait for on a full disk.
    private static let roomBytes: UInt64 = 64 << 20
    private static let lookEvery = Duration.seconds(2)

    /// Returns once the entries are durable. Waits where the disk is full, and says so once.
    func write(_ entries: [PreparedEntry]) async throws {
        guard !entries.isEmpty else { return }
        var hasPaused = false
        while true {
            do throws(LedgerError) {
                try insert(entries)
                break
            } catch {
                guard error.code == .full else { throw error }
            }
            if !hasPaused {
                settings.note(
                    "the disk of \(path) is full; the run is paused until there are "
                        + "\(Self.roomBytes >> 20) MiB free")
            }
            hasPaused = true
            try await waitForRoom()
        }
        if hasPaused {
            settings.note("there is room on the disk of \(path) again; the run goes on")
        }
    }

    private func waitForRoom() async throws {
        repeat {
            try await settings.clock.sleep(for: Self.lookEvery, tolerance: nil)
        } while (settings.freeBytes() ?? .max) < Self.roomBytes
    }

    /// One transaction: all or none.
    private func insert(_ entries: [PreparedEntry]) throws(LedgerError) {
        try transaction { db in
            let tables = LedgerTables(db: db)
            for entry in entries { try tables.insert(entry) }
        }
    }

    /// Throws `LedgerError`: `.full` where nothing was written because the disk is full.
    func transaction(_ body: (Database) throws -> Void) throws(LedgerError) {
        try translating(path) {
            try queue.writeWithoutTransaction { db in
                do {
                    try db.inTransaction(.immediate) {
                        try body(db)
                        return .commit
                    }
                } catch let error as DatabaseError {
                    guard Self.meansFullDisk(error, db) else { throw error }
                    throw LedgerError(.full, "the disk of \(path) is full")
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
