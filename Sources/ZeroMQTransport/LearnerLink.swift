internal import GRPO
package import Ports
package import Sessions
internal import Wire
internal import ZeroMQ

/// The learner's end of the ring over ZeroMQ: a thin shell over `LearnerSession` on a socket thread.
///
/// Use it in a scope: `LearnerLink.withLink(configuration) { link in … }`.
package actor LearnerLink: GroupSource, SnapshotSink {
    /// Messages received before other work gets its turn.
    private static let messagesPerPass = 64
    /// Passes after which deadlines are looked at even though messages keep coming.
    private static let passesMax = 64

    nonisolated let thread: SocketThread
    /// Where it really listens: wildcard ports are resolved.
    package nonisolated let address: LearnerAddress
    nonisolated let events = EventQueue<RolloutEvent>()
    nonisolated let snapshots: SnapshotServer
    private let drainLimit: Duration
    private let tickInterval: Duration
    private let origin = ContinuousClock.now
    private var socket: Socket?
    private let id: SocketID
    private var session: LearnerSession
    private var outbox: PeerOutbox
    private var slots: [WorkerID: Int] = [:]
    /// Something that `drain` waits for may have happened.
    private let change = ChangeSignal()
    private var unsendable = 0
    private var multipart = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    init(
        thread: SocketThread, socket: consuming sending Socket, address: LearnerAddress,
        terms: LearnerTerms, drainLimit: Duration, snapshots: SnapshotServer
    ) {
        self.thread = thread
        self.address = address
        self.snapshots = snapshots
        self.drainLimit = drainLimit
        tickInterval = min(max(terms.heartbeatInterval / 4, .milliseconds(2)), .milliseconds(250))
        id = socket.id
        self.socket = consume socket
        session = LearnerSession(terms)
        outbox = PeerOutbox(deadline: terms.livenessDeadline)
    }

    isolated deinit {}

    private var now: Duration { origin.duration(to: .now) }

    private var isOpen: Bool {
        switch socket {
        case .some: true
        case .none: false
        }
    }

    // MARK: GroupSource

    /// Waits for the next event; `nil` once the link is drained or closed. Throws `CancellationError` as
    /// soon as the task is cancelled, and what broke the link.
    package nonisolated func next() async throws -> RolloutEvent? { try await events.next() }

    package func grant(_ leases: [Lease], to worker: WorkerID) {
        perform(
            session.grant(
                leases.map { ($0.id, $0.ticket) }, to: worker.identity, now: now))
    }

    package func answer(_ verdict: Ports.Verdict, for lease: Lease.ID, to worker: WorkerID) {
        perform(session.answer(.init(verdict), lease: lease, worker: worker.identity))
    }

    /// Tells every worker to stop at once, waits until they left or `drainLimit` passed, and says goodbye.
    package func drain(reason: String) async {
        events.finish()
        perform(session.drain(reason: reason))
        let deadline = now + drainLimit
        // The loop notifies at every tick, so the deadline is noticed.
        while isOpen, !session.isDrained, now < deadline {
            guard (try? await change.wait()) != nil else { break }
        }
        perform(session.close(.finished, reason: reason))
    }

    /// Tells every worker that this learner goes and another start of it will come: they keep trying until
    /// their own deadline. The link does nothing more.
    package func leaveForRestart(reason: String) {
        events.finish()
        perform(session.close(.restarting, reason: reason))
    }

    // MARK: SnapshotSink

    package nonisolated func publish(_ snapshot: Snapshot, oldestKept: UInt64) async throws {
        let served = try await ServedSnapshot.make(snapshot)
        // Served before it is announced.
        await snapshots.add(served, oldestKept: oldestKept)
        await announce(served.reference)
    }

    private func announce(_ reference: SnapshotReference) {
        perform(session.setCurrent(reference, now: now))
    }

    // MARK: Reports

    package func statistics() async -> LearnerLinkStatistics {
        LearnerLinkStatistics(
            session: session.counters, workers: session.liveCount,
            framesDropped: outbox.dropped + unsendable, multipart: multipart,
            chunksSent: await snapshots.chunksSent)
    }

    // MARK: The loop

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
                tick()
            }
            if isEmpty {
                let deadline = ContinuousClock.now + tickInterval
                _ = try await thread.waitAny([.readable(id)], until: deadline, for: "messages of workers")
            } else {
                await Task.yield()
            }
        }
    }

    /// True if there was nothing left to receive.
    private func receiveSome() throws -> Bool {
        for _ in 0..<Self.messagesPerPass {
            guard let message = try nextMessage() else { return true }
            take(message)
            change.notify()
        }
        return false
    }

    private func take(_ message: consuming PeerMessage) {
        switch consume message {
        case .message(let body, let peer):
            let address = PeerAddress(peer.bytes)
            flush(address)
            perform(actions(for: body, from: address))
        case .malformed: multipart += 1
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
                try WorkerMessage(frame: bytes)
            }
            return session.receive(message, from: address, now: now)
        } catch {
            return session.receive(error, from: address)
        }
    }

    private func tick() {
        for peer in outbox.peers { flush(peer) }
        for peer in outbox.expire(now: now) {
            perform(session.fence(peer, cause: "it has taken nothing that was sent to it"))
        }
        perform(session.tick(now: now))
        change.notify()
    }

    // MARK: Performing

    private func perform(_ actions: [LearnerSession.Action]) {
        for action in actions {
            switch action {
            case .send(let command, let peer): send(command, to: peer)
            case .ready(let worker, let count):
                slots[WorkerID(worker)] = count
                events.send(.ready(WorkerID(worker), slots: count))
            case .group(let group, let lease, let worker):
                events.send(.group(group, lease: lease, from: WorkerID(worker)))
            case .released(let leases, let worker): release(leases, by: WorkerID(worker))
            case .lost(let worker, let cause):
                slots[WorkerID(worker)] = nil
                events.send(.lost(WorkerID(worker), cause: cause))
            case .forget(let peer): outbox.forget(peer)
            }
        }
    }

    /// The learner takes leases back from a worker that is gone; one that comes back at once keeps what it
    /// is working on, for a late group is as good as any.
    private func release(_ leases: [Lease.ID], by worker: WorkerID) {
        guard let count = slots[worker] else { return }
        events.send(.lost(worker, cause: "it gave up \(leases.count) leases and goes on"))
        events.send(.ready(worker, slots: count))
    }

    private func send(_ command: LearnerCommand, to peer: PeerAddress) {
        let message = LearnerMessage(incarnation: session.terms.incarnation, command)
        guard let frame = try? message.encode() else {
            // A ticket larger than any message; its lease expires.
            unsendable += 1
            return
        }
        let isQueued = outbox.isBlocked(peer)
        if isQueued || !offer(frame, to: peer) { outbox.append(frame, for: peer, now: now) }
    }

    /// False if the peer has no room. A peer that is not there misses the frame, as with a lost connection.
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
    func close(_ failure: (any Error)?) {
        let reason = failure.map { "\($0)" } ?? "the learner has left"
        perform(session.close(failure == nil ? .finished : .failed, reason: reason))
        events.finish()
        socket = nil
        change.notify()
    }
}

/// What went through a learner's link since its start.
package struct LearnerLinkStatistics: Hashable, Sendable {
    package var session: LearnerCounters
    /// Workers with a session now.
    package var workers: Int
    /// Frames to workers that found no room or could not be encoded; what they said is said again.
    package var framesDropped: Int
    /// Messages that were not one frame.
    package var multipart: Int
    /// Snapshot chunks sent.
    package var chunksSent: Int
}
