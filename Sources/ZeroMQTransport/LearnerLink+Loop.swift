internal import GRPO
internal import Ports
internal import Sessions
internal import Wire
internal import ZeroMQ

// The loop that owns the socket, and the performing of what the session answers.

extension LearnerLink {
    /// Serves until `close`. What ends it early reaches the reader of the events.
    func run() async {
        do {
            try await serve()
            events.finish()
        } catch {
            events.finish(throwing: isOpen ? error : nil)
        }
        change.notify()
    }

    private func serve() async throws {
        var passes = 0
        while isOpen {
            let isEmpty = try receiveSome()
            passes += 1
            // The inbox first: a learner that was suspended must not blame its workers.
            if isEmpty || passes >= Self.passesMax {
                passes = 0
                if let failure = gate?.failure { throw failure }
                tick()
            }
            if isEmpty {
                let deadline = ContinuousClock.now + tickInterval
                _ = try await thread.waitAny(
                    [.readable(id)], until: deadline, for: "messages of workers")
            } else {
                await Task.yield()
            }
        }
    }

    /// True if there was nothing left to receive.
    private func receiveSome() throws -> Bool {
        var actions: [LearnerSession.Action] = []
        defer {
            // All at once: the reader of the events is woken once, and answers once.
            perform(actions)
            change.notify()
        }
        for _ in 0..<Self.messagesPerPass {
            guard let message = try nextMessage() else { return true }
            actions += take(message)
        }
        return false
    }

    private func take(_ message: consuming PeerMessage) -> [LearnerSession.Action] {
        switch consume message {
        case .message(let body, let peer):
            let address = PeerAddress(peer.bytes)
            flush(address)
            return actions(for: body, from: address)
        case .malformed:
            multipart += 1
            return []
        }
    }

    private func nextMessage() throws -> sending PeerMessage? {
        switch socket {
        case .some(let socket): try socket.receiveFromPeer()
        case .none: nil
        }
    }

    private func actions(
        for body: borrowing Message, from address: PeerAddress
    ) -> [LearnerSession.Action] {
        do throws(WireError) {
            let message = try body.withUnsafeBytes { (bytes) throws(WireError) in
                try WireError.check(
                    bytes.count, atMost: session.terms.largestFrameBytes,
                    "the number of bytes in the frame")
                return try WorkerMessage(frame: bytes)
            }
            guard let gate else { return session.receive(message, from: address, now: now) }
            let actions = session.receive(
                message, from: address, proof: gate.proof(of: body), now: now)
            report(actions, from: body.property("Peer-Address"))
            return actions
        } catch {
            return session.receive(error, from: address)
        }
    }

    private func tick() {
        expelUnlisted()
        for peer in outbox.peers { flush(peer) }
        for peer in outbox.expire(now: now) {
            perform(session.fence(peer, cause: "it has taken nothing that was sent to it"))
        }
        perform(session.tick(now: now))
        change.notify()
    }

    // MARK: Performing

    func perform(_ actions: [LearnerSession.Action]) {
        var news: [RolloutEvent] = []
        for action in actions {
            switch action {
            case .send(let command, let peer): send(command, to: peer)
            case .ready(let worker, let count):
                news.append(.ready(WorkerID(worker), slots: count))
            case .group(let group, let lease, let worker):
                news.append(.group(group, lease: lease, from: WorkerID(worker)))
            case .released(let leases, let worker):
                news.append(.released(leases, by: WorkerID(worker)))
            case .lost(let worker, let cause):
                news.append(.lost(WorkerID(worker), cause: cause))
            case .forget(let peer): outbox.forget(peer)
            }
        }
        if !news.isEmpty { events.send(news) }
    }

    private func send(_ command: LearnerCommand, to peer: PeerAddress) {
        if case .reject(let rejection) = command { note(rejection) }
        do {
            let frame = try encoded(command, for: peer)
            let isQueued = outbox.isBlocked(peer)
            if isQueued || !offer(frame, to: peer) { outbox.append(frame, for: peer, now: now) }
        } catch {
            // It would be as wrong the next time, and its lease would expire again and again.
            events.finish(throwing: error)
        }
    }

    /// A worker that cannot take part would otherwise only be missing.
    private func note(_ rejection: Rejection) {
        guard rejection.code != .helloRequired else { return }
        notes.once("a worker was refused (\(rejection.code)): \(rejection.reason)")
    }

    /// The frame. Throws where a ticket is larger than workers were told.
    private func encoded(
        _ command: LearnerCommand, for peer: PeerAddress
    ) throws(WireError) -> [UInt8] {
        if case .lease(let offer) = command {
            for ticket in offer.tickets {
                try session.terms.limits.check(prompt: ticket.ticket.prompt)
            }
        }
        return try LearnerMessage(
            incarnation: session.terms.incarnation, command, version: session.version(with: peer)
        ).encode()
    }

    /// False if the peer has no room. A peer that is not there misses the frame, as with a lost
    /// connection.
    private func offer(_ frame: [UInt8], to peer: PeerAddress) -> Bool {
        let target = RoutingID(received: peer.bytes)
        switch socket {
        case .some(let socket): return (try? socket.send(frame, to: target)) != .full
        case .none: return true
        }
    }

    private func flush(_ peer: PeerAddress) {
        guard outbox.isBlocked(peer) else { return }
        outbox.flush(peer, now: now) { offer($0, to: peer) }
    }

    /// Says goodbye, unless `drain` did, and closes the socket.
    func close(_ failure: (any Error)?) async {
        let reason = failure.map { "\($0)" } ?? "the learner has left"
        events.finish()
        await leave(failure == nil ? .finished : .failed, reason: reason)
        socket = nil
        change.notify()
    }
}
