import Synchronization

/// The one thread that polls sockets, as the executor of the actors that own them.
///
/// libzmq wants each socket used by one thread only. An actor whose executor is this thread and
/// which keeps its `Socket` (`~Copyable`, not `Sendable`) in a property cannot break that: the
/// compiler refuses. The thread runs the actors' jobs, and between them `zmq_poll` for whoever
/// waits. Nothing computes here.
///
/// `@unchecked Sendable` because `boundLoop` belongs to the thread and is not protected by a lock:
/// every access to it goes through `loop`, which checks at run time that it happens on the thread.
/// Everything else is constant or in `shared`.
public final class SocketThread: SerialExecutor, @unchecked Sendable {
    public let name: String

    let shared = Mutex(Shared())
    let pipe: WakePipe
    /// The thread that is running the loop, 0 while there is none.
    private let owner = Atomic<UInt>(0)
    let interruptions = Atomic<UInt64>(0)
    private var boundLoop = LoopState()

    /// What any thread may touch, under the lock.
    struct Shared: Sendable {
        var work: [Work] = []
        var phase = Phase.running
        /// The thread found nothing to do and is about to block, or does: it needs a byte in the
        /// pipe.
        var isAsleep = false
        var joiners: [CheckedContinuation<Void, Never>] = []
        var statistics = Statistics()
    }

    enum Work: Sendable {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    enum Phase: Sendable {
        case running
        /// Waits end as terminated; the thread ends when its queue is empty.
        case stopping
        /// No thread. A late job starts one for as long as there are jobs: a dropped job would be
        /// an endless `await`, and a socket that outlived its scope must still be closed.
        case exited
    }

    /// Counters since the start.
    public struct Statistics: Hashable, Sendable {
        /// Jobs and calls that were queued.
        public var enqueued: UInt64 = 0
        /// Bytes written into the wake-up pipe: at most one for each time the thread fell asleep.
        public var wakeUps: UInt64 = 0
        /// Times that a signal interrupted the poll.
        public var interruptions: UInt64 = 0
    }

    /// Only `withThread(named:_:)` makes threads, so each is stopped.
    init(named name: String) throws(ZeroMQError) {
        self.name = name
        pipe = try WakePipe()
    }

    public var statistics: Statistics {
        var statistics = shared.withLock { $0.statistics }
        statistics.interruptions = interruptions.load(ordering: .relaxed)
        return statistics
    }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        push(.job(UnownedJob(job)))
    }

    public func checkIsolated() {
        preconditionIsCurrent("isolated code")
    }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Whether the caller runs on this thread.
    public var isCurrent: Bool { owner.load(ordering: .relaxed) == PlatformThread.current }

    /// Traps unless the caller runs on this thread; `what` names what must.
    public func preconditionIsCurrent(_ what: @autoclosure () -> String) {
        precondition(isCurrent, "\(what()) must run on socket thread \(name), not on another one")
    }

    /// A number of the calling thread, for comparison; asked anew at each call, unlike
    /// `pthread_self`.
    package static var callerIdentity: UInt { PlatformThread.current }

    func setOwner(_ identity: UInt) { owner.store(identity, ordering: .relaxed) }

    // MARK: State

    /// The thread's own state.
    var loop: LoopState {
        _read {
            preconditionIsCurrent("the poll loop")
            yield boundLoop
        }
        _modify {
            preconditionIsCurrent("the poll loop")
            yield &boundLoop
        }
    }

    /// Queues work, and wakes the thread if it sleeps.
    func push(_ work: Work) {
        enum Rouse { case none, wake, revive }
        let rouse = shared.withLock { shared -> Rouse in
            shared.work.append(work)
            shared.statistics.enqueued += 1
            if shared.phase == .exited {
                shared.phase = .stopping
                return .revive
            }
            guard shared.isAsleep else { return .none }
            shared.isAsleep = false
            shared.statistics.wakeUps += 1
            return .wake
        }
        switch rouse {
        case .none: break
        case .wake: pipe.wake()
        case .revive: startLateThread()
        }
    }
}
