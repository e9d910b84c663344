/// What a setting accepts.
package enum AllowedValues: Hashable, Sendable {
    case boolean
    case integers(ClosedRange<Int64>)
    case numbers(NumberRange)
    case text
    case words([String])

    /// Integers from `least` up.
    static func atLeast(_ least: Int64) -> AllowedValues { .integers(least...Int64.max) }

    /// The value in the setting's own type (an integer becomes a number where a number is wanted),
    /// or what is wrong with it.
    func accept(_ value: SettingValue) throws(SettingFault) -> SettingValue {
        switch (self, value) {
        case (.boolean, .boolean), (.text, .text): return value
        case (.integers(let range), .integer(let number)):
            guard range.contains(number) else { throw .outOfRange }
            return value
        // A whole number written as 8.0 or 1e3 is an integer to any reader.
        case (.integers(let range), .number(let number)):
            guard let whole = Int64(exactly: number) else { throw .wrongType }
            guard range.contains(whole) else { throw .outOfRange }
            return .integer(whole)
        case (.numbers(let range), .number(let number)):
            guard range.contains(number) else { throw .outOfRange }
            return value
        case (.numbers(let range), .integer(let number)):
            guard range.contains(Double(number)) else { throw .outOfRange }
            return .number(Double(number))
        case (.words(let words), .text(let word)):
            guard words.contains(word) else { throw .outOfRange }
            return value
        case (.words(let words), .boolean(let flag)) where words.contains(String(flag)):
            return .text(String(flag))
        default: throw .wrongType
        }
    }

    /// Reads the value part of `--set key=value` or an environment variable. Quotes around a text
    /// are taken off, so that `key="x"` means the same in a file and on the command line.
    func parse(_ text: String) -> SettingValue {
        let plain = text.filter { $0 != "_" }
        switch self {
        case .boolean:
            return ["true": .boolean(true), "false": .boolean(false)][text] ?? .text(text)
        case .integers:
            if let whole = Int64(plain) { return .integer(whole) }
            return Double(plain).map(SettingValue.number) ?? .text(text)
        case .numbers: return Double(plain).map(SettingValue.number) ?? .text(text)
        case .text, .words:
            let isQuoted = text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            return .text(isQuoted ? String(text.dropFirst().dropLast()) : text)
        }
    }

    /// "a number", for "… must be".
    var typeName: String {
        switch self {
        case .boolean: "true or false"
        case .integers: "an integer"
        case .numbers: "a number"
        case .text: "a text in quotes"
        case .words(let words): Self.alternatives(words)
        }
    }

    /// "an integer of at least 2", for "… must be" and for the documentation.
    package var described: String {
        switch self {
        case .boolean, .text, .words: typeName
        case .integers(let range) where range.upperBound == .max:
            "an integer of at least \(range.lowerBound)"
        case .integers(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .numbers(let range): "a number " + range.described
        }
    }

    private static func alternatives(_ words: [String]) -> String {
        let quoted = words.map { ["true", "false"].contains($0) ? $0 : quotedString($0) }
        guard quoted.count > 1, let last = quoted.last else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }
}

/// Why a value was not accepted.
enum SettingFault: Error { case wrongType, outOfRange }
