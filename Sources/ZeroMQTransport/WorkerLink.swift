package import GRPO
package import Ports
package import Sessions
internal import Wire
internal import ZeroMQ
private import Foundation

/// A worker's end of the ring over ZeroMQ: a thin shell over `WorkerSession` on a socket thread.
///
/// Use it in a scope: `WorkerLink.withLink(configuration) { link in … }`. Every call throws `LearnerLost`
/// once the learner was silent for too long or said that the run failed, and `WorkerRefused` once it
/// refused this worker.
package actor WorkerLink: GroupSink, SnapshotSource {
    private static let messagesPerPass = 64
    private static let passesMax = 64

    nonisolated let thread: SocketThread
    nonisolated let client: SnapshotClient
    private let origin = ContinuousClock.now
    private var socket: Socket?
    private let id: SocketID
    private let bell: Doorbell
    private var queue = SendQueue()
    private var session: WorkerSession
    private let change = ChangeSignal()
    /// What broke the link itself.
    private var breakage: (any Error)?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    init(
        thread: SocketThread, socket: consuming sending Socket, client: SnapshotClient,
        configuration: WorkerLinkConfiguration
    ) {
        self.thread = thread
        self.client = client
        id = socket.id
        self.socket = consume socket
        bell = Doorbell(on: thread)
        session = WorkerSession(
            configuration.worker.identity, numerics: configuration.numerics,
            slots: configuration.slots, timing: configuration.timing, now: .zero,
            sha256: { sha256($0) })
    }

    isolated deinit {}

    private var now: Duration { origin.duration(to: .now) }

    private var isOpen: Bool {
        switch socket {
        case .some: true
        case .none: false
        }
    }

    // MARK: GroupSink

    /// What the learner wants; waits for its WELCOME.
    ///
    /// Throws `GroupTooLarge` where groups of the configured size would not fit what the learner takes.
    package func configuration() async throws -> WorkerConfiguration {
        while session.welcome == nil, !session.isOver, breakage == nil { try await change.wait() }
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
            completionLength: shared.sampling.maxCompletionLength)
        guard shared.groupSize > 0, let bytes, bytes <= welcome.largestGroupBytes else {
            throw GroupTooLarge(bytes: bytes ?? .max, bytesMax: welcome.largestGroupBytes)
        }
        return shared
    }

    package func leases(upTo limit: Int) async throws -> [Lease] {
        while true {
            try throwFailure()
            if session.isOver { return [] }
            let taken = session.takeLeases(upTo: limit)
            if !taken.isEmpty { return taken.map { Lease(id: $0.lease, ticket: $0.ticket) } }
            try await change.wait()
        }
    }

    /// Sends a group and keeps it until the learner's verdict. A group whose lease the learner does not
    /// count as this worker's any more is dropped without a word: nobody waits for it.
    package nonisolated func push(_ group: Group, lease: Lease.ID) async throws {
        // Encoding happens here, off the socket thread; if another push took the number, once more.
        var isSent = false
        while !isSent {
            guard let start = try await numbering(for: lease) else { return }
            let delivery = GroupDelivery(
                sequence: start.numbering.sequence, lease: lease, group: group)
            let frame = try WorkerMessage(incarnation: start.incarnation, .group(delivery)).encode()
            guard frame.count <= start.bytesMax else {
                throw GroupTooLarge(bytes: frame.count, bytesMax: start.bytesMax)
            }
            isSent = await send(frame, lease: lease, numbering: start.numbering)
        }
    }

    private struct PushStart: Sendable {
        var numbering: WorkerSession.Numbering
        var incarnation: UInt64
        var bytesMax: Int
    }

    private func numbering(for lease: Lease.ID) throws -> PushStart? {
        try throwFailure()
        guard !session.isOver, let welcome = session.welcome else { return nil }
        return PushStart(
            numbering: session.nextNumbering, incarnation: session.identity.incarnation,
            bytesMax: welcome.largestGroupBytes)
    }

    /// False if the group has to be numbered anew.
    private func send(
        _ frame: [UInt8], lease: Lease.ID, numbering: WorkerSession.Numbering
    ) -> Bool {
        switch session.push(frame, lease: lease, numbering: numbering, now: now) {
        case .sent(let actions): perform(actions)
        case .notNeeded: break
        case .renumber: return false
        }
        return true
    }

    // MARK: SnapshotSource

    package nonisolated func snapshot(_ version: PolicyVersion) async throws -> Snapshot {
        let outcome = try await client.fetch(version, expected: try await digest(of: version))
        switch outcome {
        case .complete(let reference, let chunks):
            let snapshot = try await Self.assemble(reference, chunks)
            await adopt(reference)
            return snapshot
        case .gone:
            try await giveUp(version)
            throw SnapshotGone(version: version)
        case .failed(let cause):
            try await throwFailure()
            throw LearnerLost(cause: "snapshot \(version) could not be fetched: \(cause)")
        }
    }

    private func digest(of version: PolicyVersion) throws -> ContentDigest? {
        try throwFailure()
        if session.isOver { throw SnapshotGone(version: version) }
        return session.digest(of: version)
    }

    @concurrent
    private static func assemble(
        _ reference: SnapshotReference, _ chunks: [ArraySlice<UInt8>]
    ) async throws -> Snapshot {
        var image: [UInt8] = []
        image.reserveCapacity(chunks.reduce(0) { $0 + $1.count })
        for chunk in chunks { image += chunk }
        let snapshot = Snapshot(version: reference.version, image: image)
        guard SnapshotReference(snapshot) == reference else {
            throw LearnerLost(
                cause: "snapshot \(reference.version) has the digest \(snapshot.digest), not \(reference.digest)")
        }
        return snapshot
    }

    private func adopt(_ reference: SnapshotReference) {
        perform(session.adopt(reference, now: now))
    }

    private func giveUp(_ version: PolicyVersion) throws {
        try throwFailure()
        perform(session.giveUp(version, now: now))
    }

    // MARK: Reports

    package func statistics() -> WorkerLinkStatistics {
        WorkerLinkStatistics(session: session.counters, unacknowledged: session.unacknowledgedCount)
    }

    private func throwFailure() throws {
        if let breakage { throw breakage }
        guard case .failed(let failure) = session.phase else { return }
        switch failure {
        case .lost(let cause): throw LearnerLost(cause: cause)
        case .rejected(let code, let reason): throw WorkerRefused(code: code, reason: reason)
        case .runFailed(let reason): throw LearnerLost(cause: "it said that the run failed: \(reason)")
        case .protocolBroken(let reason): throw LearnerLost(cause: "it broke the protocol: \(reason)")
        }
    }

    // MARK: The loop

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
        var passes = 0
        while isOpen {
            let isEmpty = try receiveSome()
            passes += 1
            if isEmpty || passes >= Self.passesMax {
                passes = 0
                perform(session.tick(now: now))
            }
            try flush()
            if isEmpty {
                let deadline = ContinuousClock.now + tickInterval
                _ = try await thread.waitAny(interests, until: deadline, for: "messages of the learner")
            } else {
                await Task.yield()
            }
        }
    }

    private var interests: [Interest] {
        let always: [Interest] = [.readable(id), bell.interest]
        return queue.isEmpty ? always : always + [.writable(id)]
    }

    private var tickInterval: Duration {
        guard let welcome = session.welcome else { return .milliseconds(50) }
        return min(max(welcome.heartbeatInterval / 4, .milliseconds(2)), .milliseconds(250))
    }

    /// True if there was nothing left to receive.
    private func receiveSome() throws -> Bool {
        for _ in 0..<Self.messagesPerPass {
            guard let message = try nextMessage() else { return true }
            do throws(WireError) {
                let decoded = try message.withUnsafeBytes { (bytes) throws(WireError) in
                    try LearnerMessage(frame: bytes)
                }
                perform(session.receive(decoded, now: now))
            } catch {
                session.receive(error)
            }
        }
        return false
    }

    private func nextMessage() throws -> sending Message? {
        switch socket {
        case .some(let socket): try socket.receive()
        case .none: nil
        }
    }

    private func perform(_ actions: [WorkerSession.Action]) {
        for action in actions {
            switch action {
            case .send(let command):
                // A new session begins with HELLO; what waits from the old one is said again.
                if case .hello = command { queue.removeAll() }
                let message = WorkerMessage(incarnation: session.identity.incarnation, command)
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
        if !queue.isEmpty { bell.ring() }
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
        socket = nil
        change.notify()
    }
}

/// What went through a worker's link since its start.
package struct WorkerLinkStatistics: Hashable, Sendable {
    package var session: WorkerCounters
    /// Groups that have no verdict yet.
    package var unacknowledged: Int
}
