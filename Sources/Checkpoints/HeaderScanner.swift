/// Reads the JSON of a safetensors header from left to right. Foundation's parser forgets the order of
/// keys and accepts duplicates, both of which matter here.
struct HeaderScanner {
    private let bytes: [UInt8]
    private(set) var offset = 0

    /// Throws `SafetensorsError.notUTF8`.
    init(_ bytes: [UInt8]) throws(SafetensorsError) {
        self.bytes = bytes
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .notUTF8(offset: Self.validPrefixLength(bytes))
        }
    }

    var isAtEnd: Bool { offset == bytes.count }

    func failure(_ expected: String) -> SafetensorsError {
        .malformedHeader(offset: offset, expected: expected)
    }

    mutating func skipSpace() {
        while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    }

    /// Takes `character` if it is next, after white space.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(SafetensorsError) {
        guard take(character) else { throw failure("'\(character)'") }
    }

    /// `{"key": …, …}`; `value` reads what follows each colon.
    mutating func object(
        _ value: (inout HeaderScanner, String) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try value(&self, key)
        } while take(",")
        try expect("}")
    }

    /// `[1, 2, …]`.
    mutating func integers() throws(SafetensorsError) -> [Int] {
        try expect("[")
        var result: [Int] = []
        if take("]") { return result }
        repeat { result.append(try integer()) } while take(",")
        try expect("]")
        return result
    }

    /// A number without sign, fraction, exponent or leading zero, that fits `Int`.
    mutating func integer() throws(SafetensorsError) -> Int {
        skipSpace()
        let start = offset
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
        let digits = bytes[start..<offset]
        guard digits.first != 0x30 || digits.count == 1,
            let value = Int(String(decoding: digits, as: UTF8.self))
        else {
            offset = start
            throw failure("an integer from 0 to \(Int.max)")
        }
        return value
    }

    private static func validPrefixLength(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var length = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            length += UTF8.width(scalar)
        }
        return length
    }
}

extension HeaderScanner {
    /// A string with JSON's escapes.
    mutating func string() throws(SafetensorsError) -> String {
        try expect("\"")
        var units: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"):
                offset += 1
                units.append(contentsOf: Array(String(try escape()).utf8))
            case ..<0x20:
                throw failure("no control character in a string")
            default:
                units.append(byte)
                offset += 1
            }
        }
        throw failure("'\"'")
    }

    private mutating func escape() throws(SafetensorsError) -> Character {
        guard offset < bytes.count else { throw failure("an escape") }
        let plain: [UInt8: Character] = [
            0x22: "\"", 0x5C: "\\", 0x2F: "/", 0x62: "\u{8}", 0x66: "\u{C}", 0x6E: "\n", 0x72: "\r",
            0x74: "\t",
        ]
        if let character = plain[bytes[offset]] {
            offset += 1
            return character
        }
        guard bytes[offset] == UInt8(ascii: "u") else { throw failure("an escape") }
        offset += 1
        return try unicodeEscape()
    }

    /// After `\u`: four digits, or a pair of surrogates.
    private mutating func unicodeEscape() throws(SafetensorsError) -> Character {
        let first = try hexadecimalUnit()
        var code = UInt32(first)
        if (0xD800..<0xDC00).contains(first) {
            guard offset + 1 < bytes.count, bytes[offset] == 0x5C, bytes[offset + 1] == 0x75 else {
                throw failure("the second half of a surrogate pair")
            }
            offset += 2
            let second = try hexadecimalUnit()
            guard (0xDC00..<0xE000).contains(second) else {
                throw failure("the second half of a surrogate pair")
            }
            code = 0x10000 + (code - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure("a Unicode scalar") }
        return Character(scalar)
    }

    private mutating func hexadecimalUnit() throws(SafetensorsError) -> UInt16 {
        let end = offset + 4
        guard end <= bytes.count,
            bytes[offset..<end].allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
            let value = UInt16(String(decoding: bytes[offset..<end], as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits") }
        offset = end
        return value
    }
}
