internal import Foundation
internal import GRDB
internal import GRPO
internal import Ports

extension LedgerTables {
    /// The last group journaled at this place of the run, decoded and compared with its row.
    func group(at ordinal: UInt64) throws -> Group {
        let statement = try db.cachedStatement(
            sql: """
                SELECT g.number, g.digest, p.payload FROM groups g LEFT JOIN payloads p ON p.number = g.number
                WHERE g.ordinal = ? ORDER BY g.number DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [Int64(bitPattern: ordinal)]) else {
            throw MissingGroup(ordinal: ordinal)
        }
        let group = try group(row)
        guard group.ordinal == ordinal else {
            throw LedgerError.damaged(
                "payloads", row[0], "it is the group of place \(group.ordinal)")
        }
        return group
    }

    /// Of a row (number, digest, payload).
    private func group(_ row: Row) throws -> Group {
        let number: Int64 = row[0]
        guard case .blob(let payload) = (row[2] as DatabaseValue).storage else {
            throw LedgerError(
                .pruned,
                "the tokens of entry \(number) were removed to keep the ledger within its budget; raise the "
                    + "budget for the next run")
        }
        let bytes = Array(payload)
        guard Data(GroupFrame.sha256(bytes[...])).databaseValue == row[1] else {
            throw LedgerError.damaged("payloads", number, "its SHA-256 is not the group's digest")
        }
        do {
            return try GroupFrame.decode(bytes)
        } catch {
            throw LedgerError.damaged("payloads", number, "\(error)")
        }
    }
}
