import CZeroMQ
import Foundation

/// One libzmq socket without anything of ours around it, as the ceiling that the link is compared
/// with. It lives and is used on one thread; every call is over after `patience` milliseconds.
struct RawPeer: ~Copyable {
    private static let patience: Int32 = 50
    private let context: UnsafeMutableRawPointer
    private let socket: UnsafeMutableRawPointer

    /// A socket of `type` in a context of its own, as in another process, with high-water marks that no
    /// exchange of answers runs into.
    init(_ type: Int32) throws(CommandFailure) {
        // A ROUTER drops what finds no room, and a lost answer would stop the exchange.
        try self.init(type, options: [
            (ZMQ_SNDHWM, type == ZMQ_ROUTER ? 0 : 1_024), (ZMQ_RCVHWM, 1_024),
        ])
    }

    /// A socket of `type` in a context of its own, with libzmq's defaults but for `options`.
    init(_ type: Int32, options: [(Int32, Int32)]) throws(CommandFailure) {
        guard let context = zmq_ctx_new() else { throw Self.failure("zmq_ctx_new") }
        guard let socket = zmq_socket(context, type) else {
            let failure = Self.failure("zmq_socket")
            zmq_ctx_term(context)
            throw failure
        }
        (self.context, self.socket) = (context, socket)
        let patience = [
            (ZMQ_LINGER, 0), (ZMQ_RCVTIMEO, Self.patience), (ZMQ_SNDTIMEO, Self.patience),
        ]
        for (option, value) in patience + options {
            var value = value
            zmq_setsockopt(socket, option, &value, 4)
        }
    }

    deinit {
        zmq_close(socket)
        zmq_ctx_term(context)
    }

    /// Answers with the endpoint in which wildcards are resolved.
    func bind(_ endpoint: String) throws(CommandFailure) -> String {
        guard zmq_bind(socket, endpoint) == 0 else { throw Self.failure("zmq_bind to \(endpoint)") }
        var text = [UInt8](repeating: 0, count: 256)
        var count = text.count
        guard zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, &text, &count) == 0 else {
            throw Self.failure("zmq_getsockopt")
        }
        return String(decoding: text.prefix(max(0, count - 1)), as: UTF8.self)
    }

    func connect(_ endpoint: String) throws(CommandFailure) {
        guard zmq_connect(socket, endpoint) == 0 else {
            throw Self.failure("zmq_connect to \(endpoint)")
        }
    }

    /// Of a SUB socket: it wants everything.
    func subscribe() throws(CommandFailure) {
        guard zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0 else {
            throw Self.failure("zmq_setsockopt")
        }
    }

    /// False if there was no room in time.
    func send(_ frame: [UInt8], hasMore: Bool = false) throws(CommandFailure) -> Bool {
        let flags = hasMore ? ZMQ_SNDMORE : 0
        while zmq_send(socket, frame, frame.count, flags) < 0 {
            if try hasTimedOut("zmq_send") { return false }
        }
        return true
    }

    /// Receives a frame into `message`; false if none came in time.
    func receive(into message: inout RawFrame) throws(CommandFailure) -> Bool {
        while zmq_msg_recv(&message.raw, socket, 0) < 0 {
            if try hasTimedOut("zmq_msg_recv") { return false }
        }
        return true
    }

    /// Of the call that just failed; false after a signal: call again.
    private func hasTimedOut(_ call: String) throws(CommandFailure) -> Bool {
        switch zmq_errno() {
        case EAGAIN: return true
        case EINTR: return false
        default: throw Self.failure(call)
        }
    }

    private static func failure(_ call: String) -> CommandFailure {
        CommandFailure("\(call): \(String(cString: zmq_strerror(zmq_errno())))", .peerUnavailable)
    }
}

/// Room for a received frame, used again and again.
struct RawFrame: ~Copyable {
    fileprivate var raw = zmq_msg_t()

    init() { zmq_msg_init(&raw) }

    deinit {
        var raw = raw
        zmq_msg_close(&raw)
    }

    mutating func bytes() -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: zmq_msg_data(&raw), count: zmq_msg_size(&raw)))
    }
}
