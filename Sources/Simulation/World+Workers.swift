internal import GRPO
internal import Sessions
internal import Wire

// What happens in the workers' processes.

extension World {
    func session(of index: Int, incarnation: UInt64) -> WorkerSession {
        WorkerSession(
            WorkerIdentity(name: "w\(index % setup.workers)", incarnation: incarnation), numerics: "pretended",
            slots: setup.slots,
            timing: WorkerTiming(
                helloPause: setup.helloPause, helloPauseMax: setup.helloPauseMax,
                reconnectDeadline: setup.reconnectDeadline),
            now: now, sha256: { Pretence.digest($0) })
    }

    mutating func startWorker(_ index: Int) {
        guard !workers[index].isRunning, learner.phase != .ended else { return }
        var process = WorkerProcess(
            index: index, session: session(of: index, incarnation: wallClock(of: index)))
        process.life = workers[index].life + 1
        process.clockError = workers[index].clockError
        process.isRunning = true
        process.address = address(of: index, life: process.life)
        process.jobs = workers[index].jobs
        process.fetches = workers[index].fetches
        workers[index] = process
        trace.note(now, "w\(index) starts, incarnation \(process.session.identity.incarnation)")
        resetConnections(of: index)
        tickWorker(index)
    }

    /// Incarnations are wall-clock nanoseconds.
    private func wallClock(of index: Int) -> UInt64 {
        UInt64((.seconds(1_000_000) + now + workers[index].clockError) / .nanoseconds(1))
    }

    private func address(of index: Int, life: Int) -> PeerAddress {
        PeerAddress(
            [UInt8(truncatingIfNeeded: index), UInt8(truncatingIfNeeded: index >> 8)]
                + Pretence.littleEndian(UInt64(life)).prefix(3))
    }

    /// The process is gone. Its supervisor starts it again unless the run is over.
    mutating func endWorker(_ index: Int, isClean: Bool) {
        trace.note(now, "w\(index) ends (\(workers[index].session.phase))")
        endJob(index)
        workers[index].isRunning = false
        workers[index].gate = Gate()
        resetConnections(of: index)
        // Nobody looks after a twin.
        guard !isClean, learner.phase != .ended, index < setup.workers else { return }
        measurements.workerRestarts += 1
        events.schedule(.startWorker(index), at: now + workChance.delay(setup.restartTime))
    }

    mutating func resumeWorker(_ index: Int) {
        guard workers[index].gate.isShut else { return }
        trace.note(now, "w\(index) goes on")
        for event in workers[index].gate.open() {
            // What was received before its connection ended can still be read.
            if case .deliver(let delivery) = event, !isCurrent(delivery) {
                if workers[index].life == delivery.life { read(delivery, isDisplaced: false) }
            } else if case .tickWorker = event {
                workers[index].nextTick = .never
            } else {
                handle(event)
            }
            guard workers[index].isRunning else { return }
        }
        tickWorker(index)
    }

    // MARK: The session

    mutating func receiveAtWorker(_ parcel: Parcel, _ index: Int) {
        switch parcel {
        case .learner(let message): receive(message, index)
        case .frame(let bytes):
            do throws(WireError) { receive(try LearnerMessage(frame: bytes), index) } catch {
                perform(workers[index].session.receive(error), index)
            }
        case .worker, .fetcher, .holder: preconditionFailure("a worker's socket gets the learner's words")
        }
        tickWorker(index)
    }

    private mutating func receive(_ message: LearnerMessage, _ index: Int) {
        if case .ack(let acknowledgement) = message.command {
            checker.heard(acknowledgement)
        }
        let actions = workers[index].session.receive(message, now: now)
        perform(actions, index)
        if workers[index].session.unacknowledgedCount == 0 { workers[index].store.clear() }
    }

    mutating func tickWorker(_ index: Int) {
        guard workers[index].isRunning else { return }
        workers[index].nextTick = .never
        perform(workers[index].session.tick(now: now), index)
        if workers[index].fetch != nil { performFetch(workers[index].fetch!.tick(now: now), index) }
        look(index)
        rearm(index)
    }

    private mutating func rearm(_ index: Int) {
        guard workers[index].isRunning else { return }
        let due = max(workers[index].nextDeadline, now + .milliseconds(1))
        guard due < workers[index].nextTick else { return }
        workers[index].nextTick = due
        events.schedule(.tickWorker(index, life: workers[index].life), at: due)
    }

    mutating func perform(_ actions: [WorkerSession.Action], _ index: Int) {
        for action in actions {
            switch action {
            case .send(let command):
                if case .hello = command { workers[index].outgoing[0] = [] }
                let message = WorkerMessage(
                    incarnation: workers[index].session.identity.incarnation, command)
                workers[index].outgoing[0].append(parcel(message))
            case .sendGroup(let frame):
                workers[index].outgoing[0].append(workers[index].store.parcel(of: frame))
            case .wake: break
            }
        }
        if !actions.isEmpty { flush(index, .rollouts) }
    }

    func parcel(_ message: WorkerMessage) -> Parcel {
        setup.encodes ? encoded(message) : .worker(message)
    }

    private func encoded(_ message: WorkerMessage) -> Parcel {
        guard let frame = try? message.encode() else {
            preconditionFailure("a worker made a \(message.type) that cannot be sent")
        }
        return .frame(frame)
    }

    // MARK: Work

    /// Whether there is something to begin, or the end has come.
    mutating func look(_ index: Int) {
        guard workers[index].isRunning else { return }
        switch workers[index].session.phase {
        case .ended: return endWorker(index, isClean: true)
        case .failed: return endWorker(index, isClean: false)
        case .draining:
            perform(workers[index].session.leave(.finished, reason: "drained"), index)
            return endWorker(index, isClean: true)
        case .connecting, .live: break
        }
        guard workers[index].job == nil else { return }
        let leases = workers[index].session.takeLeases(upTo: setup.batchGroups)
        guard !leases.isEmpty else { return }
        workers[index].job = WorkerProcess.Job(rest: LeasedTicket.byVersion(leases))
        proceed(index)
    }

    /// With the leases of the next version: its weights first, then its completions.
    private mutating func proceed(_ index: Int) {
        guard let members = workers[index].job?.rest.first else {
            workers[index].job = nil
            return look(index)
        }
        let version = members[0].ticket.version
        guard workers[index].adopted?.version == version else { return fetch(version, index) }
        workers[index].job!.isSampling = true
        workers[index].job!.started = now
        workers[index].jobs += 1
        if index > 0, isFaultTime, faultChance.happens(setup.faults.stallShare) {
            trace.note(now, "w\(index) never ends to sample \(members[0].ticket.key)")
            return
        }
        var time = Duration.zero
        for _ in members { time += workChance.delay(setup.groupTime) }
        events.schedule(
            .sampled(worker: index, life: workers[index].life, job: workers[index].jobs), at: now + time)
    }

    mutating func sampled(_ index: Int) {
        guard let job = workers[index].job, job.isSampling, let digest = workers[index].adopted?.digest else {
            return
        }
        endSampling(index)
        workers[index].job!.rest.removeFirst()
        for lease in job.rest[0] {
            var group = sampler.sample(lease.ticket, from: digest)
            if !setup.scoresHere { group = sampler.score(group) }
            if isFaultTime, faultChance.happens(setup.faults.malformedShare) {
                group.completions.removeLast()
            }
            push(group, lease.lease, index)
            guard workers[index].isRunning else { return }
        }
        proceed(index)
        tickWorker(index)
    }

    private mutating func push(_ group: Group, _ lease: UInt64, _ index: Int) {
        let numbering = workers[index].session.nextNumbering
        let message = WorkerMessage(
            incarnation: workers[index].session.identity.incarnation,
            .group(GroupDelivery(sequence: numbering.sequence, lease: lease, group: group)))
        let frame = workers[index].store.token(for: setup.encodesGroups ? encoded(message) : .worker(message))
        let push = workers[index].session.push(frame, lease: lease, numbering: numbering, now: now)
        if case .sent(let actions) = push {
            checker.pushed(group, lease: lease)
            perform(actions, index)
        }
    }

    private mutating func endSampling(_ index: Int) {
        guard let job = workers[index].job, job.isSampling else { return }
        measurements.samplingTime += now - job.started
        workers[index].job!.isSampling = false
    }

    private mutating func endJob(_ index: Int) {
        endSampling(index)
        workers[index].job = nil
        workers[index].jobs += 1
        workers[index].fetch = nil
        workers[index].fetches += 1
    }

    // MARK: Snapshots

    private mutating func fetch(_ version: PolicyVersion, _ index: Int) {
        workers[index].fetches += 1
        workers[index].fetch = SnapshotFetch(
            version, expected: workers[index].session.digest(of: version),
            timing: .init(request: setup.fetchRequest, progress: setup.fetchProgress), now: now)
        performFetch(workers[index].fetch!.tick(now: now), index)
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

    private mutating func performFetch(_ actions: [SnapshotFetch.Action], _ index: Int) {
        for action in actions {
            switch action {
            case .send(let command):
                let message = FetcherMessage(command)
                let parcel: Parcel =
                    if setup.encodes, let frame = try? message.encode() { .frame(frame) } else {
                        .fetcher(message)
                    }
                workers[index].outgoing[1].append(parcel)
            case .verifyManifest: hash(index, chunk: nil)
            case .verifyChunk(let chunk, _, _): hash(index, chunk: chunk)
            case .ended(let outcome): return ended(outcome, index)
            }
        }
        flush(index, .snapshots)
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
