/// The ids of pieces met before in the same text: most words of a long text occur again. Open
/// addressing over one arena each for bytes and ids; it stops taking more when it is full.
struct PieceCache {
    private struct Entry {
        var hash: UInt64 = 0
        var text: Range<Int> = 0..<0
        var ids: Range<Int> = 0..<0
    }

    private static let slots = 1 << 15
    /// Longer pieces seldom come twice.
    static let longestPiece = 48

    private var entries = [Entry](repeating: Entry(), count: slots)
    private var texts: [UInt8] = []
    private var ids: [Int32] = []
    private var count = 0

    static func hash(_ piece: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in piece { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash ^ hash >> 29
    }

    /// Appends the ids of `piece` if they are known. Returns whether they were.
    func append(_ piece: ArraySlice<UInt8>, hash: UInt64, to output: inout [Int32]) -> Bool {
        var slot = Int(truncatingIfNeeded: hash) & (Self.slots - 1)
        while !entries[slot].text.isEmpty {
            let entry = entries[slot]
            if entry.hash == hash, texts[entry.text].elementsEqual(piece) {
                output.append(contentsOf: ids[entry.ids])
                return true
            }
            slot = (slot + 1) & (Self.slots - 1)
        }
        return false
    }

    /// Remembers the ids of a piece that is not in the cache.
    mutating func insert(_ piece: ArraySlice<UInt8>, hash: UInt64, ids new: ArraySlice<Int32>) {
        guard count < Self.slots / 2 else { return }
        var slot = Int(truncatingIfNeeded: hash) & (Self.slots - 1)
        while !entries[slot].text.isEmpty { slot = (slot + 1) & (Self.slots - 1) }
        entries[slot] = Entry(
            hash: hash, text: texts.count..<texts.count + piece.count,
            ids: ids.count..<ids.count + new.count)
        texts.append(contentsOf: piece)
        ids.append(contentsOf: new)
        count += 1
    }
}
