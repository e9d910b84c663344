internal import Ports

/// Workers that could hold more leases, the one with the fewest first; ties go by name, so that the same
/// events give the same actions in every process.
///
/// A heap whose outdated entries are skipped when they come up: a change costs by the logarithm of the number
/// of workers.
struct WorkersWithRoom: Sendable {
    private struct Entry {
        var leases: Int
        var worker: WorkerID

        func precedes(_ other: Entry) -> Bool {
            leases == other.leases
                ? (worker.name, worker.incarnation) < (other.worker.name, other.worker.incarnation)
                : leases < other.leases
        }
    }

    private var heap: [Entry] = []
    /// Of workers with room.
    private var leases: [WorkerID: Int] = [:]

    /// `worker` holds so many leases and may hold up to `slots`.
    mutating func update(_ worker: WorkerID, leases count: Int, slots: Int) {
        guard count < slots else {
            leases[worker] = nil
            return
        }
        guard leases.updateValue(count, forKey: worker) != count else { return }
        heap.append(Entry(leases: count, worker: worker))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The worker with room that holds the fewest leases; it stays.
    mutating func neediest() -> WorkerID? {
        while let first = heap.first {
            if leases[first.worker] == first.leases { return first.worker }
            removeFirst()
        }
        return nil
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
