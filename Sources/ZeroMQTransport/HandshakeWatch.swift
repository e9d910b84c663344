internal import ZeroMQ

/// Watches the handshakes of sockets on one thread: those that fail before a key is asked about leave no
/// other trace.
actor HandshakeWatch {
    nonisolated let thread: SocketThread
    private let monitor: Monitor
    private let id: SocketID
    private let heard: @Sendable (MonitorEvent) -> Void
    private var isClosed = false
    private let bell: Doorbell

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(
        thread: SocketThread, monitor: consuming sending Monitor,
        heard: @escaping @Sendable (MonitorEvent) -> Void
    ) {
        self.thread = thread
        self.heard = heard
        id = monitor.id
        self.monitor = monitor
        bell = Doorbell(on: thread)
    }

    isolated deinit {}

    /// Reads events until `close`, or until the socket is closed.
    func run() async {
        while !isClosed {
            do {
                while let event = try monitor.next() {
                    if event.kind == .monitorStopped { return }
                    heard(event)
                }
                _ = try await thread.waitAny([.readable(id), bell.interest], for: "handshakes")
            } catch { return }
        }
    }

    func close() {
        isClosed = true
        bell.ring()
    }

    static func close(_ watches: [HandshakeWatch], _ loops: [Task<Void, Never>]) async {
        for watch in watches { await watch.close() }
        for loop in loops { await loop.value }
    }
}
