import Testing
import ZeroMQ

@Suite("Who may connect: the ZAP handler", .timeLimit(.minutes(1)))
struct ZAPTests {
    /// Runs `body` with a handler and the key pair of a server that asks it.
    private func withHandler(
        _ judge: @escaping @Sendable (ZAPRequest) -> ZAPReply,
        _ body: nonisolated(nonsending) (ZAPHandler, SocketThread, Context) async throws -> Void
    ) async throws {
        try await withSockets { thread, context in
            let handler = try await ZAPHandler.open(in: context, on: thread, judge: judge)
            let loop = Task { try await handler.run() }
            do {
                try await body(handler, thread, context)
                await handler.close()
                try await loop.value
            } catch {
                await handler.close()
                throw error
            }
        }
    }

    @Test("A peer that is let in is known by its identity at every message")
    func accepted() async throws {
        let (server, client) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        try await withHandler { request in
            guard request.domain == "d", request.credentials == .curve(client.publicKey) else {
                return .refused(.denied, "not that one")
            }
            return .accepted(as: "node1", metadata: ["Zone": "b", "Rack": "7"])
        } _: { handler, thread, context in
            let router = try await thread.peer(
                .router, in: context,
                SocketOption.curveServer(server.secretKey, zapDomain: "d") + [.linger(.zero)])
            let endpoint = try await router.bind("tcp://127.0.0.1:*")
            let dealer = try await thread.peer(
                .dealer, in: context,
                SocketOption.curveClient(client, of: server.publicKey) + [.linger(.zero)])
            try await dealer.use { try $0.connect(endpoint) }
            for _ in 0..<2 {
                try await dealer.send([1])
                try await router.waitForMessage()
                let found = try await router.use { socket -> [String?] in
                    guard let message = try socket.receiveFromPeer() else { return [] }
                    switch consume message {
                    case .message(let body, _):
                        return [
                            body.property("User-Id"), body.property("Zone"), body.property("Rack"),
                            body.property("Peer-Address"), body.property("None"),
                        ]
                    case .malformed: return []
                    }
                }
                #expect(found == ["node1", "b", "7", "127.0.0.1", nil])
            }
            #expect(await handler.statistics.accepted == 1)
        }
    }

    @Test("Once the handler is closed, nobody gets in, not even who is listed")
    func closedHandler() async throws {
        let (server, client) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        try await withHandler { _ in .accepted(as: "anyone") } _: { handler, thread, context in
            // The handler's address may be there for a moment after it was closed: then nobody answers.
            let router = try await thread.peer(
                .router, in: context,
                SocketOption.curveServer(server.secretKey, zapDomain: "d")
                    + [.linger(.zero), .handshakeInterval(.seconds(1))])
            let endpoint = try await router.bind("tcp://127.0.0.1:*")
            let options = SocketOption.curveClient(client, of: server.publicKey)
                + [.linger(.zero), .immediate(true)]
            let first = try await thread.peer(.dealer, in: context, options)
            try await first.use { try $0.connect(endpoint) }
            try await first.send([1])
            _ = try await router.receiveFromPeer()
            await handler.close()
            let socket = try await thread.open(.dealer, in: context, options: options)
            let monitor = try await thread.openMonitor(of: socket.id, in: context)
            let second = Knocking(thread: thread, socket: socket, monitor: monitor)
            #expect(try await second.isLetIn(at: endpoint) == false)
            // Who is in stays in.
            try await first.send([2])
            #expect(try await router.receiveFromPeer().bytes == [2])
        }
    }

    private static let key = [UInt8](repeating: 7, count: 32)
    private static let valid = ["1.0", "9", "d", "10.0.0.7", "id", "CURVE"].map { Array($0.utf8) } + [key]

    private static func changed(_ index: Int, to frame: [UInt8]) -> [[UInt8]] {
        var frames = valid
        frames[index] = frame
        return frames
    }

    /// What is wrong, the frames, and the request id that comes back.
    private static let garbage: [(String, [[UInt8]], [UInt8])] = [
        ("nothing at all", [], []),
        ("another version", changed(0, to: Array("2.0".utf8)), []),
        ("no request id", changed(1, to: []), []),
        ("a long request id", changed(1, to: [UInt8](repeating: 1, count: 256)), []),
        ("too few frames", Array(valid.prefix(5)), Array("9".utf8)),
        ("no credentials", Array(valid.prefix(6)), Array("9".utf8)),
        ("two credentials", valid + [key], Array("9".utf8)),
        ("a short key", changed(6, to: Array(key.dropLast())), Array("9".utf8)),
        ("a domain that is not UTF-8", changed(2, to: [0xFF]), Array("9".utf8)),
        ("a long address", changed(3, to: [UInt8](repeating: 65, count: 256)), Array("9".utf8)),
        ("too many frames", valid + [[UInt8]](repeating: [0], count: 12), Array("9".utf8)),
        ("PLAIN without a password", changed(5, to: Array("PLAIN".utf8)), Array("9".utf8)),
    ]

    @Test("Requests that cannot be read are answered with status 500, and the handler goes on")
    func garbageRequests() async throws {
        try await withHandler { .accepted(as: $0.address) } _: { handler, thread, context in
            let peer = try await thread.peer(.dealer, in: context, [.linger(.zero)])
            try await peer.use { try $0.connect(Endpoint("inproc://zeromq.zap.01")) }
            func ask(_ frames: [[UInt8]]) async throws -> [[UInt8]] {
                _ = try await peer.use { try $0.send(frames: [[]] + frames) }
                try await peer.waitForMessage()
                return try await peer.use { try $0.receiveFrames() } ?? []
            }
            for (what, frames, id) in Self.garbage {
                let reply = try await ask(frames)
                #expect(reply.count == 7 && reply[0].isEmpty, "\(what)")
                #expect(reply[1] == Array("1.0".utf8) && reply[2] == id, "\(what)")
                #expect(reply[3] == Array("500".utf8) && reply[5].isEmpty, "\(what)")
            }
            // Without a delimiter, or without end, nobody can be answered.
            _ = try await peer.use { try $0.send(frames: [[1]]) }
            _ = try await peer.use { try $0.send(frames: [[]] + [[UInt8]](repeating: [], count: 99)) }
            let reply = try await ask(Self.valid)
            #expect(reply[2] == Array("9".utf8) && reply[3] == Array("200".utf8))
            #expect(reply[5] == Array("10.0.0.7".utf8))
            let statistics = await handler.statistics
            #expect(statistics.malformed == Self.garbage.count + 2 && statistics.accepted == 1)
        }
    }

    @Test("A context has one handler")
    func oneHandler() async throws {
        try await withHandler { _ in .accepted(as: "") } _: { _, thread, context in
            let error = try await zeroMQError {
                _ = try await ZAPHandler.open(in: context, on: thread) { _ in .accepted(as: "") }
            }
            #expect(error.code == .addressInUse)
        }
    }
}

/// A client that sees how its handshake ends.
private actor Knocking {
    nonisolated let thread: SocketThread
    private let socket: Socket
    private let monitor: Monitor

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(
        thread: SocketThread, socket: consuming sending Socket, monitor: consuming sending Monitor
    ) {
        self.thread = thread
        self.socket = socket
        self.monitor = monitor
    }

    isolated deinit {}

    func isLetIn(at endpoint: Endpoint) async throws -> Bool {
        try socket.connect(endpoint)
        while true {
            while let event = try monitor.next() {
                switch event.kind {
                case .handshakeSucceeded: return true
                case .handshakeFailed, .handshakeFailedProtocol, .handshakeFailedAuthentication:
                    return false
                default: break
                }
            }
            try await thread.wait(
                until: .readable, on: monitor.id, timeout: patience, for: "the end of a handshake")
        }
    }
}
