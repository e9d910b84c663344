internal import GRPO
internal import Ports
internal import Sessions
internal import Training
internal import Wire

// The learner's link: what `LearnerLink` does with sockets.

extension World {
    mutating func receiveAtLink(_ parcel: Parcel, from address: PeerAddress) {
        guard learner.isListening else { return }
        flushOutbox(address)
        switch parcel {
        case .worker(let message):
            performLink(learner.session.receive(message, from: address, now: now))
        case .frame(let bytes):
            do throws(WireError) {
                let message = try WorkerMessage(frame: bytes)
                performLink(learner.session.receive(message, from: address, now: now))
            } catch {
                performLink(learner.session.receive(error, from: address))
            }
        case .learner, .fetcher, .holder: preconditionFailure("the learner's socket gets workers' words")
        }
        tickLink()
    }

    /// Deadlines; after the inbox was emptied.
    mutating func tickLink() {
        guard learner.isListening else { return }
        if let due = learner.session.nextDeadline, due <= now {
            performLink(learner.session.tick(now: now))
        }
        advanceLeaving()
        rearmLink()
    }

    /// The timer's tick looks at the outbox, too.
    mutating func tickOutbox() {
        learner.nextTick = .never
        for peer in learner.outbox.peers { flushOutbox(peer) }
        for peer in learner.outbox.expire(now: now) {
            performLink(learner.session.fence(peer, cause: "it has taken nothing that was sent to it"))
        }
        if learner.outbox.peers.isEmpty { learner.store.clear() }
        tickLink()
    }

    private mutating func rearmLink() {
        guard learner.isListening else { return }
        var due = learner.session.nextDeadline ?? .never
        switch learner.phase {
        case .draining(let deadline), .leaving(let deadline): due = min(due, deadline)
        default: break
        }
        if !learner.outbox.isEmpty { due = min(due, now + setup.heartbeat / 4) }
        due = max(due, now + .milliseconds(1))
        guard due < learner.nextTick else { return }
        learner.nextTick = due
        events.schedule(.tickLink(life: learner.life), at: due)
    }

    mutating func performLink(_ actions: [LearnerSession.Action]) {
        var news: [LearnerEvent] = []
        for action in actions {
            switch action {
            case .send(let command, let peer): say(command, to: peer)
            case .ready(let worker, let count): news.append(.rollout(.ready(WorkerID(worker), slots: count)))
            case .group(let group, let lease, let worker):
                measurements.received(group, at: now)
                checker.delivered(lease)
                news.append(.rollout(.group(group, lease: lease, from: WorkerID(worker))))
            case .released(let leases, let worker):
                news.append(.rollout(.released(leases, by: WorkerID(worker))))
            case .lost(let worker, let cause):
                news.append(.rollout(.lost(WorkerID(worker), cause: cause)))
            case .forget(let peer): learner.outbox.forget(peer)
            }
        }
        if !news.isEmpty { handOver(news) }
    }

    private mutating func say(_ command: LearnerCommand, to peer: PeerAddress) {
        let worker = process(at: peer)
        if setup.checks, workers[worker].address == peer {
            checker.addressed(workers[worker].session.identity, by: command)
        }
        let message = LearnerMessage(incarnation: UInt32(learner.life), command)
        let parcel: Parcel
        if setup.encodes {
            guard let frame = try? message.encode() else {
                preconditionFailure("the learner made a \(message.type) that cannot be sent")
            }
            parcel = .frame(frame)
        } else {
            parcel = .learner(message)
        }
        if learner.outbox.isBlocked(peer) || !offer(parcel, to: peer) {
            learner.outbox.append(learner.store.token(for: parcel), for: peer, now: now)
        }
    }

    /// Addresses begin with the number of the process.
    func process(at peer: PeerAddress) -> Int { Int(peer.bytes[0]) | Int(peer.bytes[1]) << 8 }

    /// False if the peer has no room. A peer that is not there misses the parcel.
    private mutating func offer(_ parcel: Parcel, to peer: PeerAddress) -> Bool {
        let worker = process(at: peer)
        guard workers[worker].isRunning, workers[worker].address == peer,
            connections[index(worker, .rollouts)].isUp
        else { return true }
        return send(parcel, .rollouts, worker: worker, toLearner: false)
    }

    private mutating func flushOutbox(_ peer: PeerAddress) {
        guard learner.outbox.isBlocked(peer) else { return }
        var outbox = learner.outbox
        let store = learner.store
        outbox.flush(peer, now: now) { offer(store.parcel(of: $0), to: peer) }
        learner.outbox = outbox
    }

    // MARK: The end

    /// DRAIN, then GOODBYE, each until the workers have gone or a deadline passes.
    mutating func advanceLeaving() {
        switch learner.phase {
        case .draining(let deadline) where learner.session.isDrained || deadline <= now:
            learner.phase = .leaving(until: now + min(setup.drainLimit, .seconds(1)))
            let goodbyes = learner.session.close(.finished, reason: "the run is complete")
            performLink(goodbyes)
            if goodbyes.isEmpty { advanceLeaving() }
        case .leaving(let deadline) where learner.session.liveCount == 0 || deadline <= now: finish()
        default: break
        }
    }

    mutating func endLearner() {
        trace.note(now, "the learner ends")
        learner.phase = .ended
        for worker in workers.indices {
            for channel in Channel.allCases { disconnect(worker, channel) }
        }
    }
}
