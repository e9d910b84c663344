import GRPO
import Sessions
import Wire

/// A live `LearnerSession` under a stream of events: frames of four peers, and the calls of a learner.
struct LearnerWorld {
    private static let workersMax = 3
    private static let terms = LearnerTerms(
        incarnation: 1, runID: RunID([UInt8](repeating: 7, count: 16))!, configuration: "{}",
        configurationFingerprint: digest(0), numerics: "n", isExact: true,
        heartbeatInterval: .seconds(1), livenessDeadline: .seconds(5), largestGroupBytes: 1 << 16,
        groupSize: 2, rewardPlacement: .worker, leaseDuration: .seconds(60), workersMax: workersMax,
        limits: SessionLimits(promptTokens: 8, completionTokens: 8, completions: 4))

    private var session = LearnerSession(terms)
    private var now = Duration.zero
    private var published: UInt64 = 0
    private var lastLease: UInt64 = 0
    /// Groups that wait for a verdict.
    private var waiting: [(lease: UInt64, worker: WorkerIdentity)] = []
    private var delivered: Set<UInt64> = []
    /// Messages that got as far as the state machine.
    private(set) var received = 0

    static func run(_ bytes: [UInt8]) -> LearnerWorld {
        var world = LearnerWorld()
        for event in EventStream(bytes) { world.take(event) }
        return world
    }

    private mutating func take(_ event: EventStream.Event) {
        let peer = PeerAddress([UInt8(event[0] % 4)])
        switch event.kind {
        case 0..<EventStream.frameKinds: receive(Array(event.frame), from: peer)
        case 4: receive(hello(event), event, from: peer)
        case 5: receive(heartbeat(event), event, from: peer)
        case 6, 7: receive(group(event), event, from: peer)
        case 8:
            let farewell = Farewell.allCases[event[2] % 3]
            receive(
                event[3] % 2 == 0
                    ? .goodbye(Goodbye(farewell, reason: "r"))
                    : .drained(Drained(sequence: UInt64(event[2]), reason: "r")), event, from: peer)
        case 9, 10:
            lastLease += 1
            let ticket = ticket(lastLease, version: UInt64(event[2]) % (published + 1))
            perform(session.grant([(lastLease, ticket)], to: worker(event), now: now))
        case 11: answer(event)
        case 12:
            now += .milliseconds(40 * event[0])
            perform(session.tick(now: now))
        case 13:
            published += 1
            perform(session.setCurrent(reference(published), now: now))
        case 14: perform(session.fence(peer, cause: "it takes nothing"))
        default: end(event)
        }
        precondition(session.liveCount <= Self.workersMax)
    }

    private mutating func end(_ event: EventStream.Event) {
        switch event[0] {
        case 0..<64: perform(session.drain(reason: "the run is over"))
        case 64..<80: perform(session.close(Farewell.allCases[event[1] % 3], reason: "over"))
        default: break
        }
    }

    private mutating func receive(_ frame: [UInt8], from peer: PeerAddress) {
        do throws(WireError) {
            let message = try WorkerMessage(frame: frame)
            received += 1
            perform(session.receive(message, from: peer, now: now))
        } catch { perform(session.receive(error, from: peer)) }
    }

    private mutating func receive(
        _ command: WorkerCommand, _ event: EventStream.Event, from peer: PeerAddress
    ) {
        let message = WorkerMessage(
            incarnation: worker(event).incarnation, command,
            version: event[3] % 3 == 0 ? .oldest : .current)
        received += 1
        perform(session.receive(message, from: peer, now: now))
    }

    private mutating func answer(_ event: EventStream.Event) {
        guard !waiting.isEmpty else { return }
        let (lease, worker) = waiting.remove(at: event[0] % waiting.count)
        let outcomes =
            [Outcome.accepted(durable: true), .accepted(durable: false), .duplicate]
            + DropCause.allCases.map(Outcome.dropped)
        perform(
            session.answer(outcomes[event[1] % outcomes.count], lease: lease, worker: worker))
    }

    private mutating func perform(_ actions: [LearnerSession.Action]) {
        for action in actions {
            switch action {
            case .send(let command, let peer):
                let message = LearnerMessage(
                    incarnation: 1, command, version: session.version(with: peer))
                precondition((try? message.encode()) != nil, "\(command) cannot be sent")
            case .ready(_, let slots): precondition(0...WireLimits.heldLeases ~= slots)
            case .group(let group, let lease, let worker):
                // Leases are not used twice, so neither are their groups.
                precondition(delivered.insert(lease).inserted, "lease \(lease) was answered twice")
                precondition(group.version.number <= published)
                waiting.append((lease, worker))
            case .released(let leases, _): precondition(!leases.isEmpty)
            case .lost, .forget: break
            }
        }
    }

    // MARK: What peers say

    private func worker(_ event: EventStream.Event) -> WorkerIdentity {
        WorkerIdentity(name: "w\(event[0] % 4)", incarnation: UInt64(event[1] % 3) + 1)
    }

    private func hello(_ event: EventStream.Event) -> WorkerCommand {
        let sequence = UInt64(event[2] % 8)
        return .hello(
            Hello(
                worker: worker(event).name, sequence: sequence,
                acknowledged: min(sequence, UInt64(event[2] / 32)), numerics: "n",
                heldLeases: leases(event), freeSlots: UInt32(event[3] % 5),
                held: reference(published)))
    }

    private func heartbeat(_ event: EventStream.Event) -> WorkerCommand {
        .heartbeat(
            WorkerHeartbeat(
                sequence: UInt64(event[2] % 8), acknowledged: UInt64(event[3] % 8),
                heldLeases: leases(event), freeSlots: UInt32(event[3] % 5),
                held: event[2] % 7 == 6 ? nil : reference(UInt64(event[2]) % (published + 1))))
    }

    /// The last leases, as far as the bits of a number say.
    private func leases(_ event: EventStream.Event) -> Set<UInt64> {
        Set(
            (0..<8).filter { event[3] >> $0 & 1 == 1 && lastLease > $0 }.map { lastLease - UInt64($0) })
    }

    private func group(_ event: EventStream.Event) -> WorkerCommand {
        let lease = max(1, lastLease > event[3] % 8 ? lastLease - UInt64(event[3] % 8) : 1)
        let ticket = ticket(lease, version: UInt64(event[1] / 3) % (published + 1))
        let completion = Completion(
            tokens: [1], behaviorLogprobs: [-1], keptLogMasses: [0], finishReason: .stop, reward: 1)
        let group = Group(
            key: ticket.key, ordinal: ticket.ordinal, version: ticket.version,
            prompt: ticket.prompt,
            completions: [Completion](repeating: completion, count: 1 + event[2] / 60))
        return .group(
            GroupDelivery(sequence: UInt64(event[2] % 12) + 1, lease: lease, group: group))
    }

    private func ticket(_ lease: UInt64, version: UInt64) -> Ticket {
        Ticket(
            key: TicketKey(pass: 0, promptIndex: UInt32(lease), attempt: 0), ordinal: lease,
            version: PolicyVersion(incarnation: 1, number: version), prompt: [1], columns: "")
    }
}

func digest(_ number: UInt64) -> ContentDigest {
    ContentDigest([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32))!
}

func reference(_ number: UInt64, incarnation: UInt32 = 1) -> SnapshotReference {
    SnapshotReference(
        version: PolicyVersion(incarnation: incarnation, number: number), digest: digest(number))
}
