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
        if self == .composed { return Recomposition.apply(to: bytes) }
        return Array(convert(String(decoding: bytes, as: UTF8.self)).utf8)
    }

    func convert(_ text: String) -> String {
        switch self {
        // Composing alone leaves some texts as they are that it should change: a Hangul syllable
        // followed by a final consonant, and doubled U+0F73, U+0F75, U+0F81.
        case .composed:
            text.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
        case .decomposed: text.decomposedStringWithCanonicalMapping
        case .compatiblyComposed:
            text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
        case .compatiblyDecomposed: text.decomposedStringWithCompatibilityMapping
        }
    }
}

/// Form C, with Foundation asked only for the stretches that it may change: in most texts there are few.
private enum Recomposition {
    /// Stretches nearer to each other than this, in bytes, are converted together.
    private static let gap = 32

    static func apply(to bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBufferPointer { text in
            var result: [UInt8] = []
            result.reserveCapacity(text.count)
            var done = 0
            while let stretch = nextStretch(in: text, from: done) {
                result.append(contentsOf: text[done..<stretch.lowerBound])
                let part = String(decoding: text[stretch], as: UTF8.self)
                result.append(contentsOf: UnicodeForm.composed.convert(part).utf8)
                done = stretch.upperBound
            }
            guard done > 0 else { return Array(text) }
            result.append(contentsOf: text[done...])
            return result
        }
    }

    /// From the scalar before one that may change to the next that cannot: conversion of the rest does
    /// not depend on it.
    private static func nextStretch(in text: ValidUTF8, from start: Int) -> Range<Int>? {
        let table = ScalarTable.shared
        var (index, previous) = (start, start)
        var stretch: Range<Int>?
        while index < text.count {
            let (value, length) = text.scalar(at: index)
            if value >= 0x300, table.all(of: value).contains(.recomposing) {
                stretch = (stretch?.lowerBound ?? previous)..<index + length
            } else if let stretch, index - stretch.upperBound >= gap {
                return stretch
            }
            previous = index
            index += length
        }
        return stretch
    }
}
