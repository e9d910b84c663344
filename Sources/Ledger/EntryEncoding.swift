internal import Foundation
internal import GRDB
internal import GRPO
internal import Ports

/// What one commit writes: rows in order, the frames of groups, and what each changes in earlier rows.
struct PreparedEntry {
    let row: EntryRow
    /// Of a group.
    var frame: [UInt8]?
    /// Of a batch: places in the run.
    var members: [UInt64] = []
}

extension PreparedEntry {
    /// `time`: microseconds since 1970, UTC.
    init(_ entry: JournalEntry, after previous: JournalPosition, at time: Int64) throws(LedgerError)
    {
        let at = time.databaseValue
        switch entry {
        case .start(let incarnation):
            row = EntryRow(
                after: previous, kind: .start, values: [Int64(incarnation).databaseValue, at])
        case .group(let group, let worker):
            let frame = try GroupFrame(group, from: worker, number: previous.count + 1)
            row = EntryRow(
                after: previous, kind: .group, values: Self.values(group, frame, worker, at))
            self.frame = frame.bytes
        case .drop(let ticket):
            row = EntryRow(
                after: previous, kind: .drop,
                values: Self.place(ticket.ordinal, ticket.key)
                    + [ticket.cause.rawValue.databaseValue, ticket.detail.databaseValue, at])
        case .batch(let step, let members):
            let list = "[" + members.map { "\($0)" }.joined(separator: ",") + "]"
            row = EntryRow(
                after: previous, kind: .batch,
                values: [step.databaseValue, list.databaseValue, at])
            self.members = members
        case .version(let version):
            row = EntryRow(after: previous, kind: .version, values: Self.values(version, at))
        case .checkpoint(let step, let position):
            row = EntryRow(
                after: previous, kind: .checkpoint,
                values: [
                    step.databaseValue, position.count.databaseValue,
                    Data(position.chain).databaseValue, at,
                ])
        }
    }

    /// SQLite's integers are signed; every count that a run can reach fits, and larger ones keep their bits.
    private static func integer(_ value: UInt64) -> DatabaseValue {
        Int64(bitPattern: value).databaseValue
    }

    private static func place(_ ordinal: UInt64, _ key: TicketKey) -> [DatabaseValue] {
        [
            integer(ordinal), Int64(key.pass).databaseValue, Int64(key.promptIndex).databaseValue,
            Int64(key.attempt).databaseValue,
        ]
    }

    private static func values(
        _ group: Group, _ frame: GroupFrame, _ worker: WorkerID, _ at: DatabaseValue
    ) -> [DatabaseValue] {
        place(group.ordinal, group.key) + [
            integer(group.version.number), Int64(group.version.incarnation).databaseValue,
            worker.name.databaseValue, integer(worker.incarnation), at,
            group.prompt.count.databaseValue, group.completionTokenCount.databaseValue,
            frame.bytes.count.databaseValue, Data(frame.digest).databaseValue,
            frame.tokensOffset.databaseValue,
            CompletionScalars.json(group.completions).databaseValue,
            frame.completionDigests(group).databaseValue,
        ]
    }

    private static func values(_ version: PublishedVersion, _ at: DatabaseValue) -> [DatabaseValue]
    {
        [
            integer(version.version.number), Int64(version.version.incarnation).databaseValue,
            Data(version.digest.bytes).databaseValue, version.optimizerSteps.databaseValue,
            version.tokens.databaseValue, AccountingText.json(version.accounting).databaseValue,
            version.metrics.databaseValue, at,
        ]
    }
}

/// The column `accounting` of a version: `GroupAccounting` as JSON, keys sorted.
enum AccountingText {
    static func json(_ accounting: GroupAccounting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(accounting) else {
            preconditionFailure("counts are always encodable: \(accounting)")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func value(_ json: String) -> GroupAccounting? {
        try? JSONDecoder().decode(GroupAccounting.self, from: Data(json.utf8))
    }
}
