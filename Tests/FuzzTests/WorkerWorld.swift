import GRPO
import Sessions
import Wire

/// A live `WorkerSession` under a stream of events: frames of a learner, and the calls of a worker.
struct WorkerWorld {
    private static let slots = 4

    private var session = WorkerSession(
        WorkerIdentity(name: "w", incarnation: 5), numerics: "n", slots: slots,
        timing: WorkerTiming(reconnectDeadline: .seconds(30)), now: .zero, sha256: { _ in digest(0) })
    private var now = Duration.zero
    private var taken: [LeasedTicket] = []
    /// Messages that got as far as the state machine.
    private(set) var received = 0

    static func run(_ bytes: [UInt8]) -> WorkerWorld {
        var world = WorkerWorld()
        for event in EventStream(bytes) { world.take(event) }
        return world
    }

    private mutating func take(_ event: EventStream.Event) {
        let wasOver = session.phase == .ended || isFailed
        var actions: [WorkerSession.Action] = []
        switch event.kind {
        case 0..<EventStream.frameKinds: actions = receive(Array(event.frame))
        case 4, 5: actions = receive(welcome(event), event)
        case 6: actions = receive(offer(event), event)
        case 7: actions = receive(ack(event), event)
        case 8: actions = receive(reject(event), event)
        case 9: actions = receive(other(event), event)
        case 10:
            taken += session.takeLeases(upTo: event[0])
        case 11: actions = push(event)
        case 12:
            let snapshot = reference(UInt64(event[0] % 8), incarnation: UInt32(event[1] % 4))
            actions = session.adopt(snapshot, now: now)
        case 13:
            let version = PolicyVersion(incarnation: UInt32(event[1] % 4), number: UInt64(event[0] % 8))
            actions = session.giveUp(version, now: now)
        case 14:
            now += .milliseconds(40 * event[0])
            actions = session.tick(now: now)
        default:
            if event[0] < 16 { actions = session.leave(.failed, reason: "it was told to") }
        }
        perform(actions)
        precondition(!wasOver || actions.isEmpty, "a worker that is done said \(actions)")
        precondition(session.unacknowledgedCount <= WireLimits.heldLeases)
    }

    private var isFailed: Bool { if case .failed = session.phase { true } else { false } }

    private mutating func receive(_ frame: [UInt8]) -> [WorkerSession.Action] {
        do throws(WireError) {
            let message = try LearnerMessage(frame: frame)
            received += 1
            return session.receive(message, now: now)
        } catch { return session.receive(error) }
    }

    private mutating func receive(
        _ command: LearnerCommand, _ event: EventStream.Event
    ) -> [WorkerSession.Action] {
        received += 1
        let message = LearnerMessage(
            incarnation: incarnation(event), command,
            version: event[1] % 3 == 0 ? .oldest : .current)
        return session.receive(message, now: now)
    }

    private func incarnation(_ event: EventStream.Event) -> UInt32 { UInt32(event[0] % 4) }

    private mutating func push(_ event: EventStream.Event) -> [WorkerSession.Action] {
        guard !taken.isEmpty else { return [] }
        let leased = taken.remove(at: event[0] % taken.count)
        let completion = Completion(
            tokens: [1], behaviorLogprobs: [-1], keptLogMasses: [0], finishReason: .stop)
        let ticket = leased.ticket
        let group = Group(
            key: ticket.key, ordinal: ticket.ordinal, version: ticket.version,
            prompt: ticket.prompt, completions: [completion])
        let numbering = session.nextNumbering
        let delivery = GroupDelivery(
            sequence: numbering.sequence, lease: leased.lease, group: group)
        let frame = try! WorkerMessage(
            incarnation: 5, .group(delivery), version: session.version
        ).encode()
        switch session.push(frame, lease: leased.lease, numbering: numbering, now: now) {
        case .sent(let actions): return actions
        case .notNeeded: return []
        case .renumber: preconditionFailure("the next numbering was not the next")
        }
    }

    private func perform(_ actions: [WorkerSession.Action]) {
        for action in actions {
            switch action {
            case .send(let command):
                let message = WorkerMessage(
                    incarnation: 5, command, version: session.version(of: command))
                precondition((try? message.encode()) != nil, "\(command) cannot be sent")
            case .sendGroup(let frame): precondition((try? WorkerMessage(frame: frame)) != nil)
            case .wake: break
            }
        }
    }

    // MARK: What the learner says

    private func welcome(_ event: EventStream.Event) -> LearnerCommand {
        .welcome(
            Welcome(
                runID: RunID([UInt8](repeating: UInt8(event[2] / 250), count: 16))!,
                configurationFingerprint: digest(event[2] == 255 ? 1 : 0),
                configuration: event[3] % 5 == 0 ? nil : "{}", numerics: "n",
                heartbeatInterval: .seconds(1), livenessDeadline: .seconds(5),
                largestGroupBytes: 1 << 20, groupSize: 1, rewardPlacement: .learner,
                current: reference(0, incarnation: incarnation(event)),
                acknowledged: UInt64(event[3] % 8),
                limits: event[3] % 3 == 0 ? SessionLimits(promptTokens: 2) : nil))
    }

    private func offer(_ event: EventStream.Event) -> LearnerCommand {
        let tickets = (0...event[2] % 4).map { index in
            let lease = UInt64(event[3] % 32 + index) + 1
            return LeasedTicket(
                lease: lease,
                ticket: Ticket(
                    key: TicketKey(pass: 0, promptIndex: UInt32(lease), attempt: 0), ordinal: lease,
                    version: PolicyVersion(
                        incarnation: incarnation(event), number: UInt64(event[1] % 8)),
                    prompt: [Int32](repeating: 1, count: event[3] == 255 ? 3 : 1), columns: ""),
                deadline: .seconds(1))
        }
        return .lease(LeaseOffer(sequence: UInt64(event[2]) + 1, tickets: tickets))
    }

    private func ack(_ event: EventStream.Event) -> LearnerCommand {
        let outcomes =
            [Outcome.accepted(durable: true), .duplicate] + DropCause.allCases.map(Outcome.dropped)
        let verdict = Verdict(
            sequence: UInt64(event[2] % 8) + 1, lease: UInt64(event[3] % 32) + 1,
            outcome: outcomes[event[1] % outcomes.count])
        return .ack(Acknowledgement(acknowledged: UInt64(event[2] / 32), verdicts: [verdict]))
    }

    private func reject(_ event: EventStream.Event) -> LearnerCommand {
        let code = RejectCode.allCases[event[2] % RejectCode.allCases.count]
        let types = [MessageType.hello, .group, .workerHeartbeat]
        return .reject(
            Rejection(code, reason: "r", refusedType: types[event[3] % 3].rawValue))
    }

    private func other(_ event: EventStream.Event) -> LearnerCommand {
        switch event[2] % 8 {
        case 0: .drain(Drain(sequence: UInt64(event[3]) + 1, mode: .stop, reason: "r"))
        case 1: .goodbye(Goodbye(Farewell.allCases[event[3] % 3], reason: "r"))
        default:
            .heartbeat(
                LearnerHeartbeat(
                    sequence: UInt64(event[3] % 8), acknowledged: UInt64(event[3] % 8),
                    heldLeases: [UInt64(event[3]) + 1],
                    current: reference(UInt64(event[1] % 8), incarnation: incarnation(event))))
        }
    }
}
