internal import GRPO
internal import Sessions
internal import Wire

/// A worker's process: its session, its transfer and what its sampler is doing. A class, so that what happens
/// in one of many processes changes it where it is.
final class WorkerProcess {
    /// Leases being answered: those of one version after those of another.
    struct Job {
        var rest: [[LeasedTicket]]
        var isSampling = false
        var started = Duration.zero
    }

    let index: Int
    /// Starts of this process so far.
    var life = 0
    var isRunning = false
    var gate = Gate()
    var session: WorkerSession
    var address = PeerAddress([])
    /// Frames that wait for room or for a connection, by channel.
    var outgoing: [[Parcel]] = [[], []]
    var store = ParcelStore()
    var fetch: SnapshotFetch?
    /// Tells one transfer's hashes from another's.
    var fetches = 0
    var adopted: SnapshotReference?
    var job: Job?
    var jobs = 0
    /// The tick that counts; others that were scheduled are out of date.
    var nextTick = Duration.never
    /// How far the wall clock is off.
    var clockError = Duration.zero

    init(index: Int, session: WorkerSession) {
        self.index = index
        self.session = session
    }

    /// The session where it is: to ask it as a property of the process copies it first, with all it holds.
    func withSession<Answer>(_ body: (inout WorkerSession) -> Answer) -> Answer { body(&session) }

    /// The earliest deadline of anything in it.
    var nextDeadline: Duration {
        let ofSession = withSession { $0.nextDeadline } ?? .never
        // Most of the time there is none, and to ask a transfer copies it, too.
        return fetch == nil ? ofSession : min(ofSession, fetch?.nextDeadline ?? .never)
    }
}

/// A process that may be stopped: what comes meanwhile is handled when it goes on.
struct Gate {
    private(set) var isShut = false
    private var waiting: [Event] = []

    mutating func shut() { isShut = true }

    mutating func wait(_ event: Event) { waiting.append(event) }

    /// What came meanwhile: the inbox first, then timers, as the processes' loops have it.
    mutating func open() -> [Event] {
        isShut = false
        defer { waiting = [] }
        return waiting.filter(\.isDelivery) + waiting.filter { !$0.isDelivery }
    }
}

extension Duration {
    /// Later than any simulated moment.
    static let never = Duration.seconds(1 << 40)
}

extension LeasedTicket {
    /// The leases by the version they name, in order of first appearance.
    static func byVersion(_ leases: [LeasedTicket]) -> [[LeasedTicket]] {
        var result: [[LeasedTicket]] = []
        for lease in leases {
            let version = lease.ticket.version
            if let index = result.firstIndex(where: { $0[0].ticket.version == version }) {
                result[index].append(lease)
            } else {
                result.append([lease])
            }
        }
        return result
    }
}
