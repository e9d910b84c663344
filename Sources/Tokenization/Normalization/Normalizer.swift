/// What happens to text before it is cut into pieces, step by step.
struct Normalizer: Sendable {
    enum Step: Sendable {
        case unicode(UnicodeForm)
        /// Before every text that is not empty.
        case prepended([UInt8])
        case replaced(TextPattern, [UInt8])
        case lowercased
        /// White space at the ends.
        case stripped(left: Bool, right: Bool)
        /// Without combining marks.
        case unaccented
    }

    let steps: [Step]

    var isIdentity: Bool { steps.isEmpty }

    /// Whether the first scalar of a text can get lost.
    var removesText: Bool {
        steps.contains { step in
            switch step {
            case .stripped, .unaccented: true
            case .replaced(_, let content): content.isEmpty
            case .unicode, .prepended, .lowercased: false
            }
        }
    }

    /// The normalised form of valid UTF-8.
    func apply(_ bytes: [UInt8]) -> [UInt8] { steps.reduce(bytes) { $1.apply($0) } }
}

extension Normalizer.Step {
    func apply(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .unicode(let form): form.apply(bytes)
        case .prepended(let text): bytes.isEmpty ? bytes : text + bytes
        case .replaced(let pattern, let content): pattern.replacing(in: bytes, with: content)
        case .lowercased: Self.lowercased(bytes)
        case .stripped(let left, let right): Self.stripped(bytes, left, right)
        case .unaccented: Self.unaccented(bytes)
        }
    }

    /// Scalar by scalar: what stands around a sigma makes no difference.
    private static func lowercased(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.allSatisfy({ $0 < 0x80 }) {
            return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            result.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
        }
        return result
    }

    private static func stripped(_ bytes: [UInt8], _ left: Bool, _ right: Bool) -> [UInt8] {
        bytes.withUnsafeBufferPointer { text in
            var (start, end) = (0, text.count)
            while left, start < end {
                let (value, length) = text.scalar(at: start)
                guard ScalarTable.shared.all(of: value).contains(.space) else { break }
                start += length
            }
            while right, end > start {
                let (value, length) = text.scalar(before: end)
                guard ScalarTable.shared.all(of: value).contains(.space) else { break }
                end -= length
            }
            return Array(text[start..<end])
        }
    }

    private static func unaccented(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars
        where !ScalarTable.shared.all(of: scalar.value).contains(.mark) {
            result.append(scalar)
        }
        return result
    }
}
