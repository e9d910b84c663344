/// How a wait ended.
enum WaitOutcome: Sendable {
    case ready([Interest])
    case deadlinePassed
    case cancelled
    case terminated
    case closed
    case conflict(Interest, reason: String)
}

extension SocketThread {
    /// Waits until one socket is ready. Must be called on this thread, so by an actor whose
    /// executor it is.
    ///
    /// Readiness is a hint that lasts until somebody acts on it: try the operation again
    /// afterwards.
    /// Parameter `timeout`: here a deadline that passes is a failure; use `waitAny` for a timer.
    /// Throws: `WaitError.timedOut` with `reason` when `timeout` passes, `.terminated` when the
    /// thread is stopped or the context terminated, `.closed` when the socket is closed,
    /// `.alreadyAwaited` when another task waits for the same; `CancellationError` when the task is
    /// cancelled.
    public func wait(
        until direction: Direction, on socket: SocketID, timeout: Duration? = nil,
        for reason: @autoclosure () -> String, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        let interest: Interest = direction == .readable ? .readable(socket) : .writable(socket)
        let reason = reason()
        let deadline = timeout.map { ContinuousClock.now + $0 }
        let ready = try await waitAny(
            [interest], until: deadline, for: reason, isolation: isolation)
        if ready.isEmpty, let timeout { throw WaitError.timedOut(reason: reason, after: timeout) }
    }

    /// Waits until at least one of `interests` is ready or `deadline` is reached, whichever is
    /// first; so one loop serves several sockets, a doorbell and its timers. Must be called on this
    /// thread.
    ///
    /// Returns the interests that are ready, in their given order; none of them: the deadline has
    /// passed and a look after it found nothing ready. With no interest at all it is a sleep.
    /// Throws: as `wait`, except for the deadline.
    public func waitAny(
        _ interests: [Interest], until deadline: ContinuousClock.Instant? = nil,
        for reason: @autoclosure () -> String, isolation: isolated (any Actor)? = #isolation
    ) async throws -> [Interest] {
        preconditionIsCurrent("a wait for \(reason())")
        let reason = reason()
        precondition(
            !interests.isEmpty || deadline != nil, "a wait for \(reason) that nothing would end")
        let id = WaitID(number: SerialNumber.next())
        let outcome = await withTaskCancellationHandler {
            // Capturing the isolation keeps the closure on this thread. In a
            // `nonisolated(nonsending)` function it would run on the cooperative pool.
            await withCheckedContinuation(isolation: isolation) { waiter in
                register(waiter, as: id, interests, deadline, reason)
            }
        } onCancel: {
            self.push(.call { self.cancel(id) })
        }
        preconditionIsCurrent("the return from a wait")
        return try ready(outcome, reason: reason)
    }

    /// The waits now pending, the oldest first, as "reason, for 1.5 seconds". Must be called on
    /// this thread.
    public func pendingWaits() -> [String] {
        let now = ContinuousClock.now
        return loop.polls.pending.map { "\($0.reason), for \(now - $0.since)" }
    }

    private func register(
        _ waiter: CheckedContinuation<WaitOutcome, Never>, as id: WaitID,
        _ interests: [Interest], _ deadline: ContinuousClock.Instant?, _ reason: String
    ) {
        if isStopping { return waiter.resume(returning: .terminated) }
        guard interests.allSatisfy(isOpen) else { return waiter.resume(returning: .closed) }
        do throws(PollSet<CheckedContinuation<WaitOutcome, Never>>.Conflict) {
            try loop.polls.add(
                .init(
                    waiter: waiter, interests: interests, deadline: deadline, reason: reason,
                    since: .now),
                as: id)
        } catch {
            waiter.resume(returning: .conflict(error.interest, reason: error.reason))
        }
    }

    private func isOpen(_ interest: Interest) -> Bool {
        switch interest {
        case .readable(let socket), .writable(let socket): loop.sockets[socket] != nil
        case .rung: true
        }
    }

    private func cancel(_ id: WaitID) {
        loop.polls.remove(id)?.resume(returning: .cancelled)
    }

    private func ready(_ outcome: WaitOutcome, reason: String) throws -> [Interest] {
        switch outcome {
        case .ready(let interests): return interests
        case .deadlinePassed: return []
        case .cancelled: throw CancellationError()
        case .terminated: throw WaitError.terminated(reason: reason)
        case .closed: throw WaitError.closed(reason: reason)
        case .conflict(let interest, let other):
            throw WaitError.alreadyAwaited(interest, reason: reason, other: other)
        }
    }

    func noteRing(of bell: Doorbell.ID) { loop.rung.insert(bell) }
}
