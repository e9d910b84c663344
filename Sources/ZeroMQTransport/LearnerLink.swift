internal import GRPO
package import Ports
package import Sessions
internal import Wire
internal import ZeroMQ

/// The learner's end of the ring over ZeroMQ: a thin shell over `LearnerSession` on a socket
/// thread.
///
/// Use it in a scope: `LearnerLink.withLink(configuration) { link in … }`.
package actor LearnerLink: GroupSource, SnapshotSink {
    /// Messages received before other work gets its turn.
    static let messagesPerPass = 64
    /// Passes after which deadlines are looked at even though messages keep coming.
    static let passesMax = 64

    nonisolated let thread: SocketThread
    /// Where it really listens: wildcard ports are resolved.
    package nonisolated let address: LearnerAddress
    nonisolated let events = EventQueue<RolloutEvent>()
    nonisolated let snapshots: SnapshotServer
    /// Knows whom messages come from; `nil`: nobody does.
    nonisolated let gate: Gatekeeper?
    /// The gate's list, as the sessions were last compared with it.
    var listGeneration: Int?
    let drainLimit: Duration
    let tickInterval: Duration
    let origin = ContinuousClock.now
    var socket: Socket?
    let id: SocketID
    var session: LearnerSession
    var outbox: PeerOutbox
    /// Something that `drain` waits for may have happened.
    let change = ChangeSignal()
    var multipart = 0
    var notes: Notes

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    init(
        thread: SocketThread, socket: consuming sending Socket, address: LearnerAddress,
        terms: LearnerTerms, drainLimit: Duration, snapshots: SnapshotServer, gate: Gatekeeper?,
        notes: Notes
    ) {
        self.thread = thread
        self.address = address
        self.snapshots = snapshots
        self.gate = gate
        self.drainLimit = drainLimit
        self.notes = notes
        tickInterval = min(max(terms.heartbeatInterval / 4, .milliseconds(2)), .milliseconds(250))
        id = socket.id
        self.socket = consume socket
        session = LearnerSession(terms)
        outbox = PeerOutbox(deadline: terms.livenessDeadline)
    }

    isolated deinit {}

    var now: Duration { origin.duration(to: .now) }

    var isOpen: Bool {
        switch socket {
        case .some: true
        case .none: false
        }
    }

    // MARK: GroupSource

    /// Waits for events; none once the link is drained or closed. Throws `CancellationError` as soon
    /// as the task is cancelled, and what broke the link.
    package nonisolated func next(upTo limit: Int) async throws -> [RolloutEvent] {
        try await events.next(upTo: limit)
    }

    /// One ACK and one LEASE to each worker, as far as its replies fit.
    package func reply(_ replies: [Reply]) {
        perform(session.reply(replies.map(LearnerSession.Reply.init), now: now))
    }

    /// Tells every worker to stop at once, waits until they left or `drainLimit` passed, and says
    /// goodbye.
    package func drain(reason: String) async {
        events.finish()
        perform(session.drain(reason: reason))
        await wait(until: now + drainLimit) { session.isDrained }
        let late = session.undrained
        if isOpen, !late.isEmpty {
            notes.say(
                "\(late.count) workers did not leave within \(drainLimit.inSeconds) and are not waited for: "
                    + late.prefix(8).joined(separator: ", "))
        }
        await leave(.finished, reason: reason)
    }

    /// Tells every worker that this learner goes and another start of it will come: they keep
    /// trying until their own deadline. The link does nothing more.
    package func leaveForRestart(reason: String) {
        events.finish()
        perform(session.close(.restarting, reason: reason))
    }

    /// Says goodbye and gives workers a moment to answer. Closing at once could take the word back:
    /// libzmq drops what a worker has received and not read yet when the connection ends.
    func leave(_ farewell: Farewell, reason: String) async {
        let goodbyes = session.close(farewell, reason: reason)
        guard !goodbyes.isEmpty else { return }
        perform(goodbyes)
        await wait(until: now + min(drainLimit, .seconds(1))) { session.liveCount == 0 }
    }

    /// The loop notifies at every tick, so the deadline is noticed.
    private func wait(until deadline: Duration, _ isDone: () -> Bool) async {
        var mark = change.mark
        while isOpen, !isDone(), now < deadline {
            guard (try? await change.wait(since: mark)) != nil else { return }
            mark = change.mark
        }
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
            framesDropped: outbox.dropped, multipart: multipart,
            chunksSent: await snapshots.chunksSent, security: gate?.counters)
    }
}

/// What went through a learner's link since its start.
package struct LearnerLinkStatistics: Hashable, Sendable {
    package var session: LearnerCounters
    /// Workers with a session now.
    package var workers: Int
    /// Frames to workers that found no room; what they said is said again.
    package var framesDropped: Int
    /// Messages that were not one frame.
    package var multipart: Int
    /// Snapshot chunks sent.
    package var chunksSent: Int
    /// Who was refused; `nil`: the endpoints are not encrypted. Messages of the wrong sender are among the
    /// session's rejections.
    package var security: SecurityCounters?
}
