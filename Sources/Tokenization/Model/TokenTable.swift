/// Token texts → ids: open addressing over one arena, so that a look-up allocates nothing and hashes
/// fast. Texts are bytes, because Swift's strings call different spellings equal.
struct TokenTable: Sendable {
    private struct Slot {
        var hash: UInt64 = 0
        var start = 0
        /// -1: empty.
        var count: Int32 = -1
        var id: Int32 = 0
    }

    private var slots: [Slot]
    private var arena: [UInt8] = []
    private var mask: Int
    private(set) var count = 0

    init(expecting entries: Int = 8) {
        var capacity = 16
        while capacity < entries * 2 { capacity *= 2 }
        slots = Array(repeating: Slot(), count: capacity)
        mask = capacity - 1
    }

    subscript(text: ValidUTF8) -> Int32? {
        let slot = slots[index(of: text, ByteHash.of(text))]
        return slot.count < 0 ? nil : slot.id
    }

    subscript(text: [UInt8]) -> Int32? { text.withUnsafeBufferPointer { self[$0] } }

    subscript(text: String) -> Int32? {
        var text = text
        return text.withUTF8 { self[$0] }
    }

    /// Gives `text` the id and returns the one that it had.
    @discardableResult
    mutating func updateValue(_ id: Int32, forKey text: [UInt8]) -> Int32? {
        if (count + 1) * 2 > slots.count { grow() }
        return text.withUnsafeBufferPointer { bytes in
            let hash = ByteHash.of(bytes)
            let index = index(of: bytes, hash)
            if slots[index].count >= 0 {
                defer { slots[index].id = id }
                return slots[index].id
            }
            slots[index] = Slot(
                hash: hash, start: arena.count, count: Int32(bytes.count), id: id)
            arena.append(contentsOf: bytes)
            count += 1
            return nil
        }
    }

    func forEach(_ body: (ArraySlice<UInt8>, Int32) -> Void) {
        for slot in slots where slot.count >= 0 {
            body(arena[slot.start..<slot.start + Int(slot.count)], slot.id)
        }
    }

    /// Where `text` is, or the empty slot where it would go.
    private func index(of text: ValidUTF8, _ hash: UInt64) -> Int {
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].count >= 0 {
            let slot = slots[index]
            if slot.hash == hash, Int(slot.count) == text.count,
                arena[slot.start..<slot.start + text.count].elementsEqual(text)
            {
                return index
            }
            index = (index + 1) & mask
        }
        return index
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        mask = slots.count - 1
        for slot in old where slot.count >= 0 {
            var index = Int(truncatingIfNeeded: slot.hash) & mask
            while slots[index].count >= 0 { index = (index + 1) & mask }
            slots[index] = slot
        }
    }
}
