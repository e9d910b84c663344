internal import Wire
internal import ZeroMQ

/// The socket options of all links. High-water marks are a second line of defence: what a worker
/// may send is bounded by its leases, what a holder sends by requests.
enum LinkOptions {
    /// At most two I/O threads: one for rollouts, one for snapshots, so that bulk never delays
    /// liveness.
    static let ioThreads = 2
    static let rolloutsThread = 1
    static let snapshotsThread = 2

    /// How long a closing learner goes on sending its farewell.
    static let learnerLinger = Duration.seconds(2)
    static let workerLinger = Duration.milliseconds(500)

    /// A header more than is taken, so that a frame that is a little too long is refused with words. Beyond
    /// that libzmq closes the connection without any.
    static func learnerRollouts(largestFrameBytes: Int) -> [SocketOption] {
        router + [
            .maxMessageSize(largestFrameBytes + WireLimits.headerBytes),
            .linger(learnerLinger), .affinity(rolloutsThread),
            .sndhwm(1_024), .rcvhwm(1_024),
        ]
    }

    static var learnerSnapshots: [SocketOption] {
        router + [
            .maxMessageSize(131_072), .linger(.zero), .affinity(snapshotsThread),
            .sndhwm(64), .rcvhwm(128),
        ]
    }

    static func workerRollouts(to learner: Endpoint) -> [SocketOption] {
        dealer(learner) + [
            .maxMessageSize(WireLimits.rolloutFrameBytes), .linger(workerLinger),
            .affinity(rolloutsThread), .sndhwm(1_024), .rcvhwm(1_024),
        ]
    }

    static func workerSnapshots(to learner: Endpoint) -> [SocketOption] {
        dealer(learner) + [
            .maxMessageSize(WireLimits.snapshotFrameBytes), .linger(.zero),
            .affinity(snapshotsThread), .sndhwm(128), .rcvhwm(64),
        ]
    }

    private static var router: [SocketOption] {
        common + [.routerMandatory(true), .routerHandover(true), .backlog(1_024)]
    }

    /// How long a peer may take for the handshake; a worker whose key is not listed tries again after it.
    static let handshakeInterval = Duration.seconds(5)

    private static func dealer(_ learner: Endpoint) -> [SocketOption] {
        // On this machine a refused connection costs next to nothing, and whoever waits for a learner's
        // restart should not sleep through it.
        let pauses: (first: Duration, longest: Duration) =
            learner.isLoopbackOrLocal
            ? (.milliseconds(20), .milliseconds(200)) : (.milliseconds(100), .seconds(5))
        return common + [
            .routingID(.random()), .immediate(true), .connectTimeout(.seconds(5)),
            .reconnectInterval(pauses.first), .reconnectIntervalMax(pauses.longest),
        ]
    }

    private static var common: [SocketOption] {
        [
            .ipv6(true), .handshakeInterval(handshakeInterval), .heartbeatInterval(.seconds(2)),
            .heartbeatTimeout(.seconds(6)), .heartbeatTTL(.seconds(10)), .tcpKeepalive(true),
            .tcpMaxRetransmit(.seconds(30)),
        ]
    }
}
