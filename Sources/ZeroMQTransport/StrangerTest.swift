package import ZeroMQ

/// Proves, before a learner listens to anybody, that an endpoint of its refuses a key that nobody knows:
/// connects to it with a key made for that.
///
/// To be refused is not enough: that also happens without a handler. The handler must have been asked.
package struct StrangerTest {
    let endpoint: Endpoint
    let gate: Gatekeeper
    let context: Context
    let thread: SocketThread

    package init(
        endpoint: Endpoint, gate: Gatekeeper, context: Context, thread: SocketThread
    ) {
        self.endpoint = endpoint
        self.gate = gate
        self.context = context
        self.thread = thread
    }

    /// Throws: `StrangerAdmitted` where the stranger got in, or where it cannot be shown in time that it
    /// did not.
    package func run() async throws {
        let pair = try CurveKeyPair.generate()
        let target = endpoint.reachableFromHere
        gate.expect(stranger: pair.publicKey)
        let outcome = try await refusal(of: pair, at: target)
        let wasAsked = gate.endTest(of: pair.publicKey)
        switch outcome {
        case .admitted: throw failure("it was let in")
        case .undecided: throw failure("nothing happened within \(gate.security.proofDeadline)")
        case .refused where !wasAsked: throw failure("nobody was asked about it, so no list is in use")
        case .refused: return
        }
    }

    private enum Outcome { case admitted, refused, undecided }

    private func refusal(of pair: CurveKeyPair, at target: Endpoint) async throws -> Outcome {
        let options = SocketOption.curveClient(pair, of: gate.security.pair.publicKey)
        let socket = try await thread.open(
            .dealer, in: context,
            // Once: a second try would come after the test and count as a refusal.
            options: options + [.linger(.zero), .ipv6(true), .reconnectInterval(nil)])
        let monitor = try await thread.openMonitor(of: socket.id, in: context)
        let stranger = Stranger(thread: thread, socket: socket, monitor: monitor)
        let outcome = try await stranger.knock(
            at: target, until: .now + gate.security.proofDeadline)
        switch outcome {
        case .some(true): return .admitted
        case .some(false): return .refused
        case .none: return .undecided
        }
    }

    private func failure(_ finding: String) -> StrangerAdmitted {
        StrangerAdmitted(endpoint: endpoint.description, finding: finding)
    }
}

private actor Stranger {
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

    /// Whether it was let in; `nil`: not known by the deadline.
    func knock(at endpoint: Endpoint, until deadline: ContinuousClock.Instant) async throws -> Bool? {
        try socket.connect(endpoint)
        while ContinuousClock.now < deadline {
            while let event = try monitor.next() {
                switch event.kind {
                case .handshakeSucceeded: return true
                case .handshakeFailed, .handshakeFailedAuthentication, .handshakeFailedProtocol:
                    return false
                default: break
                }
            }
            _ = try await thread.waitAny(
                [.readable(monitor.id)], until: deadline, for: "the refusal of a stranger")
        }
        return nil
    }
}
