import Testing
import ZeroMQ

/// The shape that an endpoint of a transport has: one actor, one socket, one loop, and callers from
/// outside.
private actor Link {
    nonisolated let thread: SocketThread
    private let socket: Socket
    private(set) var received: [[UInt8]] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread, socket: consuming sending Socket) {
        self.thread = thread
        self.socket = socket
    }

    isolated deinit {}

    func push(_ frame: consuming sending Message) async throws {
        var frame = frame
        while try !socket.send(&frame) {
            try await thread.wait(
                until: .writable, on: socket.id, for: "the peer to take a message")
        }
    }

    func pump(until count: Int) async throws {
        while received.count < count {
            while let message = try socket.receive() { received.append(message.bytes) }
            guard received.count < count else { return }
            try await thread.wait(until: .readable, on: socket.id, for: "messages")
        }
    }
}

/// A link with two sockets and a bell, served by one loop.
private actor DoubleLink {
    nonisolated let thread: SocketThread
    private let rollouts: Socket
    private let snapshots: Socket
    private let bell: Doorbell
    private(set) var events: [String] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(
        thread: SocketThread, rollouts: consuming sending Socket,
        snapshots: consuming sending Socket,
        bell: Doorbell
    ) {
        self.thread = thread
        self.rollouts = rollouts
        self.snapshots = snapshots
        self.bell = bell
    }

    isolated deinit {}

    /// Serves both sockets until the bell rings.
    func serve(every interval: Duration) async throws {
        while true {
            while try rollouts.receive() != nil { events.append("rollout") }
            while try snapshots.receive() != nil { events.append("snapshot") }
            let ready = try await thread.waitAny(
                [.readable(rollouts.id), .readable(snapshots.id), bell.interest],
                until: .now + interval, for: "traffic")
            if ready.isEmpty { events.append("tick") }
            if ready.contains(bell.interest) { return }
        }
    }

    func count(of event: String) -> Int { events.filter { $0 == event }.count }
}

@Suite("Actors that own sockets")
struct LinkTests {
    @Test("A link pumps messages while others push through it")
    func pump() async throws {
        try await withSockets { thread, context in
            let options: [SocketOption] = [.sndhwm(5), .rcvhwm(5), .linger(.zero)]
            let first = try await thread.open(.dealer, in: context, options: options) {
                try $0.bind(Endpoint("inproc://link"))
            }
            let second = try await thread.open(.dealer, in: context, options: options) {
                try $0.connect(Endpoint("inproc://link"))
            }
            let one = Link(thread: thread, socket: first)
            let two = Link(thread: thread, socket: second)
            async let pumping: Void = one.pump(until: 1000)
            for number in 0..<1000 { try await two.push(Message(numbered(number))) }
            try await pumping
            #expect(await one.received == (0..<1000).map(numbered))
        }
    }

    @Test("One loop serves two sockets, a timer and a bell")
    func doubleLink() async throws {
        try await withSockets { thread, context in
            let bell = Doorbell(on: thread)
            let link = DoubleLink(
                thread: thread,
                rollouts: try await thread.open(.pull, in: context) {
                    try $0.bind(Endpoint("inproc://rollouts"))
                },
                snapshots: try await thread.open(.pull, in: context) {
                    try $0.bind(Endpoint("inproc://snapshots"))
                },
                bell: bell)
            let serving = Task { try await link.serve(every: .milliseconds(1)) }
            for name in ["rollouts", "snapshots"] {
                let push = try await thread.peer(.push, in: context)
                try await push.use { try $0.connect(Endpoint("inproc://\(name)")) }
                for _ in 0..<10 { try await push.send([0]) }
            }
            while await link.count(of: "rollout") < 10 { await Task.yield() }
            while await link.count(of: "snapshot") < 10 { await Task.yield() }
            while await link.count(of: "tick") < 3 { await Task.yield() }
            bell.ring()
            try await serving.value
            #expect(await link.count(of: "rollout") == 10)
            #expect(await link.count(of: "snapshot") == 10)
        }
    }

    @Test(
        "A socket whose last reference dies elsewhere is closed, even after its thread"
    )
    func lastReference() async throws {
        let context = try Context()
        var link: Link? = try await SocketThread.withThread(named: "test") { thread in
            // Dropped on the pool.
            let socket = try await thread.open(.pull, in: context)
            #expect(context.openSocketCount == 1)
            socket.close()
            while context.openSocketCount > 0 { await Task.yield() }
            return Link(thread: thread, socket: try await thread.open(.pull, in: context))
        }
        #expect(context.openSocketCount == 1 && link != nil)
        link = nil
        try await context.terminate(within: patience)
        #expect(context.openSocketCount == 0)
    }

    @Test("A socket whose configuration throws is closed")
    func failedConfiguration() async throws {
        struct Refusal: Error {}
        try await withSockets { thread, context in
            await #expect(throws: Refusal.self) {
                _ = try await thread.open(.pull, in: context) { _ in throw Refusal() }
            }
            #expect(context.openSocketCount == 0)
        }
    }
}
