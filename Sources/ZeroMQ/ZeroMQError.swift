import CZeroMQ
import Foundation

/// A call of libzmq, or of the system on its behalf, that failed: which call, on what, why, and
/// what to do about it.
public struct ZeroMQError: Error, Hashable, Sendable {
    /// What went wrong; open, so that a new code breaks nobody.
    public var code: Code
    /// What was being tried, as the sentence says it: "bind", "send on dealer socket 3".
    public var operation: String
    /// The endpoint or the path that it was tried on.
    public var endpoint: String?
    /// What the code alone cannot say.
    public var detail: String?

    public init(
        code: Code, operation: String, endpoint: String? = nil, detail: String? = nil
    ) {
        self.code = code
        self.operation = operation
        self.endpoint = endpoint
        self.detail = detail
    }

    /// The error that libzmq left in this thread's `errno`; read it right after the call.
    static func last(_ operation: String, endpoint: String? = nil) -> ZeroMQError {
        ZeroMQError(code: Code(errno: zmq_errno()), operation: operation, endpoint: endpoint)
    }
}

extension ZeroMQError {
    /// A failure's number: the system's or libzmq's `errno`, or negative where only this module
    /// sees it.
    public struct Code: Hashable, Sendable {
        public let errno: Int32

        public init(errno: Int32) { self.errno = errno }

        public static let addressInUse = Code(errno: EADDRINUSE)
        public static let addressNotAvailable = Code(errno: EADDRNOTAVAIL)
        public static let noSuchDevice = Code(errno: ENODEV)
        public static let noSuchFile = Code(errno: ENOENT)
        public static let permissionDenied = Code(errno: EACCES)
        public static let invalidArgument = Code(errno: EINVAL)
        public static let nameTooLong = Code(errno: ENAMETOOLONG)
        public static let tooManyDescriptors = Code(errno: EMFILE)
        public static let unroutable = Code(errno: EHOSTUNREACH)
        public static let notSupported = Code(errno: ENOTSUP)
        public static let wouldBlock = Code(errno: EAGAIN)
        public static let interrupted = Code(errno: EINTR)
        /// The context is being terminated: close the sockets and stop.
        public static let terminated = Code(errno: czmq_eterm())
        /// The socket's state machine forbids it now (a REQ that has not been answered).
        public static let wrongState = Code(errno: czmq_efsm())
        /// A message had another number of frames than this protocol's one; it was drained and
        /// dropped.
        public static let malformedMessage = Code(errno: -1)
        /// The value cannot be passed to libzmq: out of range, or of the wrong length.
        public static let valueOutOfRange = Code(errno: -2)
        /// A file that is not a socket stands where an ipc socket should be made.
        public static let notASocket = Code(errno: -3)
        /// A socket has at most one monitor.
        public static let alreadyMonitored = Code(errno: -4)
        /// The socket is not open on this thread.
        public static let socketClosed = Code(errno: -6)
        /// The context could not be terminated in time.
        public static let contextBusy = Code(errno: -5)
    }
}

extension ZeroMQError: CustomStringConvertible {
    public var description: String {
        let place = endpoint.map { " \($0)" } ?? ""
        return "\(operation)\(place) failed: \(detail ?? code.explanation)"
    }
}

extension ZeroMQError.Code: CustomStringConvertible {
    public var description: String { explanation }

    /// Why, and what to do.
    var explanation: String {
        switch self {
        case .addressInUse:
            "the address is already in use; stop whatever listens there or choose another port"
        case .addressNotAvailable, .noSuchDevice:
            "this machine has no such address or interface; bind one of its own, or *"
        case .noSuchFile: "a directory in the path does not exist; create it first"
        case .permissionDenied: "permission denied; check the rights of the directory or the port"
        case .tooManyDescriptors:
            "no socket is left; raise the descriptor limit (ulimit -n) or the context's maxSockets"
        case .terminated: "the context is being terminated; close the sockets and stop"
        case .unroutable: "no peer with this routing id is connected"
        case .malformedMessage: "a message must be one frame"
        case .valueOutOfRange: "the value is out of range"
        case .notASocket:
            "a file that is not a socket stands there; remove it or choose another path"
        case .alreadyMonitored: "the socket already has a monitor"
        case .socketClosed: "the socket is closed, or is open on another thread"
        case .contextBusy: "sockets are still open or still sending"
        default: "\(String(cString: zmq_strerror(errno))) (errno \(errno))"
        }
    }
}
