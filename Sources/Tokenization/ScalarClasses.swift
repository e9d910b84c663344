/// The character classes that the pre-tokenizers' patterns speak of.
struct ScalarClasses: OptionSet, Sendable {
    let rawValue: UInt8

    /// `\p{L}`
    static let letter = ScalarClasses(rawValue: 1)
    /// `\p{N}`
    static let number = ScalarClasses(rawValue: 2)
    /// `\s`
    static let space = ScalarClasses(rawValue: 4)
    /// `[\r\n]`, which is also `space`
    static let newline = ScalarClasses(rawValue: 8)

    /// Classes of the basic multilingual plane, looked up once: properties are a search each.
    private static let plane: [ScalarClasses] = (0..<0x10000 as Range<UInt32>).map { value in
        Unicode.Scalar(value).map(compute) ?? []
    }

    static func of(_ value: UInt32) -> ScalarClasses {
        if value < 0x10000 { return plane[Int(value)] }
        return Unicode.Scalar(value).map(compute) ?? []
    }

    private static func compute(_ scalar: Unicode.Scalar) -> ScalarClasses {
        if scalar == "\r" || scalar == "\n" { return [.space, .newline] }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            return .letter
        case .decimalNumber, .letterNumber, .otherNumber:
            return .number
        default:
            return scalar.properties.isWhitespace ? .space : []
        }
    }
}

/// Walking through UTF-8 that is known to be valid.
enum ValidUTF8 {
    /// The scalar at `index` and how many bytes it takes.
    @inline(__always)
    static func scalar(in bytes: [UInt8], at index: Int) -> (value: UInt32, length: Int) {
        let first = UInt32(bytes[index])
        if first < 0x80 { return (first, 1) }
        let second = UInt32(bytes[index + 1] & 0x3F)
        if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
        let third = UInt32(bytes[index + 2] & 0x3F)
        if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
        let fourth = UInt32(bytes[index + 3] & 0x3F)
        return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
    }

    /// The scalar that ends before `index`.
    static func scalar(in bytes: [UInt8], before index: Int) -> (value: UInt32, length: Int) {
        var start = index - 1
        while bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return scalar(in: bytes, at: start)
    }
}
