import Crypto
import Foundation
import GRDB

/// Follows the chain of digests through all entries, each with its row.
struct ChainAudit {
    let db: Database

    /// Hands every entry to `visit` in order, with the chain up to it. Throws at the first that is missing,
    /// superfluous, or does not have the digest that its contents give.
    func walk(_ visit: (LedgerRow, _ chain: [UInt8]) throws -> Void) throws {
        try checkDatabase()
        var chain = [UInt8](repeating: 0, count: 32)
        var number: Int64 = 0
        let entries = try Row.fetchCursor(
            db, sql: "SELECT number, kind, chain FROM entries ORDER BY number")
        while let entry = try entries.next() {
            number += 1
            guard entry["number"] == number else {
                throw violation("entry \(number)", "it is missing")
            }
            let row = try row(number, kind: entry["kind"])
            chain = digest(of: row, after: chain)
            guard entry["chain"] == Data(chain).databaseValue else {
                throw violation(row.place, "its contents do not give the digest in the chain")
            }
            try visit(row, chain)
        }
        try checkStrays()
    }

    private func checkDatabase() throws {
        let answer = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "nothing"
        guard answer == "ok" else {
            throw violation("ledger.sqlite", "SQLite finds it damaged: \(answer)")
        }
    }

    private func row(_ number: Int64, kind: DatabaseValue) throws -> LedgerRow {
        guard let table = String.fromDatabaseValue(kind).flatMap(LedgerTable.of) else {
            throw violation("entry \(number)", "there is no kind \(kind)")
        }
        let statement = try db.cachedStatement(sql: "SELECT * FROM \(table.name) WHERE number = ?")
        guard let values = try Row.fetchOne(statement, arguments: [number]) else {
            throw violation("entry \(number) (\(table.name))", "the row is missing")
        }
        return LedgerRow(number: number, table: table, values: values)
    }

    /// No table holds a row that no entry speaks of.
    private func checkStrays() throws {
        for table in LedgerTable.all {
            let stray = try Int64.fetchOne(
                db,
                sql: """
                    SELECT number FROM \(table.name) WHERE number NOT IN
                    (SELECT number FROM entries WHERE kind = ?)
                    """, arguments: [table.kind])
            if let stray {
                throw violation("entry \(stray) (\(table.name))", "the row has no entry")
            }
        }
        let stray = try Int64.fetchOne(
            db, sql: "SELECT number FROM payloads WHERE number NOT IN (SELECT number FROM groups)")
        if let stray { throw violation("entry \(stray) (payloads)", "the row has no group") }
    }

    private func digest(of row: LedgerRow, after chain: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: chain)
        add(row.number.databaseValue, to: &hash)
        add(row.table.kind.databaseValue, to: &hash)
        for column in row.table.columns { add(row.values[column], to: &hash) }
        return Array(hash.finalize())
    }

    /// A byte for the type, then the value: integers of 8 bytes, little-endian; text and blobs with their
    /// length in front.
    private func add(_ value: DatabaseValue, to hash: inout SHA256) {
        switch value.storage {
        case .null: hash.update(data: [0])
        case .int64(let number): hash.update(data: [1] + little(number))
        case .string(let text):
            hash.update(data: [2] + little(Int64(text.utf8.count)) + Array(text.utf8))
        case .blob(let data): hash.update(data: [3] + little(Int64(data.count)) + Array(data))
        case .double(let number):
            hash.update(data: [4] + little(Int64(bitPattern: number.bitPattern)))
        }
    }

    private func little(_ number: Int64) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian, Array.init)
    }
}
