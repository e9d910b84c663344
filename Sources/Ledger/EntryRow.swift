private import Crypto
internal import Foundation
internal import GRDB
internal import Ports

/// An entry as it stands in the file: the values of its kind's columns, and the chain up to it.
struct EntryRow {
    let number: Int64
    let kind: EntryKind
    /// In the order of `EntryKind.columns`.
    let values: [DatabaseValue]
    /// 32 bytes.
    let chain: [UInt8]

    /// The row after the position `previous`.
    init(after previous: JournalPosition, kind: EntryKind, values: [DatabaseValue]) {
        precondition(
            values.count == kind.columns.count, "a \(kind) has \(kind.columns.count) columns")
        number = previous.count + 1
        self.kind = kind
        self.values = values
        chain = Self.chain(after: previous.chain, number: number, kind: kind, values: values)
    }

    var position: JournalPosition { JournalPosition(count: number, chain: chain) }

    /// chain_n = SHA-256(chain_{n−1} ‖ number ‖ kind ‖ columns), each value with its type in front, as
    /// `protocols/3-LEDGER.md` has it.
    private static func chain(
        after previous: [UInt8], number: Int64, kind: EntryKind, values: [DatabaseValue]
    ) -> [UInt8] {
        var bytes = previous
        bytes.reserveCapacity(2_048)
        append(number.databaseValue, to: &bytes)
        append(kind.rawValue.databaseValue, to: &bytes)
        for value in values { append(value, to: &bytes) }
        return bytes.withUnsafeBytes { Array(SHA256.hash(data: $0)) }
    }

    private static func append(_ value: DatabaseValue, to bytes: inout [UInt8]) {
        switch value.storage {
        case .null: bytes.append(0)
        case .int64(let number):
            bytes.append(1)
            append(number, to: &bytes)
        case .string(let text):
            bytes.append(2)
            append(Int64(text.utf8.count), to: &bytes)
            bytes.append(contentsOf: text.utf8)
        case .blob(let data):
            bytes.append(3)
            append(Int64(data.count), to: &bytes)
            bytes.append(contentsOf: data)
        case .double(let number):
            bytes.append(4)
            append(Int64(bitPattern: number.bitPattern), to: &bytes)
        }
    }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
