/// The values of TOML that stand without quotes and brackets, as its grammar (toml.abnf 1.0) has
/// them.
struct TOMLScalar {
    /// What has not been read yet.
    private var rest: ArraySlice<UInt8>

    /// The parser looks back at most 63 characters.
    private static let lengthMax = 60

    static func isWellFormed(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count <= lengthMax else { return false }
        let forms: [(inout TOMLScalar) -> Bool] = [
            { $0.word() }, { $0.decimal() }, { $0.prefixed() }, { $0.time() }, { $0.date() },
        ]
        return forms.contains { form in
            var scalar = TOMLScalar(rest: bytes[...])
            return form(&scalar) && scalar.rest.isEmpty
        }
    }

    private mutating func word() -> Bool {
        if take("true") || take("false") { return true }
        _ = take("+") || take("-")
        return take("inf") || take("nan")
    }

    /// An integer or a number with a fraction, an exponent or both.
    private mutating func decimal() -> Bool {
        _ = take("+") || take("-")
        guard take("0") || digits(Self.isDecimal) else { return false }
        if take("."), !digits(Self.isDecimal) { return false }
        guard take("e") || take("E") else { return true }
        _ = take("+") || take("-")
        return digits(Self.isDecimal)
    }

    private mutating func prefixed() -> Bool {
        if take("0x") { return digits { Character(Unicode.Scalar($0)).isHexDigit } }
        if take("0o") { return digits { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) } }
        return take("0b") && digits { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }
    }

    /// `07:32:00.5`
    private mutating func time() -> Bool {
        guard fixed("dd:dd:dd") else { return false }
        return !take(".") || digits(Self.isDecimal, separated: false)
    }

    /// A date, possibly with a time and an offset.
    private mutating func date() -> Bool {
        guard fixed("dddd-dd-dd") else { return false }
        if rest.isEmpty { return true }
        guard take("T") || take("t") || take(" "), time() else { return false }
        if rest.isEmpty || take("Z") || take("z") { return true }
        return (take("+") || take("-")) && fixed("dd:dd")
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    /// One digit or more, with single underscores between them if they may be `separated`.
    private mutating func digits(_ isDigit: (UInt8) -> Bool, separated: Bool = true) -> Bool {
        guard let first = rest.first, isDigit(first) else { return false }
        rest = rest.dropFirst()
        while let next = rest.first {
            let isUnderscore = separated && next == UInt8(ascii: "_")
            if isUnderscore, let after = rest.dropFirst().first, isDigit(after) {
                rest = rest.dropFirst(2)
            } else if isDigit(next) {
                rest = rest.dropFirst()
            } else {
                return true
            }
        }
        return true
    }

    /// As many characters as `pattern` has, where "d" stands for a digit.
    private mutating func fixed(_ pattern: String) -> Bool {
        let wanted = Array(pattern.utf8)
        let isMatch =
            rest.count >= wanted.count
            && zip(wanted, rest).allSatisfy { kind, byte in
                kind == UInt8(ascii: "d") ? Self.isDecimal(byte) : kind == byte
            }
        if isMatch { rest = rest.dropFirst(wanted.count) }
        return isMatch
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
