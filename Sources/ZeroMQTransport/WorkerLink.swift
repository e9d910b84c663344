private import Foundation
internal import Synchronization
internal import GRPO
package import Ports
package import Sessions
internal import Wire
internal import ZeroMQ

/// A worker's end of the ring over ZeroMQ: a thin shell over `WorkerSession` on a socket thread.
///
/// Use it in a scope: `WorkerLink.withLink(configuration) { link in … }`. Every call throws
/// `LearnerLost` once the learner was silent for too long or said that the run failed, and
/// `WorkerRefused` once it refused this worker.
package actor WorkerLink: GroupSink, SnapshotSource {
    /// Messages received before other work gets its turn.
    static let messagesPerPass = 64
    /// Passes after which deadlines are looked at even though messages keep coming.
    static let passesMax = 64

    nonisolated let thread: SocketThread
    nonisolated let client: SnapshotClient
    nonisolated let trouble: HandshakeTrouble
    let origin = ContinuousClock.now
    var socket: Socket?
    let id: SocketID
    /// Tells when the connection to the learner breaks.
    var monitor: Monitor?
    let monitorID: SocketID
    let bell: Doorbell
    var queue = SendQueue()
    /// The loop's present wait ends when there is room to send.
    var awaitsRoom = false
    var session: WorkerSession {
        didSet { publishPushStart() }
    }
    /// Where the next push begins, for whoever encodes: asking the socket thread would cost two switches
    /// of threads. It may be outdated by the time the frames are there; then they are numbered anew.
    nonisolated let pushStart = Mutex<PushStart?>(nil)
    let change = ChangeSignal()
    /// Times that the loop looked for work.
    var passes = 0
    let note: @Sendable (String) -> Void
    /// The session as it was when something was last said about it.
    var noted: WorkerSession.Phase?
    let reconnectDeadline: Duration
    /// What broke the link itself.
    var breakage: (any Error)?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    init(
        thread: SocketThread, socket: consuming sending Socket, monitor: consuming sending Monitor,
        client: SnapshotClient, configuration: WorkerLinkConfiguration
    ) {
        self.thread = thread
        self.client = client
        trouble = HandshakeTrouble(configuration.security)
        id = socket.id
        self.socket = consume socket
        monitorID = monitor.id
        self.monitor = consume monitor
        bell = Doorbell(on: thread)
        note = configuration.note
        reconnectDeadline = configuration.reconnectDeadline
        session = WorkerSession(
            configuration.worker.identity, numerics: configuration.numerics,
            slots: configuration.slots, timing: configuration.timing, now: .zero,
            sha256: { sha256($0) })
    }

    isolated deinit {}

    var now: Duration { origin.duration(to: .now) }

    var isOpen: Bool {
        switch socket {
        case .some: true
        case .none: false
        }
    }

    // MARK: GroupSink

    /// What the learner wants; waits for its WELCOME.
    ///
    /// Throws `GroupTooLarge` where groups of the configured size would not fit what the learner
    /// takes.
    package func configuration() async throws -> WorkerConfiguration {
        var mark = change.mark
        while session.welcome == nil, !session.isOver, breakage == nil {
            try await change.wait(since: mark)
            mark = change.mark
        }
        try throwFailure()
        guard let welcome = session.welcome, let text = welcome.configuration else {
            throw LearnerLost(cause: "it needs no workers any more")
        }
        return try checked(text, against: welcome)
    }

    private func checked(_ text: String, against welcome: Welcome) throws -> WorkerConfiguration {
        let shared: WorkerConfiguration
        do {
            shared = try JSONDecoder().decode(WorkerConfiguration.self, from: Data(text.utf8))
        } catch {
            throw LinkConfigurationError("the learner's configuration cannot be read: \(error)")
        }
        let bytes = Group.wireBytes(
            groupSize: shared.groupSize, promptLength: 1,
            completionLength: shared.sampling.maxCompletionLength,
            rewardFunctions: shared.rewards.names.count)
        guard shared.groupSize > 0, let bytes, bytes <= welcome.largestGroupBytes else {
            throw GroupTooLarge(bytes: bytes ?? .max, bytesMax: welcome.largestGroupBytes)
        }
        if let limits = welcome.limits {
            try WireError.check(
                shared.groupSize, atMost: limits.completions, "the group size of the learner")
            try WireError.check(
                shared.sampling.maxCompletionLength, atMost: limits.completionTokens,
                "max_completion_length of the learner")
        }
        return shared
    }

    package func leases(upTo limit: Int) async throws -> [Lease] {
        while true {
            let mark = change.mark
            try throwFailure()
            if session.isOver { return [] }
            let taken = session.takeLeases(upTo: limit)
            if !taken.isEmpty { return taken.map { Lease(id: $0.lease, ticket: $0.ticket) } }
            try await change.wait(since: mark)
        }
    }

    /// Sends groups and keeps them until the learner's verdicts. One whose lease the learner does not
    /// count as this worker's any more is dropped without a word: nobody waits for it.
    package nonisolated func push(_ answers: [Answer]) async throws {
        var rest = answers[...]
        while !rest.isEmpty {
            guard let start = pushStart.withLock({ $0 }) else { return try await throwFailure() }
            // Encoding happens here, off the socket thread.
            let frames = try frames(of: rest, from: start)
            // Fewer if another push took a number, or a lease is gone: the others are numbered anew.
            rest = rest.dropFirst(await send(frames))
        }
    }

    private nonisolated func frames(
        of answers: ArraySlice<Answer>, from start: PushStart
    ) throws -> [PushFrame] {
        try answers.enumerated().map { index, answer in
            let numbering = start.numbering.advanced(by: index)
            let delivery = GroupDelivery(
                sequence: numbering.sequence, lease: answer.lease, group: answer.group)
            try start.limits.check(answer.group)
            let frame = try WorkerMessage(
                incarnation: start.incarnation, .group(delivery), version: start.version
            ).encode()
            guard frame.count <= start.bytesMax else {
                throw GroupTooLarge(bytes: frame.count, bytesMax: start.bytesMax)
            }
            return PushFrame(frame: frame, lease: answer.lease, numbering: numbering)
        }
    }

    struct PushStart: Sendable {
        var numbering: WorkerSession.Numbering
        var incarnation: UInt64
        var bytesMax: Int
        var limits: SessionLimits
        var version: ProtocolVersion
    }

    private struct PushFrame: Sendable {
        var frame: [UInt8]
        var lease: Lease.ID
        var numbering: WorkerSession.Numbering
    }

    private func publishPushStart() {
        let start = session.isOver ? nil : session.welcome.map { welcome in
            PushStart(
                numbering: session.nextNumbering, incarnation: session.identity.incarnation,
                bytesMax: welcome.largestGroupBytes, limits: welcome.limits ?? SessionLimits(),
                version: session.version)
        }
        pushStart.withLock { $0 = start }
    }

    /// How many of the frames are done with, from the first on.
    private func send(_ frames: [PushFrame]) -> Int {
        var (actions, count) = ([WorkerSession.Action](), 0)
        loop: for frame in frames {
            switch session.push(
                frame.frame, lease: frame.lease, numbering: frame.numbering, now: now)
            {
            case .sent(let sends): actions += sends
            case .notNeeded: break
            case .renumber: break loop
            }
            count += 1
        }
        perform(actions)
        return count
    }

    // MARK: Reports

    package func statistics() async -> WorkerLinkStatistics {
        WorkerLinkStatistics(
            session: session.counters, unacknowledged: session.unacknowledgedCount, passes: passes,
            fetchPasses: await client.passes)
    }

    func throwFailure() throws {
        if let breakage { throw breakage }
        guard case .failed(let failure) = session.phase else { return }
        switch failure {
        case .lost(let cause):
            throw LearnerLost(cause: [cause, trouble.sentence].compactMap(\.self).joined(separator: "; "))
        case .rejected(let code, let reason): throw WorkerRefused(code: code, reason: reason)
        case .barred: throw WorkerBarred()
        case .runFailed(let reason):
            throw LearnerLost(cause: "it said that the run failed: \(reason)")
        case .protocolBroken(let reason):
            throw LearnerLost(cause: "it broke the protocol: \(reason)")
        }
    }
}

/// What went through a worker's link since its start.
package struct WorkerLinkStatistics: Hashable, Sendable {
    package var session: WorkerCounters
    /// Groups that have no verdict yet.
    package var unacknowledged: Int
    /// Times that the loops of the two sockets looked for work.
    package var passes: Int
    package var fetchPasses: Int
}
