/// A value of another system's configuration file.
package indirect enum ForeignValue: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: ForeignValue

        package init(_ name: String, _ value: ForeignValue) {
            self.name = name
            self.value = value
        }
    }

    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([ForeignValue])
    /// In the order of the file.
    case table([Field])

    /// On one line, for the report.
    package var literal: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): value.description
        case .text(let value): quotedString(value)
        case .list(let values): "[" + values.map(\.literal).joined(separator: ", ") + "]"
        case .table(let fields):
            "{" + fields.map { "\($0.name): \($0.value.literal)" }.joined(separator: ", ") + "}"
        }
    }

    var isCollection: Bool {
        switch self {
        case .list, .table: true
        default: false
        }
    }
}

extension ForeignValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(arrayLiteral elements: ForeignValue...) { self = .list(elements) }
}
