/// One connection of a worker's DEALER to a ROUTER of the learner, as ZeroMQ makes them.
///
/// While it stands, it delivers everything in order, once, however late. When it breaks, all that is on its
/// way in either direction is gone: with `ZMQ_IMMEDIATE` a DEALER queues to live connections only, and the
/// ROUTER's pipe to a peer ends with the connection. What the other side had already received can still be
/// read. A new connection starts empty; `ZMQ_ROUTER_HANDOVER` gives it the routing id. So no frame is
/// repeated, and none overtakes another, except that what was read late from the old connection may come after the
/// first frames of the new one.
struct Connection {
    /// libzmq gives a peer up that does not answer its pings for this long (`LinkOptions`).
    static let pingTimeout: Duration = .seconds(6)

    var isUp = false
    /// Number of connections so far.
    var epoch = 0
    /// Attempts since the last one that stood.
    var attempts = 0
    /// Sent and not read.
    private(set) var queued = [0, 0]
    /// Nothing arrives before: what was sent first arrives first.
    private var clear = [Duration.zero, .zero]
    /// A partition holds back what is sent in this direction.
    private var blocked = [Duration.zero, .zero]

    func hasRoom(toLearner: Bool, capacity: Int) -> Bool { queued[toLearner ? 1 : 0] < capacity }

    /// When a frame sent now arrives, behind those before it.
    mutating func arrival(of delay: Duration, toLearner: Bool, now: Duration) -> Duration {
        let way = toLearner ? 1 : 0
        clear[way] = max(clear[way], max(now, blocked[way]) + delay)
        return clear[way]
    }

    mutating func sent(toLearner: Bool) { queued[toLearner ? 1 : 0] += 1 }
    mutating func read(toLearner: Bool) { queued[toLearner ? 1 : 0] -= 1 }

    mutating func block(toLearner: Bool, until time: Duration) {
        let way = toLearner ? 1 : 0
        blocked[way] = max(blocked[way], time)
    }

    func isBlocked(now: Duration) -> Bool { blocked[0] > now || blocked[1] > now }

    mutating func open() {
        isUp = true
        attempts = 0
    }

    mutating func close() {
        isUp = false
        epoch += 1
        queued = [0, 0]
        clear = [.zero, .zero]
    }
}
