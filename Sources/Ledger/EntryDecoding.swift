internal import Foundation
internal import GRDB
internal import GRPO
internal import Ports

extension EntryRow {
    /// The entry that the row's values say. Throws `LedgerError.damaged` with the row where they say none.
    var record: JournalRecord {
        get throws(LedgerError) {
            switch kind {
            case .start: .start(incarnation: try integer(0))
            case .group: .group(try admittedGroup)
            case .drop: .drop(try droppedTicket)
            case .batch: .batch(step: try integer(0), members: try members)
            case .version: .version(try publishedVersion)
            case .checkpoint:
                .checkpoint(
                    step: try integer(0),
                    at: JournalPosition(count: try integer(1), chain: try digest(2)))
            }
        }
    }

    private var admittedGroup: AdmittedGroup {
        get throws(LedgerError) {
            AdmittedGroup(
                ordinal: try integer(0), key: try key,
                version: PolicyVersion(incarnation: try integer(5), number: try integer(4)))
        }
    }

    private var droppedTicket: DroppedTicket {
        get throws(LedgerError) {
            guard let cause = DropCause(rawValue: try text(4)) else { throw wrong(4) }
            return DroppedTicket(
                ordinal: try integer(0), key: try key, cause: cause, detail: try text(5))
        }
    }

    private var publishedVersion: PublishedVersion {
        get throws(LedgerError) {
            guard let accounting = AccountingText.value(try text(5)) else { throw wrong(5) }
            return PublishedVersion(
                version: PolicyVersion(incarnation: try integer(1), number: try integer(0)),
                digest: SnapshotDigest(bytes: try digest(2)), optimizerSteps: try integer(3),
                tokens: try integer(4), accounting: accounting, metrics: try text(6))
        }
    }

    private var members: [UInt64] {
        get throws(LedgerError) {
            guard
                let members = try? JSONDecoder().decode([UInt64].self, from: Data(try text(1).utf8))
            else { throw wrong(1) }
            return members
        }
    }

    private var key: TicketKey {
        get throws(LedgerError) {
            TicketKey(pass: try integer(1), promptIndex: try integer(2), attempt: try integer(3))
        }
    }

    private func integer<Integer: FixedWidthInteger>(_ column: Int) throws(LedgerError) -> Integer {
        guard case .int64(let value) = values[column].storage, let integer = Integer(exactly: value)
        else { throw wrong(column) }
        return integer
    }

    private func text(_ column: Int) throws(LedgerError) -> String {
        guard case .string(let text) = values[column].storage else { throw wrong(column) }
        return text
    }

    private func digest(_ column: Int) throws(LedgerError) -> [UInt8] {
        guard case .blob(let data) = values[column].storage, data.count == 32 else {
            throw wrong(column)
        }
        return Array(data)
    }

    private func wrong(_ column: Int) -> LedgerError {
        .damaged(kind.table, number, "its \(kind.columns[column]) is not possible")
    }
}
