import CZeroMQ
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension SocketThread {
    /// What only the thread itself touches.
    struct LoopState {
        var polls = PollSet<CheckedContinuation<WaitOutcome, Never>>()
        /// The open sockets by name: a name that is not here was closed.
        var sockets: [SocketID: UnsafeMutableRawPointer] = [:]
        var monitored: Set<SocketID> = []
        /// Bells rung since a wait last answered them.
        var rung: Set<Doorbell.ID> = []
        var items: [zmq_pollitem_t] = []
        var polled: [SocketID] = []
    }

    /// The thread's body: jobs, poll, jobs, … until stopped and idle.
    func run() {
        setOwner(PlatformThread.current)
        repeat {
            runQueuedWork()
            if isStopping { resume(loop.polls.removeAll(), with: .terminated) } else { poll() }
        } while !exitIfIdle()
    }

    var isStopping: Bool { shared.withLock { $0.phase != .running } }

    /// Runs what is queued now; what that queues comes next time, after a look at the sockets.
    private func runQueuedWork() {
        let batch = shared.withLock { shared in
            defer { shared.work = [] }
            return shared.work
        }
        let executor = asUnownedSerialExecutor()
        for work in batch {
            switch work {
            case .job(let job): job.runSynchronously(on: executor)
            case .call(let call): call()
            }
        }
    }

    /// Ends the loop if it was stopped and nothing is left to do.
    private func exitIfIdle() -> Bool {
        guard loop.polls.isEmpty else { return false }
        let joiners = shared.withLock { shared -> [CheckedContinuation<Void, Never>]? in
            guard shared.phase == .stopping, shared.work.isEmpty else { return nil }
            shared.phase = .exited
            // Under the lock: a late thread must not have its identity overwritten.
            setOwner(0)
            defer { shared.joiners = [] }
            return shared.joiners
        }
        for joiner in joiners ?? [] { joiner.resume() }
        return joiners != nil
    }

    /// One look at the sockets, which blocks if there is nothing else to do; then the deadlines.
    private func poll() {
        // Taken before polling: a wait expires only when a poll that began after its deadline found
        // nothing for it. A stopped and continued process thus reads its messages before its timers
        // fire.
        let now = ContinuousClock.now
        fireRungBells()
        prepareItems()
        let count = pollItems(timeout: pollTimeout(at: now))
        if count > 0 { fireReadySockets() }
        if count >= 0 { resume(loop.polls.expire(at: now), with: .deadlinePassed) }
    }

    /// Milliseconds to block for: 0 with work queued, −1 for ever.
    private func pollTimeout(at now: ContinuousClock.Instant) -> Int {
        let deadline = loop.polls.nextDeadline
        if let deadline, deadline <= now { return 0 }
        let mayBlock = shared.withLock { shared in
            shared.isAsleep = shared.work.isEmpty && shared.phase == .running
            return shared.isAsleep
        }
        guard mayBlock else { return 0 }
        guard let deadline else { return -1 }
        return (deadline - now).pollMilliseconds
    }

    /// `zmq_poll`; the number of ready items, or −1 where the poll has to be repeated.
    private func pollItems(timeout: Int) -> Int32 {
        let count = zmq_poll(&loop.items, Int32(loop.items.count), timeout)
        let error = zmq_errno()
        shared.withLock { $0.isAsleep = false }
        if count >= 0 { return count }
        switch error {
        case EINTR: interruptions.add(1, ordering: .relaxed)
        case czmq_eterm(): resume(loop.polls.removeAll(), with: .terminated)
        default:
            preconditionFailure(
                "zmq_poll on thread \(name): \(String(cString: zmq_strerror(error)))")
        }
        return -1
    }

    /// Lists the pipe, then each socket that someone waits for.
    private func prepareItems() {
        var events: [SocketID: Int32] = [:]
        for interest in loop.polls.interests {
            switch interest {
            case .readable(let socket): events[socket, default: 0] |= ZMQ_POLLIN
            case .writable(let socket): events[socket, default: 0] |= ZMQ_POLLOUT
            case .rung: break
            }
        }
        loop.items.removeAll(keepingCapacity: true)
        loop.polled.removeAll(keepingCapacity: true)
        loop.items.append(
            zmq_pollitem_t(socket: nil, fd: pipe.readEnd, events: Int16(ZMQ_POLLIN), revents: 0))
        for (socket, events) in events {
            guard let handle = loop.sockets[socket] else {
                preconditionFailure("socket \(socket) was closed under its waiter")
            }
            loop.items.append(
                zmq_pollitem_t(socket: handle, fd: 0, events: Int16(events), revents: 0))
            loop.polled.append(socket)
        }
    }

    private func fireReadySockets() {
        if loop.items[0].revents != 0 { pipe.drain() }
        var ready: Set<Interest> = []
        for (item, socket) in zip(loop.items.dropFirst(), loop.polled) {
            if Int32(item.revents) & ZMQ_POLLIN != 0 { ready.insert(.readable(socket)) }
            if Int32(item.revents) & ZMQ_POLLOUT != 0 { ready.insert(.writable(socket)) }
        }
        fire(ready)
    }

    private func fireRungBells() {
        guard !loop.rung.isEmpty else { return }
        fire(Set(loop.rung.map { .rung($0) }))
    }

    private func fire(_ ready: Set<Interest>) {
        for (waiter, interests) in loop.polls.fire(ready) {
            for case .rung(let bell) in interests { loop.rung.remove(bell) }
            waiter.resume(returning: .ready(interests))
        }
    }

    func resume(
        _ waiters: [CheckedContinuation<WaitOutcome, Never>], with outcome: WaitOutcome
    ) {
        for waiter in waiters { waiter.resume(returning: outcome) }
    }
}
