import CZeroMQ

/// An option with its value, to be set on a socket: `.linger(.seconds(2))`.
///
/// Set options before the first bind or connect: most of them, and all of security, act on later
/// ones only. Where libzmq reads "off" or "default" as 0, so do durations here.
public struct SocketOption: Sendable {
    let number: Int32
    let name: String
    /// `nil` when the value does not fit.
    let value: OptionBytes?
    /// The value as it was asked for.
    let description: String

    init<Value>(_ key: OptionKey<Value>, _ value: Value) {
        number = key.number
        name = key.name
        self.value = key.encode(value)
        description = "\(value)"
    }

    // MARK: Queues

    /// How long closing keeps trying to send what is queued; `nil`: for ever, libzmq's default,
    /// which can hang the termination of the context.
    public static func linger(_ duration: Duration?) -> Self { .init(.linger, duration) }
    /// Messages queued per peer for sending; 0: no limit.
    public static func sndhwm(_ messages: Int) -> Self { .init(.sndhwm, messages) }
    /// Messages queued per peer after receiving; 0: no limit.
    public static func rcvhwm(_ messages: Int) -> Self { .init(.rcvhwm, messages) }
    /// Queue only for connections that are established.
    public static func immediate(_ isOn: Bool) -> Self { .init(.immediate, isOn) }
    /// The largest frame accepted, in bytes; −1: no limit. A larger one ends the connection that it
    /// comes by, and its sender sees no error. A message of many frames can be larger.
    public static func maxMessageSize(_ bytes: Int) -> Self { .init(.maxMessageSize, bytes) }
    /// The I/O threads that may serve later connections, as a bit mask; 0: all.
    public static func affinity(_ mask: Int) -> Self { .init(.affinity, mask) }

    // MARK: Routing

    /// The name under which a ROUTER will know this socket.
    public static func routingID(_ id: RoutingID) -> Self { .init(.routingID, id.bytes) }
    /// Report what cannot be delivered instead of dropping it; on for every ROUTER opened here.
    public static func routerMandatory(_ isOn: Bool) -> Self { .init(.routerMandatory, isOn) }
    /// A new peer takes over the routing id of an old one, rather than being ignored.
    public static func routerHandover(_ isOn: Bool) -> Self { .init(.routerHandover, isOn) }
    /// Messages of a SUB that start with this prefix are received.
    public static func subscribe(_ prefix: [UInt8]) -> Self { .init(.subscribe, prefix) }
    /// Undoes one `subscribe`.
    public static func unsubscribe(_ prefix: [UInt8]) -> Self { .init(.unsubscribe, prefix) }

    // MARK: Names and passwords, which travel in the clear

    /// Makes this end a PLAIN client with that name.
    public static func plainUsername(_ name: String) -> Self { .init(.plainUsername, name) }
    /// The password that goes with it.
    public static func plainPassword(_ password: String) -> Self { .init(.plainPassword, password) }

    // MARK: Liveness

    /// How long a peer may take for the handshake; 0: for ever.
    public static func handshakeInterval(_ duration: Duration) -> Self {
        .init(.handshakeInterval, duration)
    }
    /// How often a connection is pinged; 0: never. Any traffic counts as life, so a wedged program
    /// still looks alive.
    public static func heartbeatInterval(_ duration: Duration) -> Self {
        .init(.heartbeatInterval, duration)
    }
    /// How long to wait for anything after a ping; as long as the interval unless set, which reads
    /// as `nil`.
    public static func heartbeatTimeout(_ duration: Duration) -> Self {
        .init(.heartbeatTimeout, duration)
    }
    /// How long the peer should wait for our pings, in tenths of a second, rounded up; 0: it
    /// decides.
    public static func heartbeatTTL(_ duration: Duration) -> Self { .init(.heartbeatTTL, duration) }
    /// Keep-alive probes of TCP itself.
    public static func tcpKeepalive(_ isOn: Bool) -> Self { .init(.tcpKeepalive, isOn) }
    /// Idle time before the first probe, in seconds, rounded up; `nil`: the system's.
    public static func tcpKeepaliveIdle(_ duration: Duration?) -> Self {
        .init(.tcpKeepaliveIdle, duration)
    }
    /// Time between probes, in seconds, rounded up; `nil`: the system's.
    public static func tcpKeepaliveInterval(_ duration: Duration?) -> Self {
        .init(.tcpKeepaliveInterval, duration)
    }
    /// Probes without an answer that end the connection; −1: the system's.
    public static func tcpKeepaliveCount(_ probes: Int) -> Self {
        .init(.tcpKeepaliveCount, probes)
    }
    /// How long TCP may go unacknowledged before the connection ends; 0: the system's.
    public static func tcpMaxRetransmit(_ duration: Duration) -> Self {
        .init(.tcpMaxRetransmit, duration)
    }

    // MARK: Connecting

    /// How long one attempt to connect may take; 0: the system's.
    public static func connectTimeout(_ duration: Duration) -> Self {
        .init(.connectTimeout, duration)
    }
    /// The pause before a lost connection is tried again; `nil`: never again.
    public static func reconnectInterval(_ duration: Duration?) -> Self {
        .init(.reconnectInterval, duration)
    }
    /// What the pause may double up to; 0: it stays the same.
    public static func reconnectIntervalMax(_ duration: Duration) -> Self {
        .init(.reconnectIntervalMax, duration)
    }
    /// Connections that may wait to be accepted.
    public static func backlog(_ connections: Int) -> Self { .init(.backlog, connections) }
    /// Accept and resolve IPv6 addresses too.
    public static func ipv6(_ isOn: Bool) -> Self { .init(.ipv6, isOn) }
}
