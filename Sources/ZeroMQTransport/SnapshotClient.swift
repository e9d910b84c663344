internal import GRPO
internal import Sessions
internal import Wire
internal import ZeroMQ

/// A worker's snapshot socket: one transfer at a time.
actor SnapshotClient {
    private static let messagesPerPass = 16

    nonisolated let thread: SocketThread
    private let origin = ContinuousClock.now
    private let timing: SnapshotFetch.Timing
    private var socket: Socket?
    private let id: SocketID
    private let bell: Doorbell
    private var queue = SendQueue()
    /// The loop's present wait ends when there is room to send, and looks after the transfer.
    private var awaitsRoom = false
    private var awaitsChunks = false
    private var fetch: SnapshotFetch?
    /// Tells one transfer's hashes from another's.
    private var fetchNumber = 0
    private var outcome: SnapshotFetch.Outcome?
    private var isAbandoned = false
    private let change = ChangeSignal()
    private(set) var malformed = 0
    /// Times that the loop looked for work.
    private(set) var passes = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread, socket: consuming sending Socket, timing: SnapshotFetch.Timing) {
        self.thread = thread
        self.timing = timing
        id = socket.id
        self.socket = consume socket
        bell = Doorbell(on: thread)
    }

    isolated deinit {}

    private var now: Duration { origin.duration(to: .now) }

    private var isOpen: Bool {
        switch socket {
        case .some: true
        case .none: false
        }
    }

    /// Fetches one version; `expected` is its digest where the learner has said it. Throws
    /// `CancellationError` as soon as the task is cancelled.
    func fetch(
        _ version: PolicyVersion, expected: ContentDigest?
    ) async throws -> SnapshotFetch.Outcome {
        try await untilChanged { fetch == nil }
        if isAbandoned { return .gone }
        fetchNumber += 1
        outcome = nil
        fetch = SnapshotFetch(version, expected: expected, timing: timing, now: now)
        defer {
            fetch = nil
            change.notify()
        }
        perform(fetch!.tick(now: now))
        try await untilChanged { outcome != nil || isAbandoned }
        return outcome ?? .gone
    }

    private func untilChanged(_ isDone: () -> Bool) async throws {
        var mark = change.mark
        while !isDone() {
            try await change.wait(since: mark)
            mark = change.mark
        }
    }

    /// The session is over: transfers end, as if the snapshot were gone.
    func abandon() {
        isAbandoned = true
        change.notify()
    }

    func close() {
        abandon()
        socket = nil
    }

    // MARK: The loop

    /// Serves until `close`.
    func run() async {
        do { try await serve() } catch {
            // A socket that cannot be used gives no snapshots; the link's own tells why.
            if isOpen { end(.failed("\(error)")) }
        }
    }

    private func serve() async throws {
        while isOpen {
            let isEmpty = try receiveSome()
            passes += 1
            if isEmpty, fetch != nil { perform(fetch!.tick(now: now)) }
            try flush()
            if isEmpty {
                (awaitsRoom, awaitsChunks) = (!queue.isEmpty, fetch != nil)
                _ = try await thread.waitAny(
                    interests, until: deadline, for: "chunks of a snapshot")
            } else {
                await Task.yield()
            }
        }
    }

    private var interests: [Interest] {
        let always: [Interest] = [.readable(id), bell.interest]
        return queue.isEmpty ? always : always + [.writable(id)]
    }

    private var deadline: ContinuousClock.Instant? {
        fetch == nil ? nil : .now + .milliseconds(100)
    }

    private func receiveSome() throws -> Bool {
        for _ in 0..<Self.messagesPerPass {
            guard let message = try nextMessage() else { return true }
            do throws(WireError) {
                let decoded = try message.withUnsafeBytes { (bytes) throws(WireError) in
                    try HolderMessage(frame: bytes)
                }
                if fetch != nil { perform(fetch!.receive(decoded, now: now)) }
            } catch {
                malformed += 1
                if fetch != nil { perform(fetch!.receive(error)) }
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

    private func perform(_ actions: [SnapshotFetch.Action]) {
        for action in actions {
            switch action {
            case .send(let command): send(command)
            case .verifyManifest(let manifest): verify(manifest)
            case .verifyChunk(let index, let bytes, let digest): verify(index, bytes, digest)
            case .ended(let outcome): end(outcome)
            }
        }
        try? flush()
        let isUnseen = !queue.isEmpty && !awaitsRoom || fetch != nil && !awaitsChunks
        if isUnseen { bell.ring() }
    }

    private func send(_ command: FetcherCommand) {
        guard let frame = try? FetcherMessage(command).encode() else {
            preconditionFailure("a fetcher made a request that cannot be sent: \(command)")
        }
        queue.append(frame)
    }

    private func flush() throws {
        switch socket {
        case .some(let socket): try queue.flush(into: socket)
        case .none: queue.removeAll()
        }
    }

    private func end(_ result: SnapshotFetch.Outcome) {
        outcome = result
        queue.removeAll()
        change.notify()
    }

    // MARK: Hashing, off the socket thread

    private func verify(_ manifest: Manifest) {
        let number = fetchNumber
        Task.detached {
            let digest = sha256(manifest.chunkDigests.flatMap(\.bytes))
            await self.verified(number) { fetch, now in
                fetch.manifestVerified(digest == manifest.snapshot.digest, now: now)
            }
        }
    }

    private func verify(_ index: Int, _ bytes: ArraySlice<UInt8>, _ digest: ContentDigest) {
        let number = fetchNumber
        Task.detached {
            let isRight = sha256(bytes) == digest
            await self.verified(number) { $0.chunkVerified(index, isRight, now: $1) }
        }
    }

    private func verified(
        _ number: Int,
        _ answer: @Sendable (inout SnapshotFetch, Duration) -> [SnapshotFetch.Action]
    ) {
        guard number == fetchNumber, fetch != nil else { return }
        perform(answer(&fetch!, now))
    }
}
