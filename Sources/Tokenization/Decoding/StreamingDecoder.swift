/// Decodes ids one by one, as a model samples them. Text comes out only in whole characters: what ends
/// in the middle of one is held back until the rest comes.
///
/// The texts that `append` and `finish` gave, put together, are what `Tokenizer.decode` gives for all
/// ids.
package struct StreamingDecoder {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    private var stream: DecodingStream
    /// The beginning of a character.
    private var incomplete: [UInt8] = []

    package init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skipSpecialTokens
        stream = DecodingStream(tokenizer.decoder)
    }

    /// The text that is certain now that `id` has come; often empty. An id outside the vocabulary is
    /// left out.
    package mutating func append(_ id: Int32) -> String {
        guard let text = tokenizer.decodedText(id, skipSpecialTokens: skipsSpecialTokens) else {
            return ""
        }
        stream.append(Array(text.utf8))
        return take(stream.takeOutput(), isLast: false)
    }

    /// The text that was held back. Afterwards the decoder is used up.
    package mutating func finish() -> String {
        stream.finish()
        return take(stream.takeOutput(), isLast: true)
    }

    private mutating func take(_ bytes: [UInt8], isLast: Bool) -> String {
        let all = incomplete + bytes
        let end = isLast ? all.count : all.count - incompleteCharacterCount(all)
        incomplete = Array(all[end...])
        return String(decoding: all[..<end], as: UTF8.self)
    }
}

/// How many bytes at the end are the beginning of a character that could still become whole.
private func incompleteCharacterCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
        let lead = bytes[bytes.count - count]
        if lead & 0xC0 == 0x80 { continue }
        let second = count > 1 ? bytes[bytes.count - count + 1] : nil
        return canGrow(lead, second, count) ? count : 0
    }
    return 0
}

/// Whether `count` bytes that start with these, the others being continuation bytes, begin a longer
/// character (table 3-7 of the Unicode standard).
private func canGrow(_ lead: UInt8, _ second: UInt8?, _ count: Int) -> Bool {
    let length: Int
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF: length = 3
    case 0xF0...0xF4: length = 4
    default: return false
    }
    guard count < length else { return false }
    guard let second else { return true }
    switch lead {
    case 0xE0: return second >= 0xA0
    case 0xED: return second < 0xA0
    case 0xF0: return second >= 0x90
    case 0xF4: return second < 0x90
    default: return true
    }
}
