/// A socket's name for waiting: never used again in the process, unlike its address.
public struct SocketID: Hashable, Sendable, Comparable, CustomStringConvertible {
    let number: UInt64

    package init(number: UInt64) { self.number = number }

    public static func < (a: SocketID, b: SocketID) -> Bool { a.number < b.number }
    public var description: String { "\(number)" }
}

/// Which way a socket is waited for.
public enum Direction: Hashable, Sendable {
    /// A whole message can be received.
    case readable
    /// A whole message can be sent. At a ROUTER it means "to some peer": do not wait for it there.
    case writable
}

/// Something a task can wait for on a socket thread.
public enum Interest: Hashable, Sendable {
    case readable(SocketID)
    case writable(SocketID)
    /// A doorbell was rung since the last wait that answered it.
    case rung(Doorbell.ID)
}

extension Interest: CustomStringConvertible {
    public var description: String {
        switch self {
        case .readable(let socket): "a message on socket \(socket)"
        case .writable(let socket): "room to send on socket \(socket)"
        case .rung(let bell): "doorbell \(bell)"
        }
    }
}

/// The name of one wait, so that a cancellation finds it; grows in the order of waiting.
package struct WaitID: Hashable, Sendable, Comparable {
    package let number: UInt64

    package init(number: UInt64) { self.number = number }

    package static func < (a: WaitID, b: WaitID) -> Bool { a.number < b.number }
}

/// Why a wait ended without what it waited for. A cancelled wait throws `CancellationError`
/// instead.
public enum WaitError: Error, Hashable, Sendable {
    /// The deadline passed while waiting for the named reason.
    case timedOut(reason: String, after: Duration)
    /// The socket thread was stopped or the context is being terminated.
    case terminated(reason: String)
    /// A socket that was waited for is closed, or was closed meanwhile.
    case closed(reason: String)
    /// Another task already waits for the same thing.
    case alreadyAwaited(Interest, reason: String, other: String)
}

extension WaitError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .timedOut(let reason, let duration):
            "waiting for \(reason) took longer than the allowed \(duration)"
        case .terminated(let reason):
            "waiting for \(reason) ended because the sockets are being closed"
        case .closed(let reason):
            "waiting for \(reason) ended because its socket is closed"
        case .alreadyAwaited(let interest, let reason, let other):
            "cannot wait for \(interest) (\(reason)): another task waits for it (\(other)); "
                + "let one task own each direction of a socket"
        }
    }
}
