import GRPO
import Ports
import Testing
import Training

@Suite struct LearnerScoringTests {
    private func scored(_ script: LearnerScript, _ lease: Lease.ID, _ rewards: [Double?])
        -> LearnerEvent
    {
        .scored(
            answer(script.tickets[lease]!, rewards: rewards), lease: lease,
            from: script.holders[lease]!)
    }

    @Test("Where the learner scores, tickets carry no columns and groups are answered once scored")
    func scoring() {
        var script = LearnerScript(makeSetup(scoresHere: true))
        let tickets = script.join(alice, slots: 2).grantedTickets
        #expect(tickets.allSatisfy { $0.columns.isEmpty })
        let group = answer(tickets[1], rewards: [nil, nil])
        #expect(
            script.push(2, rewards: [nil, nil])
                == [.score(group, columns: "{\"row\":1}", lease: 2, from: alice)])
        #expect(script.push(2, rewards: [nil, nil]).verdicts == [.duplicate])
        #expect(script.state.accounting == counts(issued: 2, leased: 1, received: 1, duplicates: 1))
        #expect(script.handle(scored(script, 2, [1, 0])).verdicts == [.accepted(durable: true)])
        _ = script.push(1, rewards: [nil, nil])
        #expect(script.handle(scored(script, 1, [0, 1])).steps == [0])
        #expect(script.trained[0].map { $0.completions[0].reward } == [0, 1])
    }

    @Test("A bad reward of the learner's own is dropped with a cause too")
    func badReward() {
        var script = LearnerScript(makeSetup(scoresHere: true))
        _ = script.join(alice, slots: 2)
        _ = script.push(1, rewards: [nil, nil])
        let actions = script.handle(scored(script, 1, [.nan, 1]))
        #expect(actions.verdicts == [.dropped(.badReward)])
        #expect(actions.grantedTickets.map(\.key.attempt) == [1])
    }

    @Test("A group whose worker died while it was scored is good")
    func workerDiesMeanwhile() {
        var script = LearnerScript(makeSetup(scoresHere: true))
        _ = script.join(alice, slots: 1)
        _ = script.push(1, rewards: [nil, nil])
        let event = scored(script, 1, [1, 0])
        _ = script.lose(alice)
        #expect(script.handle(event).verdicts == [.accepted(durable: true)])
    }
}
