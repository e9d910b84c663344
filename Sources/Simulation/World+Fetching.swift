internal import GRPO
internal import Sessions
internal import Wire

// A worker's transfers: what `SnapshotClient` does.

extension World {
    mutating func fetch(_ version: PolicyVersion, _ index: Int) {
        let process = workers[index]
        process.fetches += 1
        process.fetch = SnapshotFetch(
            version, expected: process.withSession { $0.digest(of: version) },
            timing: .init(request: setup.fetchRequest, progress: setup.fetchProgress), now: now)
        performFetch(process.fetch!.tick(now: now), index)
        rearm(index)
    }

    mutating func receiveAtFetch(_ parcel: Parcel, _ index: Int) {
        let message: HolderMessage?
        switch parcel {
        case .holder(let value): message = value
        case .frame(let bytes): message = try? HolderMessage(frame: bytes)
        case .worker, .learner, .fetcher: preconditionFailure("a fetcher's socket gets a holder's words")
        }
        guard let message, workers[index].fetch != nil else { return }
        performFetch(workers[index].fetch!.receive(message, now: now), index)
        rearm(index)
    }

    mutating func hashed(_ index: Int, _ chunk: Int?) {
        guard workers[index].fetch != nil else { return }
        // Corrupted frames do not decode, so what was decoded is right.
        let actions =
            if let chunk { workers[index].fetch!.chunkVerified(chunk, true, now: now) } else {
                workers[index].fetch!.manifestVerified(true, now: now)
            }
        performFetch(actions, index)
        rearm(index)
    }

    mutating func performFetch(_ actions: [SnapshotFetch.Action], _ index: Int) {
        for action in actions {
            switch action {
            case .send(let command):
                let message = FetcherMessage(command)
                let parcel: Parcel =
                    if setup.encodes, let frame = try? message.encode() { .frame(frame) } else {
                        .fetcher(message)
                    }
                post(parcel, .snapshots, index)
            case .verifyManifest: hash(index, chunk: nil)
            case .verifyChunk(let chunk, _, _): hash(index, chunk: chunk)
            case .ended(let outcome): return ended(outcome, index)
            }
        }
    }

    private mutating func hash(_ index: Int, chunk: Int?) {
        events.schedule(
            .hashed(
                worker: index, life: workers[index].life, fetch: workers[index].fetches, chunk: chunk),
            at: now)
    }

    private mutating func ended(_ outcome: SnapshotFetch.Outcome, _ index: Int) {
        let version = workers[index].fetch!.version
        workers[index].fetch = nil
        workers[index].outgoing[1] = []
        switch outcome {
        case .complete(let reference, _):
            workers[index].adopted = reference
            perform(workers[index].session.adopt(reference, now: now), index)
            proceed(index)
        case .gone:
            perform(workers[index].session.giveUp(version, now: now), index)
            workers[index].job?.rest.removeFirst()
            proceed(index)
        case .failed(let reason):
            trace.note(now, "w\(index) cannot fetch \(version): \(reason)")
            endWorker(index, isClean: false)
        }
    }
}
