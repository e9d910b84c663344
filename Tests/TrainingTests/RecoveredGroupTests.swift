import GRPO
import Ports
import Testing
import Training

/// Groups that workers sampled for an earlier start of the learner.
@Suite struct RecoveredGroupTests {
    /// The learner of incarnation 1 died after it granted four tickets and journaled one group, place 1.
    private func restarted(_ setup: LearnerSetup) throws -> (LearnerScript, [Ticket]) {
        var first = LearnerScript(setup, start: LearnerStart(version: version(0, incarnation: 1)))
        _ = first.start()
        let tickets = first.join(alice, slots: 4).grantedTickets
        _ = first.push(first.tickets.first { $0.value.ordinal == 1 }!.key)
        let history = try RunHistory(first.journal)
        var second = LearnerScript(
            setup, start: LearnerStart(version: version(0, incarnation: 2), history: history))
        _ = second.start(waiting: history.groups(in: first.journal))
        return (second, tickets)
    }

    private func push(
        _ ticket: Ticket, to script: inout LearnerScript, lease: Lease.ID = 1 << 32 | 7
    ) -> [LearnerAction] {
        script.handle(.rollout(.group(answer(ticket), lease: lease, from: alice)))
    }

    @Test("One that is still to come is taken before its ticket was issued again, even out of order")
    func claimed() throws {
        var (script, tickets) = try restarted(makeSetup(batch: 4, steps: 2))
        #expect(push(tickets[3], to: &script).verdicts == [.accepted(durable: true)])
        #expect(push(tickets[0], to: &script).verdicts == [.accepted(durable: true)])
        #expect(script.state.accounting == counts(issued: 3, journaled: 3))
        // Only what is missing is sampled again.
        #expect(script.join(bob, slots: 9).granted == [bob: [2]])
        #expect(push(tickets[2], to: &script).steps == [0])
        #expect(script.trained[0].map(\.ordinal) == [0, 1, 2, 3])
    }

    @Test("One that is journaled or was sampled again meanwhile is a duplicate")
    func duplicates() throws {
        var (script, tickets) = try restarted(makeSetup(batch: 4, steps: 2))
        #expect(push(tickets[1], to: &script).verdicts == [.duplicate])
        _ = script.join(bob, slots: 1)
        let lease = script.newestLease(of: bob)
        #expect(script.tickets[lease]?.ordinal == 0)
        #expect(script.push(lease).verdicts == [.accepted(durable: true)])
        #expect(push(tickets[0], to: &script).verdicts == [.duplicate])
    }

    @Test("In the bounded schedule one of an older version is as good, within the bound")
    func bounded() throws {
        var (script, tickets) = try restarted(
            makeSetup(.bounded, staleness: 1, batch: 2, steps: 9))
        _ = script.join(bob, slots: 1)
        let lease = script.newestLease(of: bob)
        #expect(script.push(lease).steps == [0])
        _ = script.finishTraining(version: 1)
        // Bob got place 2 anew, from version 1; alice's is of version 0.
        #expect(script.tickets[script.newestLease(of: bob)]?.ordinal == 2)
        #expect(push(tickets[2], to: &script).verdicts == [.accepted(durable: true)])
        #expect(push(tickets[3], to: &script).steps == [1])
        _ = script.finishTraining(version: 2)
        var late = tickets[3]
        late.ordinal = 4
        #expect(push(late, to: &script).verdicts == [.dropped(.unknownTicket)])
    }

    @Test("One of weights that were never published, or of no ticket, is unknown and bars nobody")
    func unknown() throws {
        var (script, tickets) = try restarted(makeSetup(batch: 4, steps: 2))
        var ticket = tickets[0]
        ticket.version.number = 1
        #expect(push(ticket, to: &script).verdicts == [.dropped(.unknownTicket)])
        ticket = tickets[0]
        ticket.key.promptIndex += 1
        #expect(push(ticket, to: &script).verdicts == [.dropped(.unknownTicket)])
        ticket = tickets[0]
        ticket.prompt = [1]
        #expect(push(ticket, to: &script).verdicts == [.dropped(.unknownTicket)])
        ticket = tickets[0]
        ticket.ordinal = 1 << 60
        #expect(push(ticket, to: &script).verdicts == [.dropped(.unknownTicket)])
        #expect(script.join(alice, slots: 9).granted == [alice: [0, 2, 3]])
    }
}
