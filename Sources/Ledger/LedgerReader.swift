internal import GRDB
package import GRPO
package import Ports

/// A ledger opened to be looked at. The run may be under way.
package struct LedgerReader: Sendable {
    package let path: String
    package let run: LedgerRun
    private let queue: DatabaseQueue

    /// Throws `LedgerError` where there is no ledger, or one of a newer program.
    package init(path: String) throws(LedgerError) {
        self.path = path
        let queue = try LedgerFile.reader(path)
        self.queue = queue
        run = try translating(path) { try queue.read { try LedgerRun($0) } }
    }

    /// Entries after the `position`-th, at most `limit`, verified against the chain; empty at the end.
    package func records(after position: Int64, limit: Int) throws(LedgerError) -> [JournalRecord] {
        try read { try $0.entries(after: position, limit: limit).map { try $0.record } }
    }

    /// All batches, in order.
    package func batches() throws(LedgerError) -> [(step: Int, members: [UInt64])] {
        try all(.batch).compactMap {
            if case .batch(let step, let members) = $0 { (step, members) } else { nil }
        }
    }

    /// All versions, in the order in which they were published.
    package func versions() throws(LedgerError) -> [PublishedVersion] {
        try all(.version).compactMap { if case .version(let version) = $0 { version } else { nil } }
    }

    /// The groups of one batch, in its order; `nil`: there is no such batch.
    package func groups(ofStep step: Int) throws(LedgerError) -> [Group]? {
        guard let batch = try batches().first(where: { $0.step == step }) else { return nil }
        return try groups(at: batch.members)
    }

    /// The last groups journaled at these places, in the order asked for.
    package func groups(at ordinals: [UInt64]) throws(LedgerError) -> [Group] {
        try read { tables in try ordinals.map { try tables.group(at: $0) } }
    }

    /// Names of the workers that the last groups at these places came from, in the order asked for.
    package func workers(at ordinals: [UInt64]) throws(LedgerError) -> [String] {
        try read { tables in
            try ordinals.map { ordinal in
                try String.fetchOne(
                    tables.db,
                    sql: "SELECT worker FROM groups WHERE ordinal = ? ORDER BY number DESC LIMIT 1",
                    arguments: [Int64(bitPattern: ordinal)]) ?? ""
            }
        }
    }

    /// Whether the ledger holds the entries up to `position`, with the same digests.
    package func contains(_ position: JournalPosition) throws(LedgerError) -> Bool {
        try read { try $0.position(position.count) == position }
    }

    private func all(_ kind: EntryKind) throws(LedgerError) -> [JournalRecord] {
        try read { try $0.entries(of: kind).map { try $0.record } }
    }

    private func read<Result>(_ body: (LedgerTables) throws -> Result) throws(LedgerError) -> Result
    {
        try translating(path) { try queue.read { try body(LedgerTables(db: $0)) } }
    }
}
