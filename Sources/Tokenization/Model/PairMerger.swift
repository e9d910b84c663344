/// Merges the symbols of one piece: always the pair of lowest rank, the leftmost on ties. Short pieces
/// are searched from end to end for each merge; long ones take a linked list and a heap, O(n log n), so
/// that none is a trap. Kept between pieces for its buffers.
struct PairMerger {
    /// Up to here, looking at all pairs is faster than keeping a heap.
    private static let longestSearch = 32

    private var symbols: [Int32] = []
    private var search = PairSearch()
    private var heap = PairHeap()
    /// Characters that had no token, over all pieces.
    var dropped = 0

    mutating func reset() { symbols.removeAll(keepingCapacity: true) }

    @inline(__always)
    mutating func append(_ id: Int32) { symbols.append(id) }

    mutating func merge(by merges: PairTable) {
        guard symbols.count > 1 else { return }
        if symbols.count <= Self.longestSearch {
            search.merge(&symbols, by: merges)
        } else {
            heap.merge(&symbols, by: merges)
        }
    }

    func write(to ids: inout [Int32]) { ids.append(contentsOf: symbols) }
}

/// Merging by looking at all pairs each time.
private struct PairSearch {
    /// Rank and result of each pair of neighbours; `UInt64.max` where they do not merge.
    private var pairs: [UInt64] = []

    mutating func merge(_ symbols: inout [Int32], by merges: PairTable) {
        pairs.removeAll(keepingCapacity: true)
        for index in 1..<symbols.count {
            pairs.append(Self.pair(symbols[index - 1], symbols[index], merges))
        }
        while true {
            var best = UInt64.max
            var place = 0
            for index in pairs.indices where pairs[index] < best {
                best = pairs[index]
                place = index
            }
            guard best != .max else { return }
            symbols[place] = Int32(truncatingIfNeeded: best)
            symbols.remove(at: place + 1)
            pairs.remove(at: place)
            if place > 0 {
                pairs[place - 1] = Self.pair(symbols[place - 1], symbols[place], merges)
            }
            if place < pairs.count {
                pairs[place] = Self.pair(symbols[place], symbols[place + 1], merges)
            }
        }
    }

    @inline(__always)
    private static func pair(_ left: Int32, _ right: Int32, _ merges: PairTable) -> UInt64 {
        guard let (rank, merged) = merges[UInt32(left), UInt32(right)] else { return .max }
        return UInt64(rank) << 32 | UInt64(merged)
    }
}
