import Testing
import ZeroMQ

/// A socket with its monitor, served by one actor.
private actor Watched {
    nonisolated let thread: SocketThread
    private let socket: Socket
    private let monitor: Monitor

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread, socket: consuming sending Socket, monitor: consuming sending Monitor)
    {
        self.thread = thread
        self.socket = socket
        self.monitor = monitor
    }

    isolated deinit {}

    func use<Result: Sendable>(
        _ body: @Sendable (borrowing Socket) throws -> Result
    ) rethrows -> Result {
        try body(socket)
    }

    /// The events up to and including the first that `isLast` accepts.
    func events(until isLast: @Sendable (MonitorEvent.Kind) -> Bool) async throws -> [MonitorEvent]
    {
        var events: [MonitorEvent] = []
        while true {
            while let event = try monitor.next() {
                events.append(event)
                if isLast(event.kind) { return events }
            }
            try await thread.wait(
                until: .readable, on: monitor.id, timeout: patience, for: "a monitor event")
        }
    }
}

@Suite("Monitors")
struct MonitorTests {
    private func watched(
        _ kind: SocketKind, on thread: SocketThread, in context: Context,
        _ options: [SocketOption] = []
    ) async throws -> Watched {
        let socket = try await thread.open(kind, in: context, options: options + [.linger(.zero)])
        let monitor = try await thread.openMonitor(of: socket.id, in: context)
        return Watched(thread: thread, socket: socket, monitor: monitor)
    }

    @Test("A monitor sees listening, acceptance, the handshake, and the disconnection")
    func lifeOfConnection() async throws {
        try await withSockets { thread, context in
            let server = try await watched(.pull, on: thread, in: context)
            let endpoint = try await server.use {
                try $0.bind(Endpoint("tcp://127.0.0.1:*"))
                return try #require(try $0.boundEndpoint())
            }
            var client: Peer? = try await thread.peer(.push, in: context, [.linger(.zero)])
            try await client?.use { try $0.connect(endpoint) }
            let start = try await server.events { $0 == .handshakeSucceeded }
            #expect(start.contains { if case .listening = $0.kind { true } else { false } })
            #expect(start.contains { if case .accepted = $0.kind { true } else { false } })
            #expect(start.allSatisfy { $0.endpoint.contains("127.0.0.1") })
            client = nil
            let end = try await server.events {
                if case .disconnected = $0 { true } else { false }
            }
            #expect(end.count == 1)
        }
    }

    @Test("A connecting socket sees the connection, its loss, and the attempts that follow")
    func clientSide() async throws {
        try await withSockets { thread, context in
            var server: Peer? = try await thread.peer(.pull, in: context, [.linger(.zero)])
            let endpoint = try #require(try await server?.bind("tcp://127.0.0.1:*"))
            let client = try await watched(
                .push, on: thread, in: context, [.reconnectInterval(.milliseconds(1))])
            try await client.use { try $0.connect(endpoint) }
            let start = try await client.events { $0 == .handshakeSucceeded }
            #expect(start.contains { if case .connected = $0.kind { true } else { false } })
            server = nil
            _ = try await client.events { if case .disconnected = $0 { true } else { false } }
            _ = try await client.events { if case .connectRetried = $0 { true } else { false } }
        }
    }

    @Test(
        "Without a ZAP handler an enforced domain refuses an encrypted stranger")
    func refusedStranger() async throws {
        try await withSockets { thread, context in
            let (serverKeys, clientKeys) = (
                try CurveKeyPair.generate(), try CurveKeyPair.generate()
            )
            let server = try await watched(
                .pull, on: thread, in: context,
                [
                    .curveServer(true), .curveSecretKey(serverKeys.secretKey), .zapDomain("cohort"),
                    .zapEnforceDomain(true),
                ])
            let endpoint = try await server.use {
                try $0.bind(Endpoint("tcp://127.0.0.1:*"))
                return try #require(try $0.boundEndpoint())
            }
            let client = try await thread.peer(
                .push, in: context,
                [
                    .curveServerKey(serverKeys.publicKey), .curvePublicKey(clientKeys.publicKey),
                    .curveSecretKey(clientKeys.secretKey), .immediate(true), .linger(.zero),
                ])
            try await client.use { try $0.connect(endpoint) }
            let events = try await server.events {
                if case .disconnected = $0 { return true }
                return $0.isHandshakeFailure
            }
            #expect(events.last?.kind.isHandshakeFailure == true, "\(events)")
            #expect(!events.map(\.kind).contains(.handshakeSucceeded))
        }
    }

    @Test("A peer that does not encrypt is refused by one that does")
    func plainStranger() async throws {
        try await withSockets { thread, context in
            let keys = try CurveKeyPair.generate()
            let server = try await watched(
                .pull, on: thread, in: context,
                [.curveServer(true), .curveSecretKey(keys.secretKey)])
            let endpoint = try await server.use {
                try $0.bind(Endpoint("tcp://127.0.0.1:*"))
                return try #require(try $0.boundEndpoint())
            }
            let client = try await thread.peer(.push, in: context, [.linger(.zero)])
            try await client.use { try $0.connect(endpoint) }
            let events = try await server.events { $0.isHandshakeFailure }
            #expect(events.last?.kind == .handshakeFailedProtocol(.mechanismMismatch), "\(events)")
        }
    }

    @Test("Two encrypted peers without an enforced domain exchange messages")
    func encrypted() async throws {
        try await withSockets { thread, context in
            let (serverKeys, clientKeys) = (
                try CurveKeyPair.generate(), try CurveKeyPair.generate()
            )
            let server = try await thread.peer(
                .pull, in: context,
                [.curveServer(true), .curveSecretKey(serverKeys.secretKey), .linger(.zero)])
            let endpoint = try await server.bind("tcp://127.0.0.1:*")
            let client = try await thread.peer(
                .push, in: context,
                [
                    .curveServerKey(serverKeys.publicKey), .curvePublicKey(clientKeys.publicKey),
                    .curveSecretKey(clientKeys.secretKey), .linger(.zero),
                ])
            try await client.use { try $0.connect(endpoint) }
            try await client.send([1, 2, 3])
            #expect(try await server.receive() == [1, 2, 3])
        }
    }

    @Test("A socket has one monitor at a time, and a closed one has none")
    func oneMonitor() async throws {
        try await withSockets { thread, context in
            let socket = try await thread.open(.pull, in: context)
            let id = socket.id
            let first = try await thread.openMonitor(of: id, in: context)
            let error = try await zeroMQError {
                _ = try await thread.openMonitor(of: id, in: context)
            }
            #expect(error.code == .alreadyMonitored)
            first.close()
            try await thread.openMonitor(of: id, in: context).close()
            socket.close()
            let closed = try await zeroMQError {
                _ = try await thread.openMonitor(of: id, in: context)
            }
            #expect(closed.code == .socketClosed)
        }
    }

    @Test("A socket may be closed before its monitor; the context still ends")
    func closedFirst() async throws {
        for _ in 0..<50 {
            try await withSockets { thread, context in
                let socket = try await thread.open(.pull, in: context, options: [.linger(.zero)])
                let monitor = try await thread.openMonitor(of: socket.id, in: context)
                socket.close()
                monitor.close()
            }
        }
    }

    @Test(
        "A monitor that nobody reads does not hold its socket up"
    )
    func unreadMonitor() async throws {
        try await withSockets { thread, context in
            let (server, monitored) = (
                try await thread.peer(.pull, in: context, [.linger(.zero)]),
                try await watched(.push, on: thread, in: context)
            )
            let endpoint = try await server.bind("tcp://127.0.0.1:*")
            // More events than the default limits of both queues would hold.
            for _ in 0..<1500 {
                try await monitored.use {
                    try $0.connect(endpoint)
                    try $0.disconnect(endpoint)
                }
            }
            try await monitored.use { try $0.connect(endpoint) }
            while try await !monitored.use({ try $0.send([1]) }) { await Task.yield() }
            #expect(try await server.receive() == [1])
        }
    }

    @Test("Every event of version 1 is decoded, and an unknown one keeps its numbers")
    func decoding() {
        let table: [(UInt16, UInt32, MonitorEvent.Kind)] = [
            (0x0001, 7, .connected(descriptor: 7)),
            (0x0002, 115, .connectDelayed),
            (0x0004, 250, .connectRetried(after: .milliseconds(250))),
            (0x0008, 8, .listening(descriptor: 8)),
            (0x0010, 98, .bindFailed(errno: 98)),
            (0x0020, 9, .accepted(descriptor: 9)),
            (0x0040, 24, .acceptFailed(errno: 24)),
            (0x0080, 9, .closed(descriptor: 9)),
            (0x0100, 5, .closeFailed(errno: 5)),
            (0x0200, 9, .disconnected(descriptor: 9)),
            (0x0400, 0, .monitorStopped),
            (0x0800, 104, .handshakeFailed(errno: 104)),
            (0x1000, 0, .handshakeSucceeded),
            (0x2000, 0x1100_0002, .handshakeFailedProtocol(.mechanismMismatch)),
            (0x4000, 400, .handshakeFailedAuthentication(status: 400)),
            (0x8000, 3, .unknown(event: 0x8000, value: 3)),
            (0x0003, 3, .unknown(event: 3, value: 3)),
        ]
        for (event, value, kind) in table {
            let frame =
                withUnsafeBytes(of: event) { Array($0) } + withUnsafeBytes(of: value) { Array($0) }
            let decoded = MonitorEvent(frame, endpoint: Array("tcp://a:1".utf8))
            #expect(decoded == MonitorEvent(kind: kind, endpoint: "tcp://a:1"))
            #expect(MonitorEvent(Array(frame.dropLast()), endpoint: []) == nil)
            #expect(MonitorEvent(frame + [0], endpoint: []) == nil)
        }
    }
}

extension MonitorEvent.Kind {
    fileprivate var isHandshakeFailure: Bool {
        switch self {
        case .handshakeFailed, .handshakeFailedProtocol, .handshakeFailedAuthentication: true
        default: false
        }
    }
}
