internal import Foundation
internal import GRDB
internal import GRPO
internal import Ports

/// The ledger's statements, on an open connection. Each is prepared once.
struct LedgerTables {
    let db: Database

    /// The last entry there is.
    func end() throws -> JournalPosition {
        let sql = "SELECT number, chain FROM entries ORDER BY number DESC LIMIT 1"
        guard let row = try Row.fetchOne(db.cachedStatement(sql: sql)) else { return .start }
        return JournalPosition(count: row[0], chain: try chain(row[1], of: row[0]))
    }

    /// The chain up to the `count`-th entry; `nil`: the ledger does not go so far.
    func position(_ count: Int64) throws -> JournalPosition? {
        guard count > 0 else { return count == 0 ? .start : nil }
        let statement = try db.cachedStatement(sql: "SELECT chain FROM entries WHERE number = ?")
        guard let row = try Row.fetchOne(statement, arguments: [count]) else { return nil }
        return JournalPosition(count: count, chain: try chain(row[0], of: count))
    }

    /// The entries after the `position`-th, at most `limit`, each verified against the chain.
    func entries(after position: Int64, limit: Int) throws -> [EntryRow] {
        guard var previous = try self.position(position) else {
            if try end().count < position { return [] }
            throw LedgerError.damaged("entries", position, "it is missing")
        }
        let statement = try db.cachedStatement(
            sql: "SELECT number, kind, chain FROM entries WHERE number > ? ORDER BY number LIMIT ?")
        var entries: [EntryRow] = []
        for row in try Row.fetchAll(statement, arguments: [position, limit]) {
            let entry = try entry(row, after: previous)
            previous = entry.position
            entries.append(entry)
        }
        return entries
    }

    /// All entries of one kind, each verified against the chain of the entry before it.
    func entries(of kind: EntryKind) throws -> [EntryRow] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT e.number, e.kind, e.chain FROM \(kind.table) t JOIN entries e ON e.number = t.number
                ORDER BY t.number
                """)
        return try Row.fetchAll(statement).map { row in
            guard let previous = try position(row[0] - 1) else {
                throw LedgerError.damaged("entries", row[0] - 1, "it is missing")
            }
            return try entry(row, after: previous)
        }
    }

    private func entry(_ row: Row, after previous: JournalPosition) throws -> EntryRow {
        let number: Int64 = row[0]
        guard number == previous.count + 1 else {
            throw LedgerError.damaged("entries", previous.count + 1, "it is missing")
        }
        guard let kind = String.fromDatabaseValue(row[1]).flatMap(EntryKind.init) else {
            throw LedgerError.damaged("entries", number, "its kind is not possible")
        }
        let statement = try db.cachedStatement(sql: Self.select[kind]!)
        guard let values = try Row.fetchOne(statement, arguments: [number]) else {
            throw LedgerError.damaged(kind.table, number, "the row is missing")
        }
        let entry = EntryRow(after: previous, kind: kind, values: Array(values.databaseValues))
        guard try entry.chain == chain(row[2], of: number) else {
            throw LedgerError.damaged(kind.table, number, "it does not match the chain of digests")
        }
        return entry
    }

    private func chain(_ value: DatabaseValue, of number: Int64) throws -> [UInt8] {
        guard case .blob(let data) = value.storage, data.count == 32 else {
            throw LedgerError.damaged("entries", number, "its chain is not possible")
        }
        return Array(data)
    }

    private static let select = Dictionary(
        uniqueKeysWithValues: EntryKind.allCases.map { kind in
            let columns = kind.columns.joined(separator: ", ")
            return (kind, "SELECT \(columns) FROM \(kind.table) WHERE number = ?")
        })
}
