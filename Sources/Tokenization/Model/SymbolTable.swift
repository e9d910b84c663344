/// The tokens that a piece starts as, before anything is merged.
struct SymbolTable: Sendable {
    /// At byte level: the token of each byte, -1 where the vocabulary lacks it.
    let ofByte: [Int32]
    /// `<0x00>` to `<0xFF>`, where the model falls back to them; -1 where the vocabulary lacks one.
    let fallback: [Int32]?
    /// Otherwise: (scalar, 0) → (token, 0).
    private var scalars: PairTable

    init(_ vocabulary: TokenTable, isByteLevel: Bool, fallsBackToBytes: Bool) {
        ofByte = isByteLevel ? ByteAlphabet.scalars.map { vocabulary[String($0)] ?? -1 } : []
        fallback =
            fallsBackToBytes
            ? (0...255).map { vocabulary[ByteFallback.name(of: $0)] ?? -1 } : nil
        var scalars = PairTable(expecting: 0)
        vocabulary.forEach { text, id in
            let text = String(decoding: text, as: UTF8.self).unicodeScalars
            guard let first = text.first, text.index(after: text.startIndex) == text.endIndex else {
                return
            }
            scalars.insert(first.value, 0, (UInt32(id), 0))
        }
        self.scalars = scalars
    }

    @inline(__always)
    func token(ofScalar value: UInt32) -> Int32? { scalars[value, 0].map { Int32($0.0) } }

    /// The fallback tokens of some bytes, if there is one for each.
    func fallback(for bytes: ValidUTF8) -> [Int32]? {
        guard let fallback else { return nil }
        let tokens = bytes.map { fallback[Int($0)] }
        return tokens.contains(-1) ? nil : tokens
    }
}

/// SentencePiece's tokens for single bytes.
enum ByteFallback {
    /// `<0x0A>`
    static func name(of byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
    }

    /// The byte that a token's text names. As in the reference, the digits may be small letters, and a
    /// plus sign may stand for the first one.
    static func byte(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">"),
            token[3] != UInt8(ascii: "-")
        else { return nil }
        return UInt8(String(decoding: token[3...4], as: UTF8.self), radix: 16)
    }
}
