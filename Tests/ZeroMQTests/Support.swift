import Foundation
import Testing
import ZeroMQ

/// No wait of a test may be endless; none comes near this.
let patience = Duration.seconds(20)

/// A socket thread and a context for `body`, both gone at the end: a test that leaks a socket fails
/// here.
func withSockets<Result>(
    named name: String = "test",
    _ body: nonisolated(nonsending) (SocketThread, Context) async throws -> Result
) async throws -> Result {
    let context = try Context()
    let result = try await SocketThread.withThread(named: name) { thread in
        try await body(thread, context)
    }
    try await context.terminate(within: patience)
    #expect(context.openSocketCount == 0)
    return result
}

/// An actor with one socket, in the shape that links have.
actor Peer {
    nonisolated let thread: SocketThread
    private let socket: Socket

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread, socket: consuming sending Socket) {
        self.thread = thread
        self.socket = socket
    }

    isolated deinit {}

    var id: SocketID { socket.id }

    func use<Result: Sendable>(
        _ body: @Sendable (borrowing Socket) throws -> Result
    ) rethrows -> Result {
        try body(socket)
    }

    func send(_ bytes: [UInt8]) async throws {
        var message = Message(bytes)
        while try !socket.send(&message) {
            try await thread.wait(
                until: .writable, on: socket.id, timeout: patience, for: "room to send")
        }
    }

    func receive() async throws -> [UInt8] {
        while true {
            if let message = try socket.receive() { return message.bytes }
            try await thread.wait(
                until: .readable, on: socket.id, timeout: patience, for: "a message")
        }
    }

    func receiveFromPeer() async throws -> (from: RoutingID, bytes: [UInt8]?, frames: Int) {
        while true {
            if let message = try socket.receiveFromPeer() {
                switch consume message {
                case .message(let body, let peer): return (peer, body.bytes, 1)
                case .malformed(let frames, let peer): return (peer, nil, frames)
                }
            }
            try await thread.wait(
                until: .readable, on: socket.id, timeout: patience, for: "a peer's message")
        }
    }

    /// Waits until `socket` is readable and leaves the message where it is.
    func waitForMessage(timeout: Duration? = patience) async throws {
        try await thread.wait(until: .readable, on: socket.id, timeout: timeout, for: "a message")
    }
}

extension SocketThread {
    func peer(
        _ kind: SocketKind, in context: Context, _ options: [SocketOption] = []
    ) async throws -> Peer {
        Peer(thread: self, socket: try await open(kind, in: context, options: options))
    }

    /// Two sockets connected over loopback TCP; the first is bound.
    func pair(
        _ bound: SocketKind, _ connected: SocketKind, in context: Context,
        _ options: [SocketOption] = []
    ) async throws -> (Peer, Peer) {
        let options = options + [.linger(.zero)]
        let server = try await peer(bound, in: context, options)
        let client = try await peer(connected, in: context, options)
        let endpoint = try await server.bind("tcp://127.0.0.1:*")
        try await client.use { try $0.connect(endpoint) }
        return (server, client)
    }

    /// Waits, without sleeping, until `count` waits are pending on the thread.
    func reachedWaits(_ count: Int) async throws {
        let deadline = ContinuousClock.now + patience
        while try await run({ self.pendingWaits().count }) < count {
            try #require(ContinuousClock.now < deadline, "\(count) waits were never pending")
            await Task.yield()
        }
    }
}

extension Peer {
    /// Binds and says where.
    func bind(_ text: String) throws -> Endpoint {
        let endpoint = try Endpoint(text)
        try socket.bind(endpoint)
        return try #require(try socket.boundEndpoint())
    }
}

/// A directory that is short enough for ipc and is removed at the end.
func withScratchDirectory<Result>(
    _ body: nonisolated(nonsending) (String) async throws -> Result
) async throws -> Result {
    let path = "/tmp/zmq-test-\(UInt64.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// `body` must throw an error of libzmq's; that error.
func zeroMQError(
    _ body: nonisolated(nonsending) () async throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> ZeroMQError {
    do {
        try await body()
    } catch let error as ZeroMQError {
        return error
    }
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    throw CancellationError()
}
