private import Foundation
internal import GRDB

/// What a ledger is called in SQLite's own header, and how its file is opened.
package enum LedgerFile {
    /// "COHT"
    static let applicationID: Int32 = 0x434F_4854
    /// The schema that this code writes, and the newest that it reads.
    static let schema: Int32 = 1
    /// A group of 8 × 128 tokens takes two pages.
    package static let pageBytes = 8_192
    /// The write-ahead log is carried over into the file when it has this many pages, and cut back to so
    /// many bytes.
    package static let logPages = 4_096

    /// The one connection that writes. Creates the file with its tables where there is none.
    static func writer(_ path: String, run: LedgerRun) throws(LedgerError) -> DatabaseQueue {
        try translating(path) {
            var configuration = GRDB.Configuration()
            configuration.label = "ledger"
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA page_size = \(pageBytes)") }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                try makeDurable(db, path)
                if try isEmpty(db) { try create(db, run) }
                try check(db, path)
                let found = try LedgerRun(db)
                guard found.id == run.id else {
                    throw LedgerError(
                        .wrongFile,
                        "\(path) is the ledger of run \(found.id), not of \(run.id); use the run's own directory"
                    )
                }
            }
            return queue
        }
    }

    /// A connection that only reads; the writer may be at work meanwhile.
    static func reader(_ path: String) throws(LedgerError) -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else {
            throw LedgerError(.noFile, "there is no ledger at \(path)")
        }
        return try translating(path) {
            var configuration = GRDB.Configuration()
            configuration.label = "ledger-reader"
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { try check($0, path) }
            return queue
        }
    }

    /// GRDB sets `synchronous = NORMAL` when it turns WAL on, so this comes after it, and outside a
    /// transaction, where alone it has an effect.
    private static func makeDurable(_ db: Database, _ path: String) throws {
        try db.execute(
            sql: """
                PRAGMA synchronous = FULL;
                PRAGMA fullfsync = ON;
                PRAGMA checkpoint_fullfsync = ON;
                PRAGMA secure_delete = OFF;
                PRAGMA wal_autocheckpoint = \(logPages);
                PRAGMA journal_size_limit = \(logPages * pageBytes);
                """)
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
        let level = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        guard mode == "wal", level == 2 else {
            throw LedgerError(
                .inputOutput,
                "\(path) is not durable here (journal_mode \(mode ?? "?"), synchronous \(level ?? -1)); keep the "
                    + "run on a local disk")
        }
    }

    private static func isEmpty(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
    }

    private static func create(_ db: Database, _ run: LedgerRun) throws {
        try db.inTransaction(.immediate) {
            try db.execute(sql: LedgerSchema.tables + LedgerSchema.views)
            try run.insert(db)
            try db.execute(
                sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(schema)")
            return .commit
        }
    }

    private static func check(_ db: Database, _ path: String) throws {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id")
        guard application == applicationID else {
            throw LedgerError(.wrongFile, "\(path) is not a ledger of Cohort; move it away")
        }
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= schema else {
            throw LedgerError(
                .wrongFile,
                "\(path) has schema \(version), and this program knows up to \(schema); use the release that "
                    + "wrote it, or a newer one")
        }
    }
}

/// Runs `body`; what SQLite says becomes a `LedgerError` about `path`.
func translating<Result>(_ path: String, _ body: () throws -> Result) throws(LedgerError) -> Result
{
    do {
        return try body()
    } catch let error as LedgerError {
        throw error
    } catch let error as DatabaseError {
        throw LedgerError(error, path)
    } catch {
        throw LedgerError(.damaged, "\(path) cannot be read: \(error)")
    }
}

extension LedgerError {
    init(_ error: DatabaseError, _ path: String) {
        let reason = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL: self.init(.full, "the disk of \(path) is full; free space and resume the run")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.damaged, "\(path) is damaged: \(reason); restore it from a copy")
        case .SQLITE_CANTOPEN: self.init(.noFile, "\(path) cannot be opened: \(reason)")
        case .SQLITE_CONSTRAINT:
            self.init(
                .contradiction,
                "\(path) refuses an entry that contradicts an earlier one: \(reason)")
        default:
            self.init(
                .inputOutput,
                "\(path) cannot be used any longer: \(reason); look at its disk, then resume the run"
            )
        }
    }
}
