/// Values of YAML that stand without quotes, as YAML 1.1 has them, which is what Python's readers speak:
/// `no` and `off` are booleans. Numbers are read more freely: `1e-6` is text in YAML 1.1, but the systems
/// that read these files turn such texts into numbers afterwards.
enum YAMLScalar {
    static func value(_ text: String) -> ForeignValue {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": .boolean(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": .boolean(false)
        default: number(text) ?? .text(text)
        }
    }

    /// `nil`: no number. Base 60 (`1:30`) is not read.
    static func number(_ text: String) -> ForeignValue? {
        let isNegative = text.hasPrefix("-")
        let unsigned = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let first = unsigned.utf8.first, first == UInt8(ascii: ".") || isDigit(first) else {
            return nil
        }
        let plain = unsigned.filter { $0 != "_" }.lowercased()
        if let whole = magnitude(plain) { return .integer(isNegative ? -whole : whole) }
        guard plain != ".inf" else { return .number(isNegative ? -.infinity : .infinity) }
        let isDecimal = plain.utf8.allSatisfy { isDigit($0) || ".e+-".utf8.contains($0) }
        guard isDecimal, let number = Double(plain) else { return nil }
        return .number(isNegative ? -number : number)
    }

    /// Hexadecimal, binary, octal (a leading 0) or decimal.
    private static func magnitude(_ text: String) -> Int64? {
        if text.hasPrefix("0x") { return digits(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0b") { return digits(text.dropFirst(2), radix: 2) }
        if text.hasPrefix("0"), text.count > 1 { return digits(text.dropFirst(), radix: 8) }
        return digits(text[...], radix: 10)
    }

    private static func digits(_ text: Substring, radix: Int) -> Int64? {
        guard let first = text.first, first != "-", first != "+" else { return nil }
        return Int64(text, radix: radix)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
