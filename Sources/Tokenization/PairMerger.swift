/// Merges the symbols of one piece: always the pair of lowest rank, the leftmost on ties. A linked list
/// and a heap make it O(n log n), so a long piece is no trap. Kept between pieces for its buffers.
struct PairMerger {
    private struct Symbol {
        /// -1 once merged into its left neighbour.
        var id: Int32
        var previous: Int
        var next: Int
    }

    private struct Candidate {
        let rank: UInt32
        let merged: Int32
        let left: Int32
        let right: Int32
        let position: Int

        func comesBefore(_ other: Candidate) -> Bool {
            rank != other.rank ? rank < other.rank : position < other.position
        }
    }

    private var symbols: [Symbol] = []
    private var heap: [Candidate] = []
    /// Characters that had no token, over all pieces.
    var dropped = 0

    mutating func reset() {
        symbols.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
    }

    mutating func append(_ id: Int32) {
        let index = symbols.count
        symbols.append(Symbol(id: id, previous: index - 1, next: index + 1))
    }

    func write(to ids: inout [Int32]) {
        for symbol in symbols where symbol.id >= 0 { ids.append(symbol.id) }
    }

    mutating func merge(by merges: PairTable) {
        guard symbols.count > 1 else { return }
        for left in 0..<symbols.count - 1 { offer(left, merges) }
        while let best = pop() {
            let left = best.position
            let right = symbols[left].next
            // The neighbours may have been merged since this pair was offered.
            guard symbols[left].id == best.left, right < symbols.count,
                symbols[right].id == best.right
            else { continue }
            symbols[left].id = best.merged
            symbols[right].id = -1
            symbols[left].next = symbols[right].next
            if symbols[left].next < symbols.count { symbols[symbols[left].next].previous = left }
            if symbols[left].previous >= 0 { offer(symbols[left].previous, merges) }
            offer(left, merges)
        }
    }

    /// Puts the pair that starts at `left` on the heap, if it is one that merges.
    private mutating func offer(_ left: Int, _ merges: PairTable) {
        let right = symbols[left].next
        guard right < symbols.count else { return }
        let pair = (symbols[left].id, symbols[right].id)
        guard let (rank, merged) = merges[UInt32(pair.0), UInt32(pair.1)] else { return }
        push(
            Candidate(
                rank: rank, merged: Int32(merged), left: pair.0, right: pair.1, position: left))
    }

    private mutating func push(_ candidate: Candidate) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].comesBefore(heap[parent]) else { return }
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
            if child + 1 < heap.count, heap[child + 1].comesBefore(heap[child]) { child += 1 }
            guard heap[child].comesBefore(heap[parent]) else { return best }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
