internal import GRPO
internal import Ports
internal import Sessions
internal import Wire
internal import ZeroMQ

/// The learner's snapshot socket: hands out manifests and chunks as they are asked for.
actor SnapshotServer {
    /// Items sent before the loop looks for other work.
    private static let itemsPerPass = 16

    nonisolated let thread: SocketThread
    private var socket: Socket?
    let id: SocketID
    private let gate: Gatekeeper?
    private var shelf = SnapshotShelf()
    private var served: [PolicyVersion: ServedSnapshot] = [:]
    /// Chunks sent since the start.
    private(set) var chunksSent = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread, socket: consuming sending Socket, gate: Gatekeeper? = nil) {
        self.thread = thread
        self.gate = gate
        id = socket.id
        self.socket = consume socket
    }

    isolated deinit {}

    /// Serves `snapshot`, and no longer those with numbers below `oldestKept`.
    func add(_ snapshot: ServedSnapshot, oldestKept: UInt64) {
        served[snapshot.reference.version] = snapshot
        shelf.add(
            snapshot.reference.version, chunks: snapshot.chunks.count, oldestKept: oldestKept)
        served = served.filter { shelf.versions.contains($0.key) }
    }

    /// Serves until `close`; throws what ends it before.
    func run() async throws {
        do {
            try await serve()
        } catch {
            if isOpen { throw error }
        }
    }

    private func serve() async throws {
        while isOpen {
            try receive()
            try sendSome()
            if shelf.isIdle {
                _ = try await thread.waitAny([.readable(id)], for: "requests for snapshots")
            } else {
                await Task.yield()
            }
        }
    }

    func close() { socket = nil }

    private var isOpen: Bool {
        switch socket {
        case .some: true
        case .none: false
        }
    }

    private func receive() throws {
        for _ in 0..<64 {
            guard let message = try nextMessage() else { return }
            take(message)
        }
    }

    private func take(_ message: consuming PeerMessage) {
        switch consume message {
        case .message(let body, let peer):
            let address = PeerAddress(peer.bytes)
            guard mayAsk(body) else { return shelf.forget(address) }
            do throws(WireError) {
                let request = try body.withUnsafeBytes { (bytes) throws(WireError) in
                    try FetcherMessage(frame: bytes)
                }
                shelf.receive(request, from: address)
            } catch {
                shelf.receive(error, from: address)
            }
        case .malformed: break
        }
    }

    /// False for a worker whose key was revoked; the other socket tells it so.
    private func mayAsk(_ message: borrowing Message) -> Bool {
        guard let gate, case .unlisted(let why) = gate.proof(of: message) else { return true }
        gate.refuse(
            \.unlistedRequests, "a request for a snapshot: \(why)",
            from: message.property("Peer-Address") ?? "")
        return false
    }

    private func nextMessage() throws -> sending PeerMessage? {
        switch socket {
        case .some(let socket): try socket.receiveFromPeer()
        case .none: nil
        }
    }

    private func sendSome() throws {
        for _ in 0..<Self.itemsPerPass {
            guard let (peer, item) = shelf.next() else { return }
            var message = try frame(of: item)
            let target = RoutingID(received: peer.bytes)
            let outcome =
                switch socket {
                case .some(let socket): try socket.send(&message, to: target)
                case .none: SendOutcome.unroutable
                }
            if outcome == .sent {
                if case .chunk = item { chunksSent += 1 }
            } else {
                shelf.forget(peer)
            }
        }
    }

    private func frame(of item: SnapshotShelf.Item) throws -> sending Message {
        switch item {
        case .manifest(let version): Message(served[version]!.manifest)
        case .chunk(let version, let index): Message(sharing: served[version]!.chunks[index])
        case .reject(let rejection): Message(try HolderMessage(.reject(rejection)).encode())
        }
    }
}
