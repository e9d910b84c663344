import Testing
import ZeroMQ
import ZeroMQTransport

@Suite("The proof at the start that a stranger is refused", .timeLimit(.minutes(1)))
struct StrangerTests {
    /// What the proof finds at a ROUTER with these options; `nil`: all is well.
    private func finding(
        _ options: @Sendable (CurveKeyPair) -> [SocketOption], isBound: Bool = true,
        judge: (@Sendable (Gatekeeper) -> @Sendable (ZAPRequest) -> ZAPReply)? = nil
    ) async throws -> String? {
        let pair = try CurveKeyPair.generate()
        let gate = Gatekeeper(
            LearnerSecurity(
                pair: pair, workers: AuthorizedWorkers(listing: [:]),
                proofDeadline: isBound ? .seconds(20) : .milliseconds(200)))
        let context = try Context()
        let finding = try await SocketThread.withThread(named: "stranger") { thread in
            let handler: ZAPHandler? =
                if let judge {
                    try await ZAPHandler.open(in: context, on: thread, judge: judge(gate))
                } else { nil }
            let answering = Task { try await handler?.run() }
            let socket = try await thread.open(
                .router, in: context, options: options(pair) + [.linger(.zero)])
            let server = RawServer(thread: thread, socket: socket)
            let endpoint = try await server.bind()
            if !isBound { try await server.unbind(endpoint) }
            let test = StrangerTest(
                endpoint: endpoint, gate: gate, context: context, thread: thread)
            var finding: String?
            do { try await test.run() } catch let error as StrangerAdmitted {
                finding = error.finding
            }
            await handler?.close()
            try await answering.value
            await server.close()
            return finding
        }
        try await context.terminate(within: .seconds(10))
        return finding
    }

    private static let secured: @Sendable (CurveKeyPair) -> [SocketOption] = {
        SocketOption.curveServer($0.secretKey, zapDomain: "cohort")
    }

    @Test("An endpoint whose handler refuses unknown keys passes")
    func passes() async throws {
        #expect(try await finding(Self.secured, judge: { gate in { gate.judge($0) } }) == nil)
    }

    @Test("Without a handler the learner does not start, although the stranger is refused")
    func noHandler() async throws {
        #expect(try await finding(Self.secured)?.contains("nobody was asked") == true)
    }

    @Test("An endpoint that enforces no domain lets the stranger in, so the learner does not start")
    func notEnforced() async throws {
        let found = try await finding {
            [.curveServer(true), .curveSecretKey($0.secretKey), .zapDomain("cohort")]
        }
        #expect(found == "it was let in")
    }

    @Test("A handler that lets everybody in is found out")
    func openHandler() async throws {
        let found = try await finding(Self.secured, judge: { _ in { _ in .accepted(as: "x") } })
        #expect(found == "it was let in")
    }

    @Test("An endpoint that does not encrypt is found out")
    func notEncrypted() async throws {
        #expect(try await finding({ _ in [] })?.contains("nobody was asked") == true)
    }

    @Test("Where nobody answers, the proof ends at its deadline")
    func nobody() async throws {
        let found = try await finding(Self.secured, isBound: false)
        #expect(found?.contains("nothing happened within") == true)
    }
}

private actor RawServer {
    nonisolated let thread: SocketThread
    private var socket: Socket?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread, socket: consuming sending Socket) {
        self.thread = thread
        self.socket = consume socket
    }

    isolated deinit {}

    func bind() throws -> Endpoint {
        switch socket {
        case .some(let socket):
            try socket.bind(Endpoint("tcp://127.0.0.1:0"))
            return try #require(try socket.boundEndpoint())
        case .none: throw CancellationError()
        }
    }

    func unbind(_ endpoint: Endpoint) throws {
        switch socket {
        case .some(let socket): try socket.unbind(endpoint)
        case .none: break
        }
    }

    func close() { socket = nil }
}
