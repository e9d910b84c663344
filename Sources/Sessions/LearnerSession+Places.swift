// Where each worker's record is.

extension LearnerSession {
    /// Of workers with a session, in the order of names, so that the same events give the same actions.
    var livePlaces: [Int] { inOrder(records.indices.filter { records[$0].isLive }) }

    func inOrder(_ places: [Int]) -> [Int] {
        places.sorted { records[$0].identity.name < records[$1].identity.name }
    }

    /// Where this very start of the worker is, with a session or without.
    func place(of worker: WorkerIdentity) -> Int? {
        guard let place = places.place(of: worker.name), records[place].identity == worker else {
            return nil
        }
        return place
    }

    /// Where the record of this start of the worker is from now on; an earlier start's record ends there.
    mutating func makePlace(
        for worker: WorkerIdentity, at address: PeerAddress, acknowledged: UInt64, now: Duration
    ) -> Int {
        if let place = place(of: worker) { return place }
        let record = WorkerRecord(worker, at: address, acknowledged: acknowledged, now: now)
        guard let place = places.place(of: worker.name) ?? takeOldest() else {
            records.append(record)
            places.add(worker.name, at: records.count - 1)
            return records.count - 1
        }
        records[place] = record
        places.add(worker.name, at: place)
        return place
    }

    /// Names are cheap to make up, so the memory of workers that are gone is bounded.
    private mutating func takeOldest() -> Int? {
        guard records.count > 4 * terms.workersMax else { return nil }
        let gone = records.indices.filter { !records[$0].isLive }
        let oldest = gone.min { records[$0].lastHeard < records[$1].lastHeard }
        if let oldest { places.remove(records[oldest].identity.name) }
        return oldest
    }

    /// The session is over; the record stays.
    mutating func lose(_ place: Int, cause: String) -> [Action] {
        guard records[place].isLive else { return [] }
        records[place].close()
        liveCount -= 1
        places.close(records[place].address, of: place)
        return [.lost(records[place].identity, cause: cause)]
    }
}
