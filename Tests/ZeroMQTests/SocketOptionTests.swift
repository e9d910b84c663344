import Testing
import ZeroMQ

@Suite("Socket options")
struct SocketOptionTests {
    /// Sets an option and reads it back.
    func roundTrip<Value: Equatable & Sendable>(
        _ option: SocketOption, _ key: OptionKey<Value>, _ value: Value, on peer: Peer
    ) async throws {
        try await peer.use { try $0.set(option) }
        let readBack = try await peer.use { try $0.get(key) }
        #expect(readBack == value, "\(key.name)")
    }

    @Test("Numbers and flags are read back as they were set")
    func numbers() async throws {
        try await withSockets { thread, context in
            let peer = try await thread.peer(.dealer, in: context)
            try await roundTrip(.sndhwm(7), .sndhwm, 7, on: peer)
            try await roundTrip(.sndhwm(0), .sndhwm, 0, on: peer)
            try await roundTrip(.rcvhwm(9), .rcvhwm, 9, on: peer)
            try await roundTrip(.backlog(1024), .backlog, 1024, on: peer)
            try await roundTrip(.maxMessageSize(5 << 32), .maxMessageSize, 5 << 32, on: peer)
            try await roundTrip(.maxMessageSize(-1), .maxMessageSize, -1, on: peer)
            try await roundTrip(.affinity(2), .affinity, 2, on: peer)
            try await roundTrip(.tcpKeepaliveCount(5), .tcpKeepaliveCount, 5, on: peer)
            try await roundTrip(.immediate(true), .immediate, true, on: peer)
            try await roundTrip(.immediate(false), .immediate, false, on: peer)
            try await roundTrip(.ipv6(true), .ipv6, true, on: peer)
            try await roundTrip(.curveServer(true), .curveServer, true, on: peer)
            try await roundTrip(.zapEnforceDomain(true), .zapEnforceDomain, true, on: peer)
            try await roundTrip(.zapDomain("cohort"), .zapDomain, "cohort", on: peer)
        }
    }

    @Test("Durations are read back in libzmq's units, a fraction rounded up")
    func durations() async throws {
        try await withSockets { thread, context in
            let peer = try await thread.peer(.dealer, in: context)
            try await roundTrip(.linger(nil), .linger, nil, on: peer)
            try await roundTrip(.linger(.seconds(2)), .linger, .seconds(2), on: peer)
            try await roundTrip(.linger(.microseconds(1)), .linger, .milliseconds(1), on: peer)
            try await roundTrip(.linger(.milliseconds(0)), .linger, .zero, on: peer)
            try await roundTrip(
                .handshakeInterval(.seconds(5)), .handshakeInterval, .seconds(5), on: peer)
            try await roundTrip(
                .heartbeatInterval(.seconds(2)), .heartbeatInterval, .seconds(2), on: peer)
            #expect(try await peer.use { try $0.get(.heartbeatTimeout) } == nil)
            try await roundTrip(
                .heartbeatTimeout(.seconds(6)), .heartbeatTimeout, .seconds(6), on: peer)
            // libzmq keeps tenths of a second and rounds down.
            try await roundTrip(
                .heartbeatTTL(.milliseconds(1234)), .heartbeatTTL, .milliseconds(1200), on: peer)
            try await roundTrip(
                .connectTimeout(.milliseconds(50)), .connectTimeout, .milliseconds(50), on: peer)
            try await roundTrip(
                .tcpMaxRetransmit(.seconds(30)), .tcpMaxRetransmit, .seconds(30), on: peer)
            try await roundTrip(
                .reconnectInterval(.milliseconds(100)), .reconnectInterval, .milliseconds(100),
                on: peer)
            try await roundTrip(.reconnectInterval(nil), .reconnectInterval, nil, on: peer)
            try await roundTrip(
                .reconnectIntervalMax(.seconds(10)), .reconnectIntervalMax, .seconds(10), on: peer)
            try await roundTrip(
                .tcpKeepaliveIdle(.milliseconds(1500)), .tcpKeepaliveIdle, .seconds(2), on: peer)
            try await roundTrip(
                .tcpKeepaliveInterval(.seconds(9)), .tcpKeepaliveInterval, .seconds(9), on: peer)
        }
    }

    @Test("A routing id is read back")
    func routingID() async throws {
        try await withSockets { thread, context in
            let peer = try await thread.peer(.dealer, in: context)
            let id = RoutingID.random()
            try await roundTrip(.routingID(id), .routingID, id.bytes, on: peer)
        }
    }

    @Test("What a ROUTER alone has is accepted there and refused elsewhere, by name")
    func kinds() async throws {
        try await withSockets { thread, context in
            _ = try await thread.peer(
                .router, in: context, [.routerMandatory(false), .routerHandover(true)])
            let error = try await zeroMQError {
                _ = try await thread.open(.push, in: context, options: [.routerMandatory(true)])
            }
            #expect(error.code == .invalidArgument)
            #expect(error.description.contains("ROUTER_MANDATORY = true"))
        }
    }

    static let tooLarge: [SocketOption] = [
        .linger(.seconds(-1)), .linger(.seconds(1 << 40)), .sndhwm(1 << 40),
        .connectTimeout(.seconds(-1)), .heartbeatInterval(.seconds(Int64.max)),
    ]

    @Test("A value that does not fit is refused before libzmq sees it", arguments: tooLarge)
    func unfit(_ option: SocketOption) async throws {
        try await withSockets { thread, context in
            let error = try await zeroMQError {
                _ = try await thread.open(.dealer, in: context, options: [option])
            }
            #expect(error.code == .valueOutOfRange)
        }
    }

    @Test("What libzmq itself refuses is an error with the option's name and value")
    func refused() async throws {
        try await withSockets { thread, context in
            let error = try await zeroMQError {
                _ = try await thread.open(.dealer, in: context, options: [.sndhwm(-5)])
            }
            #expect(error.code == .invalidArgument && error.description.contains("SNDHWM = -5"))
        }
    }

    @Test("A context without room for another socket says what to raise")
    func maxSockets() async throws {
        let context = try Context(ioThreads: 2, maxSockets: 1)
        try await SocketThread.withThread(named: "test") { thread in
            let first = try await thread.peer(.pull, in: context)
            let error = try await zeroMQError { _ = try await thread.open(.pull, in: context) }
            #expect(error.code == .tooManyDescriptors && error.description.contains("maxSockets"))
            #expect(try await first.use { try $0.receive() == nil })
        }
        try await context.terminate(within: patience)
        #expect(throws: ZeroMQError.self) { try Context(ioThreads: -1) }
    }

    @Test("A secret CURVE key leads to its public one, and stays out of logs")
    func secretKeys() throws {
        let pair = try CurveKeyPair.generate()
        let text = pair.secretKey.withZ85 { Array($0) }
        #expect(text.count == 40)
        let again = try CurveKeyPair(secretKey: #require(CurveSecretKey(z85: text)))
        #expect(again.publicKey == pair.publicKey)
        let secret = String(decoding: text, as: UTF8.self)
        var dumped = ""
        dump(pair, to: &dumped)
        for shown in ["\(pair.secretKey)", "\(pair)", String(reflecting: pair), dumped] {
            #expect(!shown.contains(secret))
        }
        #expect(SocketOptionTests.named(.curveSecretKey(pair.secretKey)).contains("secret CURVE key"))
    }

    private static func named(_ option: SocketOption) -> String { "\(option)" }

    @Test("A public CURVE key prints as Z85, and nothing else is a key")
    func publicKeys() throws {
        let key = try CurveKeyPair.generate().publicKey
        #expect(key.z85.utf8.count == 40 && "\(key)" == key.z85)
        #expect(CurvePublicKey(z85: key.z85) == key)
        #expect(CurvePublicKey([1, 2, 3]) == nil)
        let wrong = [
            "", "short", String(repeating: "~", count: 40), key.z85 + "0",
            String(key.z85.dropLast()) + "\0",
        ]
        for text in wrong {
            #expect(CurvePublicKey(z85: text) == nil)
            #expect(CurveSecretKey(z85: text.utf8) == nil)
        }
    }

    @Test("The test keys of libzmq's manual are known, by their public and their secret halves")
    func manualKeys() throws {
        let (client, server) = (
            "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs", "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
        )
        for secret in [client, server] {
            let key = try #require(CurveSecretKey(z85: secret.utf8))
            #expect(try key.publicKey().isFromManual)
        }
        #expect(try !CurveKeyPair.generate().publicKey.isFromManual)
    }
}
