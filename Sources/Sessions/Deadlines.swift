/// The places of workers that have to be looked at, and when: a heap, so that a tick costs by what is due and
/// not by how many wait.
struct Deadlines: Sendable {
    private struct Entry {
        var time: Duration
        var place: Int
    }

    private var heap: [Entry] = []
    private var places: Set<Int> = []

    /// The earliest.
    var first: Duration? { heap.first?.time }

    /// A place that waits already keeps its earlier time.
    mutating func add(_ place: Int, at time: Duration) {
        guard places.insert(place).inserted else { return }
        heap.append(Entry(time: time, place: place))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].time < heap[parent].time else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out those whose time has come.
    mutating func takeDue(now: Duration) -> [Int] {
        var due: [Int] = []
        while let first = heap.first, first.time <= now {
            due.append(first.place)
            places.remove(first.place)
            removeFirst()
        }
        return due
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].time < heap[child].time { child += 1 }
            guard heap[child].time < heap[parent].time else { break }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
