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
    private var toLearner = Way()
    private var toWorker = Way()

    /// One direction.
    private struct Way {
        /// Sent and not read.
        var queued = 0
        /// Nothing arrives before: what was sent first arrives first.
        var clear = Duration.zero
        /// A partition holds back what is sent in this direction.
        var blocked = Duration.zero

        /// When a frame sent now arrives, behind those before it.
        mutating func arrival(of delay: Duration, now: Duration) -> Duration {
            clear = max(clear, max(now, blocked) + delay)
            return clear
        }

        mutating func close() { (queued, clear) = (0, .zero) }
    }

    func hasRoom(toLearner isToLearner: Bool, capacity: Int) -> Bool {
        (isToLearner ? toLearner.queued : toWorker.queued) < capacity
    }

    /// When a frame sent now arrives, behind those before it.
    mutating func arrival(of delay: Duration, toLearner isToLearner: Bool, now: Duration) -> Duration {
        isToLearner ? toLearner.arrival(of: delay, now: now) : toWorker.arrival(of: delay, now: now)
    }

    mutating func sent(toLearner isToLearner: Bool) {
        if isToLearner { toLearner.queued += 1 } else { toWorker.queued += 1 }
    }

    mutating func read(toLearner isToLearner: Bool) {
        if isToLearner { toLearner.queued -= 1 } else { toWorker.queued -= 1 }
    }

    mutating func block(toLearner isToLearner: Bool, until time: Duration) {
        if isToLearner {
            toLearner.blocked = max(toLearner.blocked, time)
        } else {
            toWorker.blocked = max(toWorker.blocked, time)
        }
    }

    func isBlocked(now: Duration) -> Bool { toLearner.blocked > now || toWorker.blocked > now }

    mutating func open() {
        isUp = true
        attempts = 0
    }

    mutating func close() {
        isUp = false
        epoch += 1
        toLearner.close()
        toWorker.close()
    }
}
