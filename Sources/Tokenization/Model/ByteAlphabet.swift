/// GPT-2's printable stand-ins for the 256 bytes: `!`–`~`, `¡`–`¬` and `®`–`ÿ` stand for themselves,
/// the other 68 bytes in order for U+0100 and up (`bytes_to_unicode` in GPT-2's `encoder.py`).
enum ByteAlphabet {
    /// The scalar that stands for each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            let value = UInt32(byte)
            if isPrintable(value) { return Unicode.Scalar(UInt8(byte)) }
            defer { next += 1 }
            return Unicode.Scalar(next)!
        }
    }()

    private static func isPrintable(_ value: UInt32) -> Bool {
        (0x21...0x7E).contains(value) || (0xA1...0xAC).contains(value)
            || (0xAE...0xFF).contains(value)
    }

    /// The byte that each scalar up to the last stand-in stands for, -1 for none.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = Int16(byte) }
        return bytes
    }()

    /// The bytes that a token's text (UTF-8) stands for, `nil` where a scalar stands for none.
    static func decode(_ token: some Sequence<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in String(decoding: Array(token), as: UTF8.self).unicodeScalars {
            guard scalar.value < bytes.count, bytes[Int(scalar.value)] >= 0 else { return nil }
            result.append(UInt8(bytes[Int(scalar.value)]))
        }
        return result
    }

    /// The token text that stands for `bytes`.
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes { text.unicodeScalars.append(scalars[Int(byte)]) }
        return text
    }
}
