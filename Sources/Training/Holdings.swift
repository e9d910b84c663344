internal import Ports

/// The leases that fill each worker's slots, with the places of the run that they were given for, and whose
/// number of leases has changed of late.
///
/// A lease fills its slot until the worker has answered it or given it up. That its time is over, or that
/// another worker's group came first, frees the ticket and not the worker: it may still be at work on it, and
/// more work would only wait there.
struct Holdings: Sendable {
    private struct Holding {
        var worker: WorkerID
        var place: UInt64
    }

    private var leases: [Lease.ID: Holding] = [:]
    private var counts: [WorkerID: Int] = [:]
    private var changed: [WorkerID] = []

    func count(of worker: WorkerID) -> Int { counts[worker] ?? 0 }

    mutating func insert(_ lease: Lease.ID, for place: UInt64, of worker: WorkerID) {
        leases[lease] = Holding(worker: worker, place: place)
        change(to: count(of: worker) + 1, of: worker)
    }

    /// The place that the worker held `lease` for; `nil` if it did not.
    @discardableResult
    mutating func remove(_ lease: Lease.ID, of worker: WorkerID) -> UInt64? {
        guard let holding = leases[lease], holding.worker == worker else { return nil }
        leases[lease] = nil
        change(to: count(of: worker) - 1, of: worker)
        return holding.place
    }

    /// Everything that the worker held.
    mutating func removeAll(of worker: WorkerID) -> [Lease.ID: UInt64] {
        guard counts[worker] != nil else { return [:] }
        let all = leases.filter { $0.value.worker == worker }.mapValues(\.place)
        for lease in all.keys { leases[lease] = nil }
        change(to: 0, of: worker)
        return all
    }

    mutating func removeAll() { self = Holdings() }

    private mutating func change(to count: Int, of worker: WorkerID) {
        counts[worker] = count > 0 ? count : nil
        if changed.last != worker { changed.append(worker) }
    }

    /// A worker whose count may have changed since it was named last; `nil`: there is no other.
    mutating func nextChanged() -> WorkerID? { changed.popLast() }
}
