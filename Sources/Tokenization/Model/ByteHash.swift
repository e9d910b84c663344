/// A quick hash of byte strings, eight bytes at a time.
enum ByteHash {
    /// Different in every process, so that no file can be made whose texts all fall into one place.
    private static let seed = UInt64.random(in: .min ... .max)

    static func of(_ bytes: ValidUTF8) -> UInt64 { of(bytes, seed: seed) }

    @inline(__always)
    static func of(_ bytes: ValidUTF8, seed: UInt64) -> UInt64 {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return mixed(seed) }
        var hash = seed ^ UInt64(bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            hash = mixed(hash ^ base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var tail: UInt64 = 0
        while index < bytes.count {
            tail = tail << 8 | UInt64(bytes[index])
            index += 1
        }
        return mixed(hash ^ tail)
    }

    @inline(__always)
    private static func mixed(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
