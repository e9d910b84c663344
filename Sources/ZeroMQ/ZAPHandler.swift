/// Answers who may connect to the sockets of a context (ZeroMQ RFC 27): a ROUTER at
/// `inproc://zeromq.zap.01`, which libzmq asks at every handshake.
///
/// Bind it before any socket that relies on it binds, keep it until they are closed, and set *and*
/// enforce a domain there (`SocketOption.curveServer(_:zapDomain:)`): then nobody gets in while it
/// is not there.
public actor ZAPHandler {
    /// What was asked since the start.
    public struct Statistics: Hashable, Sendable {
        public internal(set) var accepted = 0
        public internal(set) var refused = 0
        /// Requests that could not be read; they were answered with status 500 as far as there was
        /// somebody to answer.
        public internal(set) var malformed = 0
    }

    /// More frames than any request has.
    private static let framesMax = 32

    public nonisolated let thread: SocketThread
    private var socket: Socket?
    private let id: SocketID
    private let judge: @Sendable (ZAPRequest) -> ZAPReply
    public private(set) var statistics = Statistics()

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// Binds. `judge` runs on `thread` and decides; handshakes wait for it.
    ///
    /// Throws: `ZeroMQError.Code.addressInUse` where the context has a handler already.
    public static func open(
        in context: Context, on thread: SocketThread,
        judge: @escaping @Sendable (ZAPRequest) -> ZAPReply
    ) async throws -> ZAPHandler {
        let socket = try await thread.open(
            .router, in: context, options: [.linger(.zero)]
        ) { try $0.bind(Endpoint(.inproc(name: "zeromq.zap.01"))) }
        return ZAPHandler(thread: thread, socket: socket, judge: judge)
    }

    init(
        thread: SocketThread, socket: consuming sending Socket,
        judge: @escaping @Sendable (ZAPRequest) -> ZAPReply
    ) {
        self.thread = thread
        self.judge = judge
        id = socket.id
        self.socket = consume socket
    }

    isolated deinit {}

    /// Answers until `close`; throws what ends it before.
    public func run() async throws {
        do {
            while isOpen {
                while let answered = try answerNext(), answered { await Task.yield() }
                guard isOpen else { return }
                _ = try await thread.waitAny([.readable(id)], for: "questions about peers")
            }
        } catch {
            if isOpen { throw error }
        }
    }

    /// From now on nobody is let in.
    public func close() { socket = nil }

    private var isOpen: Bool {
        switch socket {
        case .some: true
        case .none: false
        }
    }

    /// False if nothing was asked; `nil` if the handler is closed.
    private func answerNext() throws -> Bool? {
        switch socket {
        case .some(let socket):
            do {
                guard let frames = try socket.receiveFrames(limit: Self.framesMax) else {
                    return false
                }
                try answer(frames, on: socket)
            } catch let error as ZeroMQError where error.code == .malformedMessage {
                statistics.malformed += 1
            }
            return true
        case .none: return nil
        }
    }

    /// `frames`: the asking session's routing id, an empty delimiter, the request.
    private func answer(_ frames: [[UInt8]], on socket: borrowing Socket) throws {
        guard frames.count >= 2, frames[1].isEmpty else {
            statistics.malformed += 1
            return
        }
        let (id, reply) = verdict(on: Array(frames[2...]))
        do throws(ZeroMQError) {
            // False: whoever asked takes no answer, and is not let in.
            _ = try socket.send(frames: [frames[0], []] + reply.frames(for: id))
        } catch {
            // The peer went away meanwhile.
            guard error.code == .unroutable || error.code == .wouldBlock else { throw error }
        }
    }

    private func verdict(on frames: [[UInt8]]) -> (id: [UInt8], ZAPReply) {
        do throws(ZAPRequest.Malformed) {
            let request = try ZAPRequest(frames: frames)
            let reply = judge(request)
            if reply.status == .accepted {
                statistics.accepted += 1
            } else {
                statistics.refused += 1
            }
            return (request.id, reply)
        } catch {
            statistics.malformed += 1
            return (error.id, .refused(.failed, error.reason))
        }
    }
}
