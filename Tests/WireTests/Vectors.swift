import Foundation
import Testing

/// One entry of `protocols/vectors`.
struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    /// `worker`, `learner`, `fetcher` or `holder`.
    var from: String
    /// Hexadecimal digits.
    var frame: String
    /// What a valid frame decodes to.
    var decoded: JSONValue?
    /// The code of the error that an invalid frame gives.
    var error: String?

    var testDescription: String { "\(from): \(name)" }

    var bytes: [UInt8] {
        get throws { try #require(Self.bytes(hexadecimal: frame), "\(name): not hexadecimal") }
    }

    static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.map {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 ? $0 - 48 : $0 &- 87
        }
        guard digits.count.isMultiple(of: 2), digits.allSatisfy({ $0 < 16 }) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    static func load(_ name: String) -> [Vector] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../protocols/vectors/\(name).json")
        do {
            return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
        } catch {
            fatalError("cannot read \(file.path): \(error)")
        }
    }

    /// Both directions of a session between a learner and a worker of release 1.0.
    static let recorded = load("recorded-1.0")
    static let valid = load("rollout-valid") + load("snapshot-valid") + recorded
    static let invalid = load("rollout-invalid") + load("snapshot-invalid")
}

/// JSON with one form for every number, so that values can be compared.
enum JSONValue: Hashable, Sendable, Decodable, ExpressibleByStringLiteral {
    case null
    case bool(Bool)
    /// Whole and not negative.
    case whole(UInt64)
    /// Everything else.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(stringLiteral value: String) { self = .string(value) }

    init(_ value: some BinaryInteger) { self = .whole(UInt64(value)) }

    /// JSON lacks what is not finite; it stands there as a string.
    init(_ value: Double) {
        if value.isNaN {
            self = "NaN"
        } else if value.isInfinite {
            self = value > 0 ? "Infinity" : "-Infinity"
        } else if let whole = UInt64(exactly: value) {
            self = .whole(whole)
        } else {
            self = .number(value)
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .whole(value)
        } else if let value = try? container.decode(Double.self) {
            self = JSONValue(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    subscript(key: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members[key]
        }
        set {
            guard case .object(var members) = self else { return }
            members[key] = newValue
            self = .object(members)
        }
    }
}
