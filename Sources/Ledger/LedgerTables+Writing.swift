internal import Foundation
internal import GRDB
internal import GRPO
internal import Ports

extension LedgerTables {
    /// Within a transaction.
    func insert(_ entry: PreparedEntry) throws {
        let row = entry.row
        try run(
            "INSERT INTO entries (number, kind, chain) VALUES (?, ?, ?)",
            [
                row.number.databaseValue, row.kind.rawValue.databaseValue,
                Data(row.chain).databaseValue,
            ])
        try run(Self.insert[row.kind]!, [row.number.databaseValue] + row.values)
        if let frame = entry.frame {
            try run(
                "INSERT INTO payloads (number, payload) VALUES (?, ?)",
                [row.number.databaseValue, Data(frame).databaseValue])
        }
        if row.kind == .batch { try consume(entry.members, step: row.values[0]) }
        if row.kind == .drop { try drop(row) }
    }

    /// Marks the groups that wait at these places as trained on.
    private func consume(_ members: [UInt64], step: DatabaseValue) throws {
        for ordinal in members {
            try run(
                """
                UPDATE groups SET step = ?1 WHERE step IS NULL AND dropped IS NULL
                AND number = (SELECT max(number) FROM groups WHERE ordinal = ?2)
                """, [step, Int64(bitPattern: ordinal).databaseValue])
            guard db.changesCount == 1 else {
                throw LedgerError(
                    .contradiction,
                    "batch \(step) has a member at place \(ordinal), where no group waits; resume the run"
                )
            }
        }
    }

    /// A dropped ticket may have a group that waits; one that was trained on cannot be dropped.
    private func drop(_ row: EntryRow) throws {
        let place = Array(row.values[0..<4])
        try run(
            """
            UPDATE groups SET dropped = ?5
            WHERE ordinal = ?1 AND pass = ?2 AND prompt_index = ?3 AND attempt = ?4
            AND step IS NULL AND dropped IS NULL
            """, place + [row.number.databaseValue])
        guard db.changesCount == 0 else { return }
        let statement = try db.cachedStatement(
            sql: """
                SELECT count(*) FROM groups
                WHERE ordinal = ? AND pass = ? AND prompt_index = ? AND attempt = ?
                """)
        guard try Int.fetchOne(statement, arguments: StatementArguments(place)) == 0 else {
            throw LedgerError(
                .contradiction,
                "the group at place \(place[0]) was consumed or dropped before; resume the run")
        }
    }

    private func run(_ sql: String, _ values: [DatabaseValue]) throws {
        let statement = try db.cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(values))
        try statement.execute()
    }

    private static let insert = Dictionary(
        uniqueKeysWithValues: EntryKind.allCases.map { kind in
            let columns = (["number"] + kind.columns).joined(separator: ", ")
            let marks = Array(repeating: "?", count: kind.columns.count + 1).joined(separator: ", ")
            return (kind, "INSERT INTO \(kind.table) (\(columns)) VALUES (\(marks))")
        })
}
