internal import Ports

/// The leases that fill each worker's slots, with the places of the run that they were given for, and whose
/// number of leases has changed of late.
///
/// A lease fills its slot until the worker has answered it or given it up. That its time is over, or that
/// another worker's group came first, frees the ticket and not the worker: it may still be at work on it, and
/// more work would only wait there.
struct Holdings: Sendable {
    private var leases: [WorkerID: [Lease.ID: UInt64]] = [:]
    private var changed: Set<WorkerID> = []

    func count(of worker: WorkerID) -> Int { leases[worker]?.count ?? 0 }

    mutating func insert(_ lease: Lease.ID, for place: UInt64, of worker: WorkerID) {
        leases[worker, default: [:]][lease] = place
        changed.insert(worker)
    }

    /// The place that the worker held `lease` for; `nil` if it did not.
    @discardableResult
    mutating func remove(_ lease: Lease.ID, of worker: WorkerID) -> UInt64? {
        guard let place = leases[worker]?.removeValue(forKey: lease) else { return nil }
        if leases[worker]?.isEmpty == true { leases[worker] = nil }
        changed.insert(worker)
        return place
    }

    /// Everything that the worker held.
    mutating func removeAll(of worker: WorkerID) -> [Lease.ID: UInt64] {
        guard let all = leases.removeValue(forKey: worker) else { return [:] }
        changed.insert(worker)
        return all
    }

    mutating func removeAll() { self = Holdings() }

    /// Workers whose count may be another than at the last call.
    mutating func takeChanged() -> Set<WorkerID> {
        defer { changed = [] }
        return changed
    }
}
