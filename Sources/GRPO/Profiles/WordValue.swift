/// The value of a configuration word.
public enum WordValue: Hashable, Sendable {
    case number(Double)
    case text(String)
    case flag(Bool)

    /// As people type it: `true`, `0.2`, `dapo` or `"dapo"`.
    public init(parsing text: String) {
        switch text {
        case "true": self = .flag(true)
        case "false": self = .flag(false)
        default:
            if let number = Double(text) {
                self = .number(number)
            } else {
                let isQuoted = text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
                self = .text(isQuoted ? String(text.dropFirst().dropLast()) : text)
            }
        }
    }
}

extension WordValue: CustomStringConvertible {
    /// As it stands in a TOML file.
    public var description: String {
        switch self {
        case .number(let value):
            value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
        case .text(let text): "\"\(text)\""
        case .flag(let flag): "\(flag)"
        }
    }
}

extension WordValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral
{
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }
}
