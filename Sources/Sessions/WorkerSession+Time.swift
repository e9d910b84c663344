internal import GRPO
internal import Wire

// Deadlines.

extension WorkerSession {
    /// Lets deadlines pass, and HELLOs and heartbeats go out. To be called often, after the inbox
    /// has been emptied.
    package mutating func tick(now: Duration) -> [Action] {
        switch phase {
        case .ended, .failed: []
        case .connecting: connect(now: now)
        case .live, .draining: watch(now: now)
        }
    }

    /// When `tick` has something to do if nothing happens until then; `nil`: never.
    package var nextDeadline: Duration? {
        switch phase {
        case .ended, .failed: return nil
        case .connecting: return min(nextHello, connectingSince + timing.reconnectDeadline)
        case .live, .draining: break
        }
        guard let welcome else { preconditionFailure("\(phase) without a WELCOME") }
        // Silence counts when it is longer than the deadline.
        let silence = welcome.livenessDeadline + .nanoseconds(1)
        let resend = unacknowledged.isEmpty ? nil : lastProgress + silence
        return min(nextHeartbeat, lastHeard + silence, resend ?? nextHeartbeat)
    }

    private mutating func connect(now: Duration) -> [Action] {
        guard now - connectingSince < timing.reconnectDeadline else {
            let why = refusal.map { "; its last answer was: \($0)" } ?? ""
            return fail(.lost("no session for \(timing.reconnectDeadline.inSeconds)\(why)"))
        }
        guard nextHello <= now else { return [] }
        nextHello = now + timing.pause(after: attempt, jitter: jitter)
        attempt += 1
        return [.send(.hello(hello))]
    }

    /// The connection broke. What is sent from now on goes out as soon as there is another, so that a
    /// learner that was started anew is found at once and not at the next heartbeat.
    package mutating func connectionLost(now: Duration) -> [Action] {
        switch phase {
        case .ended, .failed: []
        case .connecting: [.send(.hello(hello))]
        case .live, .draining: [heartbeat(now: now)]
        }
    }

    private mutating func watch(now: Duration) -> [Action] {
        guard let welcome else { preconditionFailure("\(phase) without a WELCOME") }
        if now - lastHeard > welcome.livenessDeadline {
            // Whoever was told to leave needs no answer to do so.
            return phase == .draining ? leave(.finished, reason: "drained") : reconnect(now: now)
        }
        var actions: [Action] = []
        if nextHeartbeat <= now { actions.append(heartbeat(now: now)) }
        if !unacknowledged.isEmpty, now - lastProgress > welcome.livenessDeadline {
            actions += resendAll(now: now)
        }
        return actions
    }

    /// The session is over, the work is kept. The deadline runs from when the learner was last
    /// heard, and a learner that answers each HELLO with "say HELLO" is not asked faster than by
    /// the timer.
    mutating func reconnect(now: Duration) -> [Action] {
        if phase != .connecting {
            phase = .connecting
            connectingSince = lastHeard
            attempt = 0
            nextHello = now
        }
        return connect(now: now)
    }

    mutating func heartbeat(now: Duration) -> Action {
        guard let welcome else { preconditionFailure("a heartbeat without a WELCOME") }
        nextHeartbeat = now + welcome.heartbeatInterval
        return .send(
            .heartbeat(
                WorkerHeartbeat(
                    sequence: sequence, acknowledged: seen, heldLeases: Set(held.keys),
                    freeSlots: freeSlots, held: adopted)))
    }

    private var hello: Hello {
        Hello(
            worker: identity.name, runID: welcome?.runID, sequence: sequence,
            acknowledged: acknowledged,
            configurationFingerprint: welcome?.configurationFingerprint, numerics: numerics,
            heldLeases: Set(held.keys), freeSlots: freeSlots, held: adopted,
            limits: SessionLimits())
    }

    private var freeSlots: UInt32 { UInt32(max(0, slots - held.count)) }

    /// Different for every worker and attempt, and the same in every replay.
    private var jitter: UInt64 {
        let name = identity.name.utf8.reduce(identity.incarnation) { $0 &* 31 &+ UInt64($1) }
        let mixed = (name &+ UInt64(attempt)) &* 0x9E37_79B9_7F4A_7C15
        return mixed >> 32
    }
}
