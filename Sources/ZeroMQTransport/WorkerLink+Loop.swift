internal import Sessions
internal import Wire
internal import ZeroMQ

// The loop that owns the socket, and the performing of what the session answers.

extension WorkerLink {
    func connect(to endpoint: Endpoint) throws {
        switch socket {
        case .some(let socket): try socket.connect(endpoint)
        case .none: break
        }
    }

    /// Serves until `close`. What ends it early reaches whoever calls.
    func run() async {
        do {
            try await serve()
        } catch {
            if isOpen { breakage = error }
        }
        await client.abandon()
        change.notify()
    }

    private func serve() async throws {
        var passesWithoutTick = 0
        while isOpen {
            let isEmpty = try receiveSome()
            try watchConnection()
            passes += 1
            passesWithoutTick += 1
            if isEmpty || passesWithoutTick >= Self.passesMax {
                passesWithoutTick = 0
                perform(session.tick(now: now))
            }
            notePhase()
            try flush()
            if isEmpty {
                let deadline = ContinuousClock.now + tickInterval
                awaitsRoom = !queue.isEmpty
                _ = try await thread.waitAny(
                    interests, until: deadline, for: "messages of the learner")
            } else {
                await Task.yield()
            }
        }
    }

    /// Whoever reads along knows what this worker waits for, and until when.
    private func notePhase() {
        guard session.phase != noted else { return }
        defer { noted = session.phase }
        switch session.phase {
        case .connecting:
            let what = noted == nil ? "waiting for the learner" : "the learner is silent; waiting for it"
            note("\(what), for \(reconnectDeadline.inSeconds) at most")
        case .live: note("in session with start \(session.learner ?? 0) of the learner")
        case .draining, .ended, .failed: break
        }
    }

    private var interests: [Interest] {
        let always: [Interest] = [.readable(id), .readable(monitorID), bell.interest]
        return queue.isEmpty ? always : always + [.writable(id)]
    }

    private var tickInterval: Duration {
        guard let welcome = session.welcome else { return .milliseconds(50) }
        return min(max(welcome.heartbeatInterval / 4, .milliseconds(2)), .milliseconds(250))
    }

    /// True if there was nothing left to receive.
    private func receiveSome() throws -> Bool {
        var actions: [WorkerSession.Action] = []
        defer { perform(actions) }
        for _ in 0..<Self.messagesPerPass {
            guard let message = try nextMessage() else { return true }
            do throws(WireError) {
                let decoded = try message.withUnsafeBytes { (bytes) throws(WireError) in
                    try LearnerMessage(frame: bytes)
                }
                actions += session.receive(decoded, now: now)
            } catch {
                actions += session.receive(error)
            }
        }
        return false
    }

    /// libzmq connects again by itself; the session has to know, for what was on its way is lost.
    private func watchConnection() throws {
        while let event = try nextEvent() {
            trouble.hear(event)
            if case .disconnected = event.kind { perform(session.connectionLost(now: now)) }
        }
    }

    private func nextEvent() throws -> MonitorEvent? {
        switch monitor {
        case .some(let monitor): try monitor.next()
        case .none: nil
        }
    }

    private func nextMessage() throws -> sending Message? {
        switch socket {
        case .some(let socket): try socket.receive()
        case .none: nil
        }
    }

    func perform(_ actions: [WorkerSession.Action]) {
        for action in actions {
            switch action {
            case .send(let command):
                // A new session begins with HELLO; what waits from the old one is said again.
                if case .hello = command { queue.removeAll() }
                let message = WorkerMessage(
                    incarnation: session.identity.incarnation, command,
                    version: session.version(of: command))
                guard let frame = try? message.encode() else {
                    preconditionFailure("a worker made a \(message.type) that cannot be sent")
                }
                queue.append(frame)
            case .sendGroup(let frame): queue.append(frame)
            case .wake:
                change.notify()
                // Nothing that is being fetched now would be of use.
                if session.isOver { client.assumeIsolated { $0.abandon() } }
            }
        }
        try? flush()
        // The loop may be waiting for messages only.
        if !queue.isEmpty, !awaitsRoom { bell.ring() }
    }

    private func flush() throws {
        switch socket {
        case .some(let socket): try queue.flush(into: socket)
        case .none: queue.removeAll()
        }
    }

    /// Says goodbye and closes the socket.
    func close(_ failure: (any Error)?) {
        let reason = failure.map { "\($0)" } ?? "the worker has ended"
        perform(session.leave(failure == nil ? .finished : .failed, reason: reason))
        monitor = nil
        socket = nil
        change.notify()
    }
}
