internal import GRPO
internal import Sessions
internal import Wire

// What happens in the workers' processes.

extension World {
    func session(of index: Int, incarnation: UInt64) -> WorkerSession {
        WorkerSession(
            WorkerIdentity(name: "w\(index % setup.workers)", incarnation: incarnation),
            numerics: "pretended", slots: setup.slots,
            timing: WorkerTiming(
                helloPause: setup.helloPause, helloPauseMax: setup.helloPauseMax,
                reconnectDeadline: setup.reconnectDeadline),
            now: now, sha256: { Pretence.digest($0) })
    }

    mutating func startWorker(_ index: Int) {
        guard !workers[index].isRunning, learner.phase != .ended else { return }
        let process = WorkerProcess(
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
        let process = workers[index]
        perform(process.session.receive(message, now: now), index)
        if process.withSession({ $0.unacknowledgedCount }) == 0 { process.store.clear() }
    }

    mutating func tickWorker(_ index: Int) {
        let process = workers[index]
        guard process.isRunning else { return }
        perform(process.session.tick(now: now), index)
        if process.fetch != nil { performFetch(process.fetch!.tick(now: now), index) }
        look(index)
        rearm(index)
    }

    /// The next tick is never later than it is due. One that comes early finds nothing to do: deadlines mostly
    /// move into the future, and taking a tick back would cost more.
    mutating func rearm(_ index: Int) {
        let process = workers[index]
        guard process.isRunning else { return }
        let due = max(process.nextDeadline, now + .milliseconds(1))
        guard due < process.nextTick else { return }
        process.nextTick = due
        events.schedule(.tickWorker(index, life: process.life), at: due)
    }

    mutating func perform(_ actions: [WorkerSession.Action], _ index: Int) {
        let process = workers[index]
        for action in actions {
            switch action {
            case .send(let command):
                if case .hello = command { process.outgoing[0] = [] }
                let message = WorkerMessage(
                    incarnation: process.session.identity.incarnation, command)
                post(parcel(message), .rollouts, index)
            case .sendGroup(let frame): post(process.store.parcel(of: frame), .rollouts, index)
            case .wake: break
            }
        }
    }

    func parcel(_ message: WorkerMessage) -> Parcel {
        setup.encodes ? encoded(message) : .worker(message)
    }

    func encoded(_ message: WorkerMessage) -> Parcel {
        guard let frame = try? message.encode() else {
            preconditionFailure("a worker made a \(message.type) that cannot be sent")
        }
        return .frame(frame)
    }
}
