import Foundation
import GRDB

/// The tables of a ledger and the columns that enter the chain, in order, as `protocols/3-LEDGER.md` lists
/// them. Written down a second time on purpose: what verifies shares nothing with what writes.
struct LedgerTable {
    let kind: String
    let name: String
    let columns: [String]

    private static let place = ["ordinal", "pass", "prompt_index", "attempt"]

    static let all = [
        LedgerTable(kind: "start", name: "starts", columns: ["incarnation", "at"]),
        LedgerTable(
            kind: "group", name: "groups",
            columns: place + [
                "version", "version_incarnation", "worker", "worker_incarnation", "at",
                "prompt_tokens",
                "completion_tokens", "payload_bytes", "digest", "tokens_offset", "completions",
                "completion_digests",
            ]),
        LedgerTable(kind: "drop", name: "drops", columns: place + ["cause", "detail", "at"]),
        LedgerTable(kind: "batch", name: "batches", columns: ["step", "members", "at"]),
        LedgerTable(
            kind: "version", name: "versions",
            columns: [
                "version", "incarnation", "digest", "optimizer_steps", "tokens", "accounting",
                "metrics",
                "at",
            ]),
        LedgerTable(
            kind: "checkpoint", name: "checkpoints",
            columns: ["step", "position", "position_chain", "at"]),
    ]

    static func of(_ kind: String) -> LedgerTable? { all.first { $0.kind == kind } }
}

/// One entry of a ledger by column.
struct LedgerRow {
    let number: Int64
    let table: LedgerTable
    let values: Row

    /// "entry 12 (groups)"
    var place: String { "entry \(number) (\(table.name))" }

    func integer(_ column: String) throws -> Int64 {
        guard case .int64(let value) = (values[column] as DatabaseValue).storage else {
            throw impossible(column)
        }
        return value
    }

    /// A count.
    func natural(_ column: String) throws -> Int {
        guard let value = Int(exactly: try integer(column)), value >= 0 else {
            throw impossible(column)
        }
        return value
    }

    func text(_ column: String) throws -> String {
        guard case .string(let value) = (values[column] as DatabaseValue).storage else {
            throw impossible(column)
        }
        return value
    }

    func bytes(_ column: String) throws -> [UInt8] {
        guard case .blob(let value) = (values[column] as DatabaseValue).storage else {
            throw impossible(column)
        }
        return Array(value)
    }

    func json<Value: Decodable>(_ column: String, as type: Value.Type) throws -> Value {
        guard let value = try? JSONDecoder().decode(type, from: Data(try text(column).utf8)) else {
            throw impossible(column)
        }
        return value
    }

    func impossible(_ column: String) -> CommandFailure {
        violation(place, "its \(column) is not possible")
    }
}
