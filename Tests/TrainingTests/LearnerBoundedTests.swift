import GRPO
import Ports
import Testing
import Training

@Suite struct LearnerBoundedTests {
    @Test("Bounded tickets name the newest version and workers never wait for a step")
    func workConserving() {
        var script = LearnerScript(makeSetup(.bounded, staleness: 1, steps: 5))
        #expect(script.join(alice, slots: 4).grantedTickets.map(\.version.number) == [0, 0, 0, 0])
        _ = script.push(1)
        let actions = script.push(3)  // arrival decides, not the place
        #expect(actions.steps == [0])
        #expect(script.trained[0].map(\.ordinal) == [0, 2])
        #expect(actions.grantedTickets.map(\.ordinal) == [4, 5])
        #expect(actions.grantedTickets.map(\.version.number) == [0, 0])
    }

    @Test("A group that grew too old is dropped with a cause, and its prompt comes again")
    func staleGroup() {
        var script = LearnerScript(makeSetup(.bounded, staleness: 1, batch: 1, steps: 5))
        _ = script.join(alice, slots: 2)  // places 0, 1 of version 0
        _ = script.push(1)
        _ = script.finishTraining(version: 1)  // place 2 of version 1
        _ = script.push(3)
        #expect(script.trained.count == 2)
        #expect(script.push(2).verdicts == [.accepted(durable: true)])  // waits during step 1
        let actions = script.finishTraining(version: 2)
        let retry = actions.grantedTickets.first { $0.ordinal == 1 }
        #expect(retry?.key.attempt == 1 && retry?.version == version(2))
        #expect(script.state.accounting.dropped == ["stale": 1])
        #expect(script.trained.joined().allSatisfy { $0.ordinal != 1 })
    }

    @Test(
        "A ticket out whose version leaves the window is taken back, so that no worker is waited for"
    )
    func staleTicket() {
        var script = LearnerScript(makeSetup(.bounded, staleness: 0, batch: 1, steps: 5))
        _ = script.join(alice, slots: 1)
        _ = script.push(1)  // trains; alice gets place 1 of version 0
        #expect(script.tickets[2]?.version == version(0))
        // Alice is still at work on it, and has no room.
        #expect(script.finishTraining(version: 1).grantedTickets.isEmpty)
        let actions = script.join(bob, slots: 1)
        #expect(actions.grantedTickets.map(\.ordinal) == [1])
        #expect(actions.grantedTickets.first?.key.attempt == 1)
        #expect(actions.grantedTickets.first?.version == version(1))
        #expect(script.push(2).verdicts == [.dropped(.stale)])  // nobody waits for it any more
        #expect(script.push(3).steps == [1])
        #expect(script.state.accounting.dropped == ["stale": 1])
    }

    @Test("A freed ticket of too old a version is not given to the next worker")
    func staleFreedTicket() {
        var script = LearnerScript(makeSetup(.bounded, staleness: 1, batch: 1, steps: 5))
        _ = script.join(alice, slots: 1)  // place 0 of version 0
        _ = script.join(bob, slots: 1)  // place 1 of version 0
        _ = script.push(2)
        _ = script.finishTraining(version: 1)
        _ = script.push(3)
        _ = script.lose(alice)
        let tickets =
            script.finishTraining(version: 2).grantedTickets
            + script.join(carol, slots: 2).grantedTickets
        #expect(tickets.allSatisfy { $0.version.number >= 1 })
        #expect(tickets.contains { $0.ordinal == 0 && $0.key.attempt == 1 })
    }

    @Test(
        "Groups in flight are bounded by (staleness + 1) batches, and by what the run still needs")
    func bounds() {
        var script = LearnerScript(makeSetup(.bounded, staleness: 2, batch: 2, steps: 4))
        #expect(script.join(alice, slots: 99).grantedTickets.count == 6)
        _ = script.push(1)
        #expect(script.push(2).grantedTickets.count == 2)  // 8 in all: the whole run
        #expect(script.finishTraining(version: 1).grantedTickets.isEmpty)
    }
}
