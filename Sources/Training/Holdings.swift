internal import Ports

/// The places of the run that each worker holds leases of, and whose number of leases has changed of late.
struct Holdings: Sendable {
    private var places: [WorkerID: Set<UInt64>] = [:]
    private var changed: Set<WorkerID> = []

    func count(of worker: WorkerID) -> Int { places[worker]?.count ?? 0 }

    func places(of worker: WorkerID) -> Set<UInt64> { places[worker] ?? [] }

    mutating func insert(_ place: UInt64, of worker: WorkerID) {
        places[worker, default: []].insert(place)
        changed.insert(worker)
    }

    mutating func remove(_ place: UInt64, of worker: WorkerID) {
        if places[worker]?.remove(place) != nil { changed.insert(worker) }
    }

    mutating func removeAll() { self = Holdings() }

    /// Workers whose count may be another than at the last call.
    mutating func takeChanged() -> Set<WorkerID> {
        defer { changed = [] }
        return changed
    }
}
