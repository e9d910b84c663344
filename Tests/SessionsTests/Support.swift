import GRPO
import Sessions
import Testing
import Wire

let runID = RunID([UInt8](repeating: 7, count: 16))!
let configurationText = #"{"seed":1}"#

/// Stands in for SHA-256, which these modules do not compute themselves: 32 bytes that depend on
/// all.
@Sendable func fakeDigest(_ bytes: some Collection<UInt8>) -> ContentDigest {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    var result: [UInt8] = []
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for _ in 0..<4 {
        hash = (hash ^ 0x55) &* 0x100_0000_01B3
        withUnsafeBytes(of: hash) { result += $0 }
    }
    return ContentDigest(result)!
}

func terms(incarnation: UInt32 = 1, isExact: Bool = true, workersMax: Int = 8) -> LearnerTerms {
    LearnerTerms(
        incarnation: incarnation, runID: runID, configuration: configurationText,
        configurationFingerprint: fakeDigest(Array(configurationText.utf8)), numerics: "n",
        isExact: isExact, heartbeatInterval: .seconds(1), livenessDeadline: .seconds(5),
        largestGroupBytes: 1 << 20, groupSize: 2, rewardPlacement: .worker,
        leaseDuration: .seconds(60), workersMax: workersMax)
}

func reference(_ number: UInt64, incarnation: UInt32 = 1) -> SnapshotReference {
    SnapshotReference(
        version: PolicyVersion(incarnation: incarnation, number: number),
        digest: fakeDigest([
            UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: incarnation),
        ]))
}

func ticket(
    _ ordinal: UInt64, version: UInt64 = 0, incarnation: UInt32 = 1, prompt: [Int32]? = nil
) -> Ticket {
    Ticket(
        key: TicketKey(pass: 0, promptIndex: UInt32(ordinal), attempt: 0), ordinal: ordinal,
        version: PolicyVersion(incarnation: incarnation, number: version),
        prompt: prompt ?? [Int32(ordinal) + 1], columns: "")
}

func answer(_ ticket: Ticket) -> Group {
    let completion = Completion(
        tokens: [Int32(ticket.ordinal)], behaviorLogprobs: [-1], keptLogMasses: [0],
        finishReason: .stop, reward: 1)
    return Group(
        key: ticket.key, ordinal: ticket.ordinal, version: ticket.version, prompt: ticket.prompt,
        completions: [completion, completion])
}

let alice = WorkerIdentity(name: "alice", incarnation: 10)
let aliceAddress = PeerAddress([1])

func hello(
    _ worker: WorkerIdentity = alice, sequence: UInt64 = 0, acknowledged: UInt64 = 0,
    numerics: String = "n", run: RunID? = nil, leases: Set<UInt64> = [], free: UInt32 = 2,
    held: SnapshotReference? = nil
) -> WorkerMessage {
    WorkerMessage(
        incarnation: worker.incarnation,
        .hello(
            Hello(
                worker: worker.name, runID: run, sequence: sequence, acknowledged: acknowledged,
                numerics: numerics, heldLeases: leases, freeSlots: free, held: held)))
}

func heartbeat(
    _ worker: WorkerIdentity = alice, sequence: UInt64 = 0, seen: UInt64 = 0,
    leases: Set<UInt64> = [], free: UInt32 = 2, held: SnapshotReference? = reference(0)
) -> WorkerMessage {
    WorkerMessage(
        incarnation: worker.incarnation,
        .heartbeat(
            WorkerHeartbeat(
                sequence: sequence, acknowledged: seen, heldLeases: leases, freeSlots: free,
                held: held)))
}

func delivery(
    _ sequence: UInt64, lease: UInt64, _ ticket: Ticket, from worker: WorkerIdentity = alice
) -> WorkerMessage {
    WorkerMessage(
        incarnation: worker.incarnation,
        .group(GroupDelivery(sequence: sequence, lease: lease, group: answer(ticket))))
}

extension LearnerSession.Action {
    var command: LearnerCommand? { if case .send(let command, _) = self { command } else { nil } }
    var rejection: RejectCode? {
        if case .reject(let rejection)? = command { rejection.code } else { nil }
    }
    var ack: Acknowledgement? { if case .ack(let ack)? = command { ack } else { nil } }
    var offer: LeaseOffer? { if case .lease(let offer)? = command { offer } else { nil } }
    var welcome: Welcome? { if case .welcome(let welcome)? = command { welcome } else { nil } }
}

extension WorkerSession.Action {
    var command: WorkerCommand? { if case .send(let command) = self { command } else { nil } }
    var hello: Hello? { if case .hello(let hello)? = command { hello } else { nil } }
    var heartbeat: WorkerHeartbeat? {
        if case .heartbeat(let beat)? = command { beat } else { nil }
    }
}

/// A learner's session with version 0 published and `alice` welcome.
func learnerWithAlice(_ terms: LearnerTerms = terms(), held: SnapshotReference? = reference(0))
    -> LearnerSession
{
    var session = LearnerSession(terms)
    _ = session.setCurrent(reference(0), now: .zero)
    _ = session.receive(hello(held: held), from: aliceAddress, now: .zero)
    return session
}

/// A worker's session that has been welcomed at time 0.
func liveWorker(_ timing: WorkerTiming = WorkerTiming()) -> WorkerSession {
    var session = WorkerSession(
        alice, numerics: "n", slots: 2, timing: timing, now: .zero, sha256: { fakeDigest($0) })
    _ = session.tick(now: .zero)
    _ = session.receive(welcome(), now: .zero)
    return session
}

func welcome(
    incarnation: UInt32 = 1, acknowledged: UInt64 = 0, configuration: String? = configurationText,
    run: RunID = runID
) -> LearnerMessage {
    let terms = terms(incarnation: incarnation)
    return LearnerMessage(
        incarnation: incarnation,
        .welcome(
            Welcome(
                runID: run, configurationFingerprint: terms.configurationFingerprint,
                configuration: configuration, numerics: "n", heartbeatInterval: .seconds(1),
                livenessDeadline: .seconds(5), largestGroupBytes: 1 << 20, groupSize: 2,
                rewardPlacement: .worker, current: reference(0, incarnation: incarnation),
                acknowledged: acknowledged)))
}

func leaseMessage(_ sequence: UInt64, _ leases: [UInt64], incarnation: UInt32 = 1) -> LearnerMessage
{
    let tickets = leases.map {
        LeasedTicket(
            lease: $0, ticket: ticket($0, incarnation: incarnation), deadline: .seconds(60))
    }
    return LearnerMessage(
        incarnation: incarnation, .lease(LeaseOffer(sequence: sequence, tickets: tickets)))
}
