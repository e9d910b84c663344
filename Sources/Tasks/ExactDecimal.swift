/// A decimal number compared digit by digit: 1.50 = 1.5 = 01.5, and no rounding at any length.
struct ExactDecimal: Hashable, Sendable {
    private var isNegative: Bool
    /// Without leading or trailing zeros; empty for 0.
    private var digits: [UInt8]
    /// Of ten, for the last digit.
    private var exponent: Int

    /// Reads `[+-]digits[.digits][e[+-]digits]`, commas already removed; `nil` for anything else.
    init?(_ text: some StringProtocol) {
        var bytes = Array(text.utf8)[...]
        isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
        exponent = 0
        if let mark = bytes.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
            // Beyond four digits nothing sensible is meant, and sums below cannot overflow.
            guard let scale = Int(String(decoding: bytes[(mark + 1)...], as: UTF8.self)),
                abs(scale) < 10_000
            else { return nil }
            exponent = scale
            bytes = bytes[..<mark]
        }
        let point = bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
        let whole = bytes[..<point]
        let fraction = bytes[point...].dropFirst()
        digits = Array(whole + fraction)
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        exponent -= fraction.count
        normalize()
    }

    private mutating func normalize() {
        digits = Array(digits.drop { $0 == 0x30 })
        while digits.last == 0x30 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty {
            isNegative = false
            exponent = 0
        }
    }
}
