import Foundation
import GRDBSQLite
import Ledger

/// The ceiling of durable ingest: frames inserted as they are, one table, on a plain thread. Pages and log
/// are as large as the ledger's.
package struct RawSQLite: Sendable {
    package let path: String
    /// Inserted in turn.
    package let frames: [[UInt8]]
    package let rowsPerCommit: Int
    package let pace: Pace

    package init(path: String, frames: [[UInt8]], rowsPerCommit: Int, pace: Pace) {
        precondition(!frames.isEmpty && rowsPerCommit > 0, "a database of nothing")
        self.path = path
        self.frames = frames
        self.rowsPerCommit = rowsPerCommit
        self.pace = pace
    }

    /// Throws `CommandFailure` with what SQLite says.
    package func run() async throws -> Throughput {
        try await onThread("bench-sqlite") { try insert() }
    }

    private func insert() throws(CommandFailure) -> Throughput {
        let database = try RawDatabase(path)
        let insert = try database.statement("INSERT INTO payloads (number, payload) VALUES (?, ?)")
        defer { sqlite3_finalize(insert) }
        var meter = Meter(pace)
        var rows = 0
        while true {
            try database.execute("BEGIN IMMEDIATE")
            for _ in 0..<rowsPerCommit {
                let frame = frames[rows % frames.count]
                rows += 1
                sqlite3_bind_int64(insert, 1, Int64(rows))
                // SQLite reads the bytes within the call that they are there for.
                let result = frame.withUnsafeBytes { bytes in
                    sqlite3_bind_blob(insert, 2, bytes.baseAddress, Int32(bytes.count), nil)
                    return sqlite3_step(insert)
                }
                guard result == SQLITE_DONE else { throw database.failure("insert") }
                sqlite3_reset(insert)
            }
            try database.execute("COMMIT")
            if let result = meter.add(rowsPerCommit) { return result }
        }
    }
}

/// A database file with one table, and no more around it than SQLite's own calls.
private final class RawDatabase {
    private let handle: OpaquePointer
    private let path: String

    init(_ path: String) throws(CommandFailure) {
        var handle: OpaquePointer?
        let result = sqlite3_open(path, &handle)
        guard result == SQLITE_OK, let handle else {
            sqlite3_close(handle)
            let reason = String(cString: sqlite3_errstr(result))
            throw CommandFailure("cannot create \(path): \(reason)", .cannotCreate)
        }
        self.handle = handle
        self.path = path
        try execute(
            """
            PRAGMA page_size = \(LedgerFile.pageBytes);
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = \(LedgerFile.logPages);
            CREATE TABLE payloads (number INTEGER PRIMARY KEY, payload BLOB NOT NULL);
            """)
    }

    deinit { sqlite3_close(handle) }

    func execute(_ sql: String) throws(CommandFailure) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    /// To be finalized by the caller before the database goes.
    func statement(_ sql: String) throws(CommandFailure) -> OpaquePointer {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw failure(sql)
        }
        return statement
    }

    func failure(_ what: String) -> CommandFailure {
        CommandFailure("\(what) in \(path): \(String(cString: sqlite3_errmsg(handle)))", .inputOutput)
    }
}
