import GRPO
import Ports
import Testing
import Wire
import ZeroMQ
import ZeroMQTransport

/// A bare socket that says exactly what a test wants it to say.
actor RawPeer {
    nonisolated let thread: SocketThread
    private let socket: Socket

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread, socket: consuming sending Socket) {
        self.thread = thread
        self.socket = socket
    }

    isolated deinit {}

    /// As a DEALER.
    func send(_ frame: [UInt8]) async throws {
        while try !socket.send(frame) {
            try await thread.wait(
                until: .writable, on: socket.id, timeout: .seconds(20), for: "room for a frame")
        }
    }

    func send(frames: [[UInt8]]) async throws {
        while try !socket.send(frames: frames) {
            try await thread.wait(
                until: .writable, on: socket.id, timeout: .seconds(20), for: "room for frames")
        }
    }

    /// As a DEALER.
    func receive() async throws -> [UInt8] {
        while true {
            if let message = try socket.receive() { return message.bytes }
            try await thread.wait(
                until: .readable, on: socket.id, timeout: .seconds(20), for: "a frame")
        }
    }

    /// As a ROUTER.
    func receiveFromPeer() async throws -> (from: RoutingID, bytes: [UInt8]) {
        while true {
            if let message = try socket.receiveFromPeer() {
                switch consume message {
                case .message(let body, let peer): return (peer, body.bytes)
                case .malformed: break
                }
            }
            try await thread.wait(
                until: .readable, on: socket.id, timeout: .seconds(20), for: "a peer's frame")
        }
    }

    func send(_ command: LearnerCommand, incarnation: UInt32, to peer: RoutingID) throws {
        let frame = try LearnerMessage(incarnation: incarnation, command).encode()
        let outcome = try socket.send(frame, to: peer)
        #expect(outcome == .sent)
    }
}

/// Runs `body` with a bare DEALER that is connected to a learner's rollouts; then it closes without
/// a goodbye, like a process that was killed.
func withRawWorker<Result>(
    _ address: LearnerAddress, _ options: [SocketOption] = [],
    _ body: nonisolated(nonsending) (RawPeer) async throws -> Result
) async throws -> Result {
    try await withRawPeer(
        .dealer,
        { socket in
            for option in options { try socket.set(option) }
            try socket.connect(address.rollouts)
        }, body)
}

/// Runs `body` with a bare ROUTER where a learner would listen.
func withRawLearner<Result>(
    _ address: LearnerAddress,
    _ body: nonisolated(nonsending) (RawPeer) async throws -> Result
) async throws -> Result {
    try await withRawPeer(.router, { try $0.bind(address.rollouts) }, body)
}

private func withRawPeer<Result>(
    _ kind: SocketKind, _ configure: @escaping @Sendable (borrowing Socket) throws -> Void,
    _ body: nonisolated(nonsending) (RawPeer) async throws -> Result
) async throws -> Result {
    let context = try Context()
    let result = try await SocketThread.withThread(named: "raw-peer") { thread in
        let socket = try await thread.open(
            kind, in: context, options: [.linger(.zero)], configure: configure)
        return try await body(RawPeer(thread: thread, socket: socket))
    }
    try await context.terminate(within: .seconds(10))
    return result
}

func hello(_ name: String, incarnation: UInt64 = 1, slots: UInt32 = 2) throws -> [UInt8] {
    let hello = Hello(worker: name, numerics: numerics, freeSlots: slots)
    return try WorkerMessage(incarnation: incarnation, .hello(hello)).encode()
}

/// A WELCOME to the run of `workerConfiguration`.
func welcome(liveness: Duration = .milliseconds(200)) throws -> Welcome {
    let json = #"""
        {"groupSize":2,"model":"{}","rewardPlacement":"worker","rewards":{"names":["length"],
        "parameters":{"maxCompletionLength":64,"maxPenalty":-1,"ngramSize":3,"softPunishCache":0},
        "weights":[1]},
        "runID":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","sampling":{"maxCompletionLength":64,
        "stopTokens":[0],"temperature":1,"topK":0,"topP":1},"seed":7}
        """#
    let digest = ContentDigest(SnapshotDigest.sha256(Array(json.utf8)[...]))!
    return Welcome(
        runID: RunID([UInt8](repeating: 15, count: 16))!, configurationFingerprint: digest,
        configuration: json, numerics: numerics, heartbeatInterval: .milliseconds(50),
        livenessDeadline: liveness, largestGroupBytes: 1 << 20, groupSize: 2,
        rewardPlacement: .worker,
        current: SnapshotReference(
            version: version(0), digest: ContentDigest(snapshot(version(0)).digest.bytes)!),
        acknowledged: 0)
}
