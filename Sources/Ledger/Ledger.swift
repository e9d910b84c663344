internal import GRDB
package import GRPO
package import Ports

/// The run's SQLite file: the journal that survives a power cut.
///
/// An actor on a thread of its own, because it waits for the disk. It holds the file's one connection that
/// writes; who else looks at the file uses a `LedgerReader`.
package actor Ledger: Journal {
    let path: String
    let queue: DatabaseQueue
    let settings: LedgerSettings
    private let thread = ThreadExecutor(name: "cohort-ledger")
    private var end: JournalPosition
    private var isCommitting = false
    /// Why nothing more may be written: after a failed write nobody knows what the disk holds.
    private var failure: LedgerError?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// Opens the ledger of `run` at `path`, or makes it. Throws `LedgerError` where the file is something
    /// else, of another run or schema, or damaged.
    package init(path: String, run: LedgerRun, settings: LedgerSettings) throws(LedgerError) {
        self.path = path
        self.settings = settings
        let queue = try LedgerFile.writer(path, run: run)
        self.queue = queue
        end = try translating(path) {
            try queue.writeWithoutTransaction { db in
                if let pages = settings.pagesMax {
                    try db.execute(sql: "PRAGMA max_page_count = \(pages)")
                }
                return try LedgerTables(db: db).end()
            }
        }
    }

    /// How far the ledger goes.
    package var position: JournalPosition { end }

    /// Whether the ledger holds the entries up to `position`, with the same digests: what a checkpoint
    /// remembers must be found again. Throws `LedgerError`.
    package func contains(_ position: JournalPosition) throws -> Bool {
        try read { try $0.position(position.count) == position }
    }

    @discardableResult
    package func commit(_ entries: [JournalEntry]) async throws -> JournalPosition {
        precondition(!isCommitting, "a ledger takes one commit at a time")
        isCommitting = true
        defer { isCommitting = false }
        if let failure { throw failure }
        let prepared = try prepare(entries)
        do {
            try await write(prepared)
        } catch let error as LedgerError {
            // Nothing was written to a full disk, so nothing is unknown about it.
            if error.code != .full { failure = error }
            throw error
        }
        end = prepared.last?.row.position ?? end
        return end
    }

    package func records(after position: Int64, limit: Int) throws -> [JournalRecord] {
        try read { try $0.entries(after: position, limit: limit).map { try $0.record } }
    }

    package func groups(at ordinals: [UInt64]) throws -> [Group] {
        do {
            return try queue.read { db in
                try ordinals.map { try LedgerTables(db: db).group(at: $0) }
            }
        } catch let error as DatabaseError {
            throw LedgerError(error, path)
        }
    }

    private func read<Result>(_ body: (LedgerTables) throws -> Result) throws(LedgerError) -> Result
    {
        try translating(path) { try queue.read { try body(LedgerTables(db: $0)) } }
    }

    private func prepare(_ entries: [JournalEntry]) throws(LedgerError) -> [PreparedEntry] {
        let time = settings.time()
        var previous = end
        var prepared: [PreparedEntry] = []
        prepared.reserveCapacity(entries.count)
        for entry in entries {
            let next = try PreparedEntry(entry, after: previous, at: time)
            previous = next.row.position
            prepared.append(next)
        }
        return prepared
    }
}
