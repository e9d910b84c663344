/// Merging with the pairs in a heap and the symbols in a linked list.
struct PairHeap {
    private struct Symbol {
        /// -1 once merged into its left neighbour.
        var id: Int32
        var previous: Int
        var next: Int
    }

    private struct Candidate {
        /// Rank, then position: what comes first is the smallest.
        let order: UInt64
        let merged: Int32
        let left: Int32
        let right: Int32

        var position: Int { Int(order & 0xFFFF_FFFF) }
    }

    private var symbols: [Symbol] = []
    private var heap: [Candidate] = []

    /// Merges all of `ids`, of which there are fewer than 2³².
    mutating func merge(_ ids: inout [Int32], by merges: PairTable) {
        symbols.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
        for (index, id) in ids.enumerated() {
            symbols.append(Symbol(id: id, previous: index - 1, next: index + 1))
        }
        for left in 0..<symbols.count - 1 { offer(left, merges) }
        while let best = pop() { apply(best, merges) }
        ids.removeAll(keepingCapacity: true)
        for symbol in symbols where symbol.id >= 0 { ids.append(symbol.id) }
    }

    private mutating func apply(_ best: Candidate, _ merges: PairTable) {
        let left = best.position
        let right = symbols[left].next
        // The neighbours may have been merged since this pair was offered.
        guard symbols[left].id == best.left, right < symbols.count, symbols[right].id == best.right
        else { return }
        symbols[left].id = best.merged
        symbols[right].id = -1
        symbols[left].next = symbols[right].next
        if symbols[left].next < symbols.count { symbols[symbols[left].next].previous = left }
        if symbols[left].previous >= 0 { offer(symbols[left].previous, merges) }
        offer(left, merges)
    }

    /// Puts the pair that starts at `left` on the heap, if it is one that merges.
    private mutating func offer(_ left: Int, _ merges: PairTable) {
        let right = symbols[left].next
        guard right < symbols.count else { return }
        let pair = (symbols[left].id, symbols[right].id)
        guard let (rank, merged) = merges[UInt32(pair.0), UInt32(pair.1)] else { return }
        push(
            Candidate(
                order: UInt64(rank) << 32 | UInt64(left), merged: Int32(merged), left: pair.0,
                right: pair.1))
    }

    private mutating func push(_ candidate: Candidate) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].order < heap[parent].order else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func pop() -> Candidate? {
        guard let best = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return best }
        heap[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return best }
            if child + 1 < heap.count, heap[child + 1].order < heap[child].order { child += 1 }
            guard heap[child].order < heap[parent].order else { return best }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
