/// A hash table from pairs of 32-bit numbers to two 32-bit numbers: open addressing, one multiply per
/// look-up. The standard dictionary's keyed hash costs more than the rest of a merge.
struct PairTable: Sendable {
    private static let empty = UInt64.max
    private var keys: [UInt64]
    private var values: [(UInt32, UInt32)]
    private var mask: Int
    private(set) var count = 0

    init(expecting entries: Int) {
        var capacity = 16
        while capacity < entries * 2 { capacity *= 2 }
        keys = Array(repeating: Self.empty, count: capacity)
        values = Array(repeating: (0, 0), count: capacity)
        mask = capacity - 1
    }

    /// Neither half of a key may be `UInt32.max`.
    subscript(_ left: UInt32, _ right: UInt32) -> (UInt32, UInt32)? {
        let key = UInt64(left) << 32 | UInt64(right)
        let slot = slot(of: key)
        return keys[slot] == key ? values[slot] : nil
    }

    /// Puts the value in; it replaces an earlier one.
    mutating func insert(_ left: UInt32, _ right: UInt32, _ value: (UInt32, UInt32)) {
        if (count + 1) * 2 > keys.count { grow() }
        let key = UInt64(left) << 32 | UInt64(right)
        let slot = slot(of: key)
        if keys[slot] == Self.empty { count += 1 }
        keys[slot] = key
        values[slot] = value
    }

    private func slot(of key: UInt64) -> Int {
        let mixed = (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
        var slot = Int(truncatingIfNeeded: mixed >> 20) & mask
        while keys[slot] != key && keys[slot] != Self.empty { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        var larger = PairTable(expecting: keys.count)
        for (key, value) in zip(keys, values) where key != Self.empty {
            larger.insert(UInt32(key >> 32), UInt32(truncatingIfNeeded: key), value)
        }
        self = larger
    }
}
