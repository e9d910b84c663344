import CZeroMQ

/// Something that happened to a connection of a watched socket.
public struct MonitorEvent: Hashable, Sendable {
    public let kind: Kind
    /// The endpoint as libzmq prints it; may be empty.
    public let endpoint: String

    public enum Kind: Hashable, Sendable {
        /// A TCP or ipc connection was made; the handshake is still to come.
        case connected(descriptor: Int32)
        /// The connection is being made in the background.
        case connectDelayed
        /// An attempt failed; the next one follows after the pause.
        case connectRetried(after: Duration)
        case listening(descriptor: Int32)
        case bindFailed(errno: Int32)
        case accepted(descriptor: Int32)
        case acceptFailed(errno: Int32)
        case closed(descriptor: Int32)
        case closeFailed(errno: Int32)
        /// An established connection ended.
        case disconnected(descriptor: Int32)
        /// The last event.
        case monitorStopped
        /// Both sides agree; messages can flow.
        case handshakeSucceeded
        /// The handshake failed for a reason of the system's.
        case handshakeFailed(errno: Int32)
        /// The peer broke the protocol (ZMTP or ZAP), or the keys do not fit.
        case handshakeFailedProtocol(ProtocolFailure)
        /// The peer was refused, with ZAP's status: 300 try again, 400 refused, 500 failure.
        case handshakeFailedAuthentication(status: Int)
        /// An event of a later libzmq.
        case unknown(event: UInt16, value: UInt32)
    }

    /// libzmq's `ZMQ_PROTOCOL_ERROR_…` number.
    public struct ProtocolFailure: Hashable, Sendable {
        public let number: UInt32

        public init(number: UInt32) { self.number = number }

        /// The peers do not use the same mechanism: one encrypts and the other does not.
        public static let mechanismMismatch = ProtocolFailure(number: 0x1100_0002)
        /// A key does not fit.
        public static let cryptographic = ProtocolFailure(number: 0x1100_0001)
    }

    public init(kind: Kind, endpoint: String) {
        self.kind = kind
        self.endpoint = endpoint
    }

    /// Decodes version 1: frame one is the event, 16 bits, and its value, 32 bits, in the machine's
    /// order; frame two the endpoint. `nil` if frame one has another length.
    package init?(_ frame: [UInt8], endpoint: [UInt8]) {
        guard frame.count == 6 else { return nil }
        let (event, value) = frame.withUnsafeBytes {
            (
                $0.loadUnaligned(as: UInt16.self),
                $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
            )
        }
        kind = Kind(event: event, value: value)
        self.endpoint = String(decoding: endpoint, as: UTF8.self)
    }
}

extension MonitorEvent.Kind {
    fileprivate init(event: UInt16, value: UInt32) {
        let number = Int32(bitPattern: value)
        self =
            switch Int32(event) {
            case ZMQ_EVENT_CONNECTED: .connected(descriptor: number)
            case ZMQ_EVENT_CONNECT_DELAYED: .connectDelayed
            case ZMQ_EVENT_CONNECT_RETRIED: .connectRetried(after: .milliseconds(Int(value)))
            case ZMQ_EVENT_LISTENING: .listening(descriptor: number)
            case ZMQ_EVENT_BIND_FAILED: .bindFailed(errno: number)
            case ZMQ_EVENT_ACCEPTED: .accepted(descriptor: number)
            case ZMQ_EVENT_ACCEPT_FAILED: .acceptFailed(errno: number)
            case ZMQ_EVENT_CLOSED: .closed(descriptor: number)
            case ZMQ_EVENT_CLOSE_FAILED: .closeFailed(errno: number)
            case ZMQ_EVENT_DISCONNECTED: .disconnected(descriptor: number)
            case ZMQ_EVENT_MONITOR_STOPPED: .monitorStopped
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeFailed(errno: number)
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .handshakeFailedProtocol(.init(number: value))
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .handshakeFailedAuthentication(status: Int(value))
            default: .unknown(event: event, value: value)
            }
    }
}
