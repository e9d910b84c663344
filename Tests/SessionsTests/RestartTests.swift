import GRPO
import Sessions
import Testing
import Wire

/// A learner dies and comes back; workers keep what has no verdict.
@Suite struct RestartTests {
    private func restarted(knows versions: Set<PolicyVersion>) -> LearnerSession {
        var terms = terms(incarnation: 2)
        terms.firstLease = 100
        terms.earlierVersions = versions
        var session = LearnerSession(terms)
        _ = session.setCurrent(reference(0, incarnation: 2), now: .zero)
        return session
    }

    /// Alice with groups of leases 1 and 2 out and lease 3 unanswered, after WELCOME of a restarted learner.
    private func alices() throws -> (session: WorkerSession, actions: [WorkerSession.Action]) {
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1, 2, 3]), now: .zero)
        for lease in [2, 1] as [UInt64] {
            let frame = try delivery(
                session.nextNumbering.sequence, lease: lease, ticket(lease)
            ).encode()
            _ = session.push(frame, lease: lease, numbering: session.nextNumbering, now: .zero)
        }
        let actions = session.receive(welcome(incarnation: 2), now: .seconds(1))
        return (session, actions)
    }

    private func groups(_ actions: [WorkerSession.Action]) throws -> [GroupDelivery] {
        try actions.compactMap { action in
            guard case .sendGroup(let frame) = action,
                case .group(let delivery) = try WorkerMessage(frame: frame).command
            else { return nil }
            return delivery
        }
    }

    @Test("A worker sends its groups again under the next numbers, and forgets leases without a group")
    func carriesOver() throws {
        let (session, actions) = try alices()
        let sent = try groups(actions)
        #expect(sent.map(\.sequence) == [1, 2] && sent.map(\.lease) == [2, 1])
        #expect(sent.map(\.group) == [answer(ticket(2)), answer(ticket(1))])
        #expect(actions.first?.heartbeat?.heldLeases == [1, 2])
        #expect(actions.first?.heartbeat?.freeSlots == 0)
        #expect(session.unacknowledgedCount == 2 && session.nextNumbering.sequence == 3)
    }

    @Test("Its slots are free as soon as the groups have verdicts, and the learner hears so at once")
    func slotsComeBack() throws {
        var session = try alices().session
        let verdicts = [
            Verdict(sequence: 1, lease: 2, outcome: .accepted(durable: true)),
            Verdict(sequence: 2, lease: 1, outcome: .duplicate),
        ]
        let ack = Acknowledgement(acknowledged: 2, verdicts: verdicts)
        let actions = session.receive(
            LearnerMessage(incarnation: 2, .ack(ack)), now: .seconds(2))
        #expect(actions.first?.heartbeat?.freeSlots == 2)
        #expect(session.unacknowledgedCount == 0)
    }

    @Test("A verdict on the number that a group had before is not the group's")
    func oldVerdict() throws {
        var session = try alices().session
        let verdict = Verdict(sequence: 1, lease: 1, outcome: .accepted(durable: true))
        let ack = Acknowledgement(acknowledged: 0, verdicts: [verdict])
        _ = session.receive(LearnerMessage(incarnation: 2, .ack(ack)), now: .seconds(2))
        #expect(session.unacknowledgedCount == 2)
    }

    @Test("The learner takes a group of an earlier start, where the weights are the same still")
    func takesEarlierGroups() {
        let version = PolicyVersion(incarnation: 1, number: 0)
        var session = restarted(knows: [version])
        let greeting = session.receive(
            hello(leases: [1, 2], free: 0), from: aliceAddress, now: .zero)
        // Leases from before are no slots; there is room again once their groups are answered.
        #expect(greeting.contains(.ready(alice, slots: 0)))
        let actions = session.receive(
            delivery(1, lease: 1, ticket(1)), from: aliceAddress, now: .zero)
        #expect(actions == [.group(answer(ticket(1)), lease: 1, from: alice)])
        let ack = session.answer(.accepted(durable: true), lease: 1, worker: alice)
        #expect(ack[0].ack?.verdicts.map(\.lease) == [1] && ack[0].ack?.acknowledged == 1)
        let twice = session.receive(
            delivery(1, lease: 1, ticket(1)), from: aliceAddress, now: .zero)
        #expect(twice[0].ack?.verdicts.map(\.outcome) == [.accepted(durable: true)])
    }

    @Test("It refuses one of weights that it does not know, and one under a lease of its own that it never gave")
    func refusesOthers() {
        var session = restarted(knows: [PolicyVersion(incarnation: 1, number: 0)])
        _ = session.receive(hello(free: 2), from: aliceAddress, now: .zero)
        let unknown = session.receive(
            delivery(1, lease: 1, ticket(1, version: 7)), from: aliceAddress, now: .zero)
        #expect(unknown[0].ack?.verdicts.map(\.outcome) == [.dropped(.unknownLease)])
        let own = session.receive(
            delivery(2, lease: 101, ticket(1)), from: aliceAddress, now: .zero)
        #expect(own[0].ack?.verdicts.map(\.outcome) == [.dropped(.unknownLease)])
    }
}
