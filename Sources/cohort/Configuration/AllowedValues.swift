internal import Tokenization

/// What a setting accepts.
package enum AllowedValues: Hashable, Sendable {
    case boolean
    case integers(ClosedRange<Int64>)
    case numbers(NumberRange)
    case text
    case words([String])
    /// A list of names: letters, digits, `_`, `-` and `.`.
    case names
    /// A list of texts.
    case texts
    /// A list of numbers.
    case numberList(NumberRange)
    /// What the other accepts, or the text "none".
    indirect case orNone(AllowedValues)

    /// Integers from `least` up.
    static func atLeast(_ least: Int64) -> AllowedValues { .integers(least...Int64.max) }

    /// The value in the setting's own type (an integer becomes a number where a number is wanted),
    /// or what is wrong with it.
    func accept(_ value: SettingValue) throws(SettingFault) -> SettingValue {
        switch (self, value) {
        case (.orNone(let other), _): return value == .text("none") ? value : try other.accept(value)
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
        case (.names, .text), (.texts, .text), (.numberList, .number), (.numberList, .integer):
            return try acceptItem(value)
        case (.names, .list(let items)), (.texts, .list(let items)), (.numberList, .list(let items)):
            var accepted: [SettingValue] = []
            for item in items { accepted.append(try acceptItem(item)) }
            return .list(accepted)
        default: throw .wrongType
        }
    }

    private func acceptItem(_ value: SettingValue) throws(SettingFault) -> SettingValue {
        switch (self, value) {
        case (.names, .text(let name)):
            guard Self.isName(name) else { throw .outOfRange }
            return value
        case (.texts, .text): return value
        case (.numberList(let range), _): return try AllowedValues.numbers(range).accept(value)
        default: throw .wrongType
        }
    }

    private static func isName(_ text: String) -> Bool {
        let signs = Set("_-.".utf8)
        return 1...64 ~= text.utf8.count
            && text.utf8.allSatisfy { byte in
                signs.contains(byte) || (0x30...0x39).contains(byte)
                    || (0x61...0x7A).contains(byte | 0x20)
            }
    }

    /// Reads the value part of `--set key=value` or an environment variable. Quotes around a text
    /// are taken off, so that `key="x"` means the same in a file and on the command line.
    func parse(_ text: String) -> SettingValue {
        let plain = text.filter { $0 != "_" }
        switch self {
        case .orNone(let other): return Self.unquoted(text) == "none" ? .text("none") : other.parse(text)
        case .boolean:
            return ["true": .boolean(true), "false": .boolean(false)][text] ?? .text(text)
        case .integers:
            if let whole = Int64(plain) { return .integer(whole) }
            return Double(plain).map(SettingValue.number) ?? .text(text)
        case .numbers: return Double(plain).map(SettingValue.number) ?? .text(text)
        case .text, .words:
            return .text(Self.unquoted(text))
        case .names, .texts, .numberList: return parseList(text)
        }
    }

    private static func unquoted(_ text: String) -> String {
        let isQuoted = text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
        return isQuoted ? String(text.dropFirst().dropLast()) : text
    }

    /// A JSON array, or items with commas between them; texts, which may hold commas, one by one only.
    private func parseList(_ text: String) -> SettingValue {
        if text.hasPrefix("["), let value = try? JSONParser.parse(Array(text.utf8)),
            let items = value.array
        {
            return .list(items.map(SettingValue.init(_:)))
        }
        if text.isEmpty { return .list([]) }
        let items = self == .texts ? [Substring(text)] : text.split(separator: ",")
        let values = items.map { item -> SettingValue in
            let word = Self.unquoted(item.trimmingPrefix(" ").description)
            guard case .numberList(let range) = self else { return .text(word) }
            return AllowedValues.numbers(range).parse(word)
        }
        return values.count == 1 ? values[0] : .list(values)
    }

    /// "a number", for "… must be".
    var typeName: String {
        switch self {
        case .boolean: "true or false"
        case .integers: "an integer"
        case .numbers: "a number"
        case .text: "a text in quotes"
        case .words(let words): Self.alternatives(words)
        case .orNone(let other): other.typeName + " or \"none\""
        case .names: "a name or a list of names"
        case .texts: "a text in quotes or a list of them"
        case .numberList: "a number or a list of numbers"
        }
    }

    /// A value for messages, where there is no default to show.
    var sample: SettingValue {
        switch self {
        case .boolean: .boolean(true)
        case .integers(let range): .integer(range.upperBound)
        // DAPO's upper clip bound is what people write there.
        case .numbers: .number(0.28)
        case .text, .words: .text("…")
        case .orNone(let other): other.sample
        case .names, .texts: .list([.text("…"), .text("…")])
        case .numberList: .list([.number(1), .number(0.5)])
        }
    }

    /// "an integer of at least 2", for "… must be" and for the documentation.
    package var described: String {
        switch self {
        case .boolean, .text, .words, .texts, .numberList: typeName
        case .orNone(let other): other.described + ", or \"none\""
        case .names: typeName + " of letters, digits, _, - and ."
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

extension SettingValue {
    /// An item of a list on the command line.
    init(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .number(let literal):
            self = Int64(literal).map(SettingValue.integer)
                ?? Double(literal).map(SettingValue.number) ?? .unsupported("a number")
        case .bool(let flag): self = .boolean(flag)
        case .null, .array, .object: self = .unsupported(value.kind)
        }
    }
}
