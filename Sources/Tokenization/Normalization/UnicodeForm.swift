private import Foundation

/// Unicode's four normal forms (UAX 15).
enum UnicodeForm: Sendable {
    case composed, decomposed, compatiblyComposed, compatiblyDecomposed

    /// The form of valid UTF-8.
    func apply(_ bytes: [UInt8]) -> [UInt8] {
        // Below U+0300 nothing composes, and those scalars are composed already; below U+0080 every
        // form is the text itself.
        let lowest: UInt8 = self == .composed ? 0xCC : 0x80
        guard bytes.contains(where: { $0 >= lowest }) else { return bytes }
        if self == .compatiblyComposed {
            return UnicodeForm.composed.apply(UnicodeForm.compatiblyDecomposed.apply(bytes))
        }
        return bytes.withUnsafeBufferPointer { text in
            var result: [UInt8] = []
            result.reserveCapacity(text.count)
            var done = 0
            while let stretch = nextStretch(in: text, from: done) {
                result.append(contentsOf: text[done..<stretch.lowerBound])
                let part = String(decoding: text[stretch], as: UTF8.self)
                result.append(contentsOf: convert(part).utf8)
                done = stretch.upperBound
            }
            result.append(contentsOf: text[done...])
            return result
        }
    }

    /// Stretches nearer to each other than this, in bytes, are converted together.
    private static let gap = 32

    /// The next stretch that Foundation has to convert; what is around it does not depend on it. Scalars
    /// too new for the reference are never part of one. Form C changes little in most texts: a stretch
    /// goes from the scalar before one that may change to the next that cannot.
    private func nextStretch(in text: ValidUTF8, from start: Int) -> Range<Int>? {
        let table = ScalarTable.shared
        var (index, previous) = (start, start)
        var stretch: Range<Int>?
        while index < text.count {
            let (value, length) = text.scalar(at: index)
            let classes = value < 0x300 ? [] : table.all(of: value)
            let end = index + length
            if classes.contains(.unknownToForms)
                || self == .composed && isMiscomposed(value, classes)
            {
                if let stretch { return stretch }
                previous = end
            } else if self != .composed || classes.contains(.recomposing) {
                stretch = (stretch?.lowerBound ?? previous)..<end
                previous = index
            } else if let stretch, index - stretch.upperBound >= Self.gap {
                return stretch
            } else {
                previous = index
            }
            index = end
        }
        return stretch
    }

    /// Beyond the first plane, Foundation on Linux composes by the lower 16 bits: U+10041 with U+0301
    /// would become Á. So only what really composes there is given to it.
    private func isMiscomposed(_ value: UInt32, _ classes: ScalarClasses) -> Bool {
        value >= 0x10000 && !classes.contains(.recomposing)
            && !Self.composingStarters.contains(value)
    }

    private static let composingStarters: Set<UInt32> = [
        0x11099, 0x1109B, 0x110A5, 0x11131, 0x11132, 0x11347, 0x114B9, 0x115B8, 0x115B9,
    ]

    private func convert(_ text: String) -> String {
        switch self {
        // Composing alone leaves some texts as they are that it should change: a Hangul syllable
        // followed by a final consonant, and doubled U+0F73, U+0F75, U+0F81.
        case .composed:
            text.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
        case .decomposed: text.decomposedStringWithCanonicalMapping
        case .compatiblyComposed, .compatiblyDecomposed:
            text.decomposedStringWithCompatibilityMapping
        }
    }
}
