/// The ids of pieces met before in the same text: most words of a long text occur again. Open
/// addressing over one arena each for bytes and ids; it stops taking more when it is full.
struct PieceCache {
    private struct Entry {
        var hash: UInt64 = 0
        var textStart: UInt32 = 0
        var idsStart: UInt32 = 0
        /// 0: empty.
        var textCount: UInt16 = 0
        var idsCount: UInt16 = 0
    }

    private static let slots = 1 << 15
    /// Longer pieces seldom come twice.
    static let longestPiece = 48

    private var entries = [Entry](repeating: Entry(), count: slots)
    private var texts: [UInt8] = []
    private var ids: [Int32] = []
    private var count = 0

    /// Appends the ids of `piece` if they are known. Returns whether they were.
    func append(_ piece: ValidUTF8, hash: UInt64, to output: inout [Int32]) -> Bool {
        var slot = Int(truncatingIfNeeded: hash) & (Self.slots - 1)
        while entries[slot].textCount > 0 {
            let entry = entries[slot]
            if entry.hash == hash, has(piece, entry) {
                let start = Int(entry.idsStart)
                for index in start..<start + Int(entry.idsCount) { output.append(ids[index]) }
                return true
            }
            slot = (slot + 1) & (Self.slots - 1)
        }
        return false
    }

    @inline(__always)
    private func has(_ piece: ValidUTF8, _ entry: Entry) -> Bool {
        guard Int(entry.textCount) == piece.count else { return false }
        let start = Int(entry.textStart)
        return texts.withUnsafeBufferPointer { texts in
            for index in 0..<piece.count where texts[start + index] != piece[index] { return false }
            return true
        }
    }

    /// Remembers the ids of a piece that is not in the cache; it is not empty and at most `longestPiece`
    /// bytes long.
    mutating func insert(_ piece: ValidUTF8, hash: UInt64, ids new: ArraySlice<Int32>) {
        guard count < Self.slots / 2 else { return }
        var slot = Int(truncatingIfNeeded: hash) & (Self.slots - 1)
        while entries[slot].textCount > 0 { slot = (slot + 1) & (Self.slots - 1) }
        entries[slot] = Entry(
            hash: hash, textStart: UInt32(texts.count), idsStart: UInt32(ids.count),
            textCount: UInt16(piece.count), idsCount: UInt16(new.count))
        texts.append(contentsOf: piece)
        ids.append(contentsOf: new)
        count += 1
    }
}
