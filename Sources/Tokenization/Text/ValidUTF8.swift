/// UTF-8 that is known to be valid, because it comes from a `String`. What reads it stays inside by
/// the lengths that lead bytes announce.
typealias ValidUTF8 = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer where Element == UInt8 {
    /// The bytes of a range, which must lie inside.
    @inline(__always)
    func part(_ range: Range<Int>) -> ValidUTF8 { ValidUTF8(rebasing: self[range]) }

    /// The scalar at `index` and how many bytes it takes.
    @inline(__always)
    func scalar(at index: Int) -> (value: UInt32, length: Int) {
        let first = UInt32(self[index])
        if first < 0x80 { return (first, 1) }
        let second = UInt32(self[index + 1] & 0x3F)
        if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
        let third = UInt32(self[index + 2] & 0x3F)
        if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
        let fourth = UInt32(self[index + 3] & 0x3F)
        return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
    }

    /// The scalar that ends before `index`, which must not be 0.
    func scalar(before index: Int) -> (value: UInt32, length: Int) {
        var start = index - 1
        while self[start] & 0xC0 == 0x80 { start -= 1 }
        return scalar(at: start)
    }

    /// Whether `text` stands at `index`.
    func has(_ text: [UInt8], at index: Int) -> Bool {
        guard count - index >= text.count else { return false }
        for offset in text.indices where self[index + offset] != text[offset] { return false }
        return true
    }
}

extension Array where Element == UInt8 {
    /// Appends a scalar's UTF-8.
    mutating func append(_ scalar: Unicode.Scalar) { append(contentsOf: UTF8.encode(scalar)!) }
}
