/// One step of a decoder at work. Behind `fuse` there is one text only, which comes in parts; a step that
/// cannot work on parts waits for all of them.
struct DecodingStage {
    private let step: TokenDecoder.Step
    private let isFused: Bool
    /// Bytes of a run of `<0xXX>` tokens, or all parts so far.
    private var held: [UInt8] = []
    private var isFirst = true
    private var strip = StripState()

    init(_ step: TokenDecoder.Step, isFused: Bool) {
        self.step = step
        self.isFused = isFused
    }

    private var waits: Bool {
        guard isFused else { return false }
        switch step {
        case .byteLevel, .byteFallback: return true
        case .replace(let pattern, _): return !pattern.isOneScalar
        case .fuse, .metaspace, .strip: return false
        }
    }

    mutating func push(_ text: [UInt8]) -> [[UInt8]] {
        if waits {
            held += text
            return []
        }
        defer { if !isFused { isFirst = false } }
        switch step {
        case .byteFallback: return fallBack(text)
        case .strip(let content, let start, let stop) where isFused:
            return [strip.push(text, content, start, stop)]
        default: return [whole(text)]
        }
    }

    mutating func finish() -> [[UInt8]] {
        switch step {
        case .byteFallback where !waits: return flush()
        case .strip(_, _, let stop) where isFused: return [strip.finish(stop)]
        default: return waits && !held.isEmpty ? [whole(held)] : []
        }
    }

    /// The step's answer for one text.
    private func whole(_ text: [UInt8]) -> [UInt8] {
        switch step {
        case .fuse: return text
        // A token with other characters, such as an added one, stands for itself.
        case .byteLevel: return ByteAlphabet.decode(text) ?? text
        case .byteFallback: return ByteFallback.byte(text).map { ByteFallback.text([$0]) } ?? text
        case .replace(let pattern, let content): return pattern.replacing(in: text, with: content)
        case .metaspace(let mark, let dropsFirst):
            let space: [UInt8] = isFirst && dropsFirst ? [] : [UInt8(ascii: " ")]
            return TextPattern.literal(mark).replacing(in: text, with: space)
        case .strip(let content, let start, let stop):
            var strip = StripState()
            return strip.push(text, content, start, stop) + strip.finish(stop)
        }
    }

    private mutating func fallBack(_ text: [UInt8]) -> [[UInt8]] {
        if let byte = ByteFallback.byte(text) {
            held.append(byte)
            return []
        }
        return flush() + [text]
    }

    private mutating func flush() -> [[UInt8]] {
        guard !held.isEmpty else { return [] }
        defer { held.removeAll(keepingCapacity: true) }
        return [ByteFallback.text(held)]
    }
}

extension ByteFallback {
    /// The text of a run of byte tokens: where it is not UTF-8 as a whole, every byte is U+FFFD.
    static func text(_ bytes: [UInt8]) -> [UInt8] {
        if String(validating: bytes, as: UTF8.self) != nil { return bytes }
        return Array(repeatElement("\u{FFFD}".utf8, count: bytes.count).joined())
    }
}
