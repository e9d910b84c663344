import GRPO
import Ports
import Testing
import Training

@Suite struct LearnerStateTests {
    private let accepted = Verdict.accepted(durable: true)

    @Test("Without steps the run is over before it began")
    func noSteps() {
        var script = LearnerScript(makeSetup(steps: 0))
        #expect(script.start() == [.finish(reason: nil)])
        #expect(script.join(alice, slots: 2).isEmpty)
    }

    @Test("A worker that joins gets the first batch's tickets, whole and from version 0")
    func join() {
        var script = LearnerScript(makeSetup(batch: 3))
        #expect(script.start().isEmpty)
        let tickets = script.join(alice, slots: 9).grantedTickets
        #expect(tickets.map(\.ordinal) == [0, 1, 2])
        #expect(tickets.allSatisfy { $0.version == version(0) && $0.key.attempt == 0 })
        #expect(tickets[2].prompt == [2, 9] && tickets[2].columns == "{\"row\":2}")
        #expect(script.state.liveWorkers == 1)
    }

    @Test(
        "Every group is answered; the last of a batch starts training, and its end brings new work")
    func wholeRun() {
        var script = LearnerScript(makeSetup(steps: 2))
        _ = script.join(alice, slots: 4)
        #expect(script.push(2) == [.answer(accepted, lease: 2, to: alice)])
        let actions = script.push(1)
        #expect(actions.verdicts == [accepted] && actions.steps == [0])
        #expect(script.trained[0].map(\.ordinal) == [0, 1])
        #expect(actions.granted.isEmpty)  // staleness 0: batch 1 waits for version 1
        let next = script.finishTraining(version: 1).grantedTickets
        #expect(next.map(\.ordinal) == [2, 3] && next.allSatisfy { $0.version == version(1) })
        _ = script.push(3)
        #expect(script.push(4).steps == [1])
        #expect(script.finishTraining(version: 2) == [.finish(reason: nil)])
        #expect(script.state.accounting == counts(issued: 4, consumed: 4))
        #expect(script.tick(at: .seconds(1)).isEmpty)
    }

    @Test("Leases that a worker gives up go to whoever has room; the worker keeps the others and its slots")
    func released() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        #expect(script.join(bob, slots: 2).granted.isEmpty)
        let actions = script.handle(.rollout(.released([1, 77], by: alice)))
        #expect(actions.notes == ["worker alice gave up 1 leases; they are free again"])
        #expect(actions.granted == [bob: [0]])
        #expect(script.state.liveWorkers == 2)
        let alone = script.handle(.rollout(.released([2], by: alice)))
        #expect(alone.granted == [alice: [1]])
        #expect(script.push(3).verdicts == [accepted])
    }

    @Test("With staleness 1 the second batch is sampled from version 0 while the first trains")
    func stalenessOne() {
        var script = LearnerScript(makeSetup(staleness: 1, steps: 3))
        let first = script.join(alice, slots: 9).grantedTickets
        #expect(
            first.map(\.ordinal) == [0, 1, 2, 3] && first.allSatisfy { $0.version == version(0) })
        for lease in [3, 4, 1] as [Lease.ID] { #expect(script.push(lease).steps.isEmpty) }
        let actions = script.push(2)
        #expect(actions.steps == [0] && actions.granted.isEmpty)
        let after = script.finishTraining(version: 1)
        #expect(after.steps == [1])
        #expect(after.grantedTickets.map(\.ordinal) == [4, 5])
        #expect(after.grantedTickets.allSatisfy { $0.version == version(1) })
        #expect(script.finishTraining(version: 2).isEmpty)  // no batch beyond the last
        _ = script.push(5)
        #expect(script.push(6).steps == [2])
        #expect(script.finishTraining(version: 3) == [.finish(reason: nil)])
    }

    @Test("Work is shared: one ticket at a time to whoever holds the fewest")
    func sharing() {
        var script = LearnerScript(makeSetup(batch: 6))
        #expect(script.join(alice, slots: 1).granted == [alice: [0]])
        #expect(script.join(bob, slots: 0).isEmpty)
        #expect(script.join(carol, slots: 0).isEmpty)
        for lease in [1] as [Lease.ID] { #expect(script.push(lease).granted == [alice: [1]]) }
        _ = script.lose(alice)
        #expect(script.join(bob, slots: 2).granted == [bob: [1, 2]])
        #expect(script.join(carol, slots: 9).granted == [carol: [3, 4, 5]])
    }

    @Test("After a step the new tickets are dealt out evenly, in one grant for each worker")
    func dealing() {
        var script = LearnerScript(makeSetup(batch: 6))
        _ = script.join(alice, slots: 9)
        _ = script.join(bob, slots: 9)
        _ = script.join(carol, slots: 1)
        for lease in 1...6 as ClosedRange<Lease.ID> { _ = script.push(lease) }
        let actions = script.finishTraining(version: 1)
        #expect(actions.granted == [alice: [6, 9, 11], bob: [7, 10], carol: [8]])
        #expect(actions.count == 3)
    }

    @Test("Slots are absolute: repeating them changes nothing, raising them gives more")
    func slotsAreAbsolute() {
        var script = LearnerScript(makeSetup(batch: 6))
        #expect(script.join(alice, slots: 2).granted == [alice: [0, 1]])
        #expect(script.join(alice, slots: 2).isEmpty)
        #expect(script.join(alice, slots: 3).granted == [alice: [2]])
        #expect(script.join(alice, slots: 1).isEmpty)
        #expect(script.push(1).granted.isEmpty)
        #expect(script.join(alice, slots: -3).isEmpty)
    }

    @Test("A lost worker's tickets go to another, under the same keys")
    func lostWorker() {
        var script = LearnerScript(makeSetup())
        let first = script.join(alice, slots: 2).grantedTickets
        _ = script.join(bob, slots: 2)
        let actions = script.lose(alice)
        #expect(actions.notes == ["worker alice is gone (test); 2 leases are free again"])
        #expect(actions.grantedTickets == first && actions.granted.keys.contains(bob))
        #expect(script.state.liveWorkers == 1)
        // Alice was only slow: her answer comes first and is good; bob's is a second copy.
        #expect(script.push(1, from: alice).verdicts == [accepted])
        #expect(script.push(3).verdicts == [.duplicate])
        #expect(script.push(4).steps == [0])
        #expect(
            script.state.accounting == counts(issued: 2, consumed: 2, reissued: 2, duplicates: 1))
    }

    @Test("A copy of what is consumed is a duplicate, also steps later")
    func lateDuplicates() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        _ = script.push(1)
        #expect(script.push(1).verdicts == [.duplicate])
        _ = script.push(2)
        #expect(script.push(2).verdicts == [.duplicate])
        _ = script.finishTraining(version: 1)
        #expect(script.push(1).verdicts == [.duplicate])
        #expect(script.state.accounting.duplicateCopies == 3)
        #expect(script.trained.count == 1)
    }

    @Test("A group from an earlier incarnation, or of a ticket never made, is unknown and counted")
    func unknownTickets() {
        var script = LearnerScript(
            makeSetup(), start: LearnerStart(version: version(0, incarnation: 1)))
        _ = script.join(alice, slots: 1)
        let lease = script.newestLease(of: alice)
        #expect(
            script.push(lease) { $0.version.incarnation = 0 }.verdicts == [.dropped(.unknownTicket)])
        #expect(script.push(lease) { $0.ordinal = 9 }.verdicts == [.dropped(.unknownTicket)])
        // Each lease that is answered, if wrongly, makes room for another.
        #expect(script.state.accounting == counts(issued: 2, leased: 2, unknown: 2))
        #expect(script.push(lease).verdicts == [accepted])
    }

    @Test("Stopping while a step trains ends the run after it, and gives out no more work")
    func stopDuringTraining() {
        var script = LearnerScript(makeSetup(staleness: 1))
        _ = script.join(alice, slots: 9)
        for lease in 1...2 as ClosedRange<Lease.ID> { _ = script.push(lease) }
        #expect(script.handle(.stop(reason: "enough")).isEmpty)
        #expect(script.handle(.stop(reason: "again")).isEmpty)
        #expect(script.join(bob, slots: 9).isEmpty)
        #expect(script.push(3).verdicts == [accepted])
        #expect(script.finishTraining(version: 1) == [.finish(reason: "enough")])
        // The run is to go on some day: only what nobody will find again is dropped, and not for good.
        #expect(script.state.close().isEmpty)
        #expect(
            script.state.accounting
                == counts(issued: 4, journaled: 1, consumed: 2, dropped: [.drained: 1]))
    }

    @Test(
        "Stopping while nothing trains ends the run at once; after the last step it gives no reason"
    )
    func stopAtRest() {
        var script = LearnerScript(makeSetup(steps: 1))
        _ = script.join(alice, slots: 9)
        var resting = script
        #expect(resting.handle(.stop(reason: "enough")) == [.finish(reason: "enough")])
        _ = script.push(1)
        _ = script.push(2)
        _ = script.handle(.stop(reason: "enough"))
        #expect(script.finishTraining(version: 1) == [.finish(reason: nil)])
    }

    @Test("A learner that goes on issues what was pending, then what is new")
    func restart() throws {
        var first = LearnerScript(makeSetup(staleness: 1))
        _ = first.start()
        _ = first.join(alice, slots: 9)
        for lease in [1, 2] as [Lease.ID] { _ = first.push(lease) }
        _ = first.push(4, rewards: [.nan, 0])
        let history = try RunHistory(first.journal)
        var script = LearnerScript(
            makeSetup(staleness: 1),
            start: LearnerStart(version: version(0, incarnation: 4), history: history))
        // The batch was journaled, so it is trained on again before anything else.
        #expect(script.state.version == version(1, incarnation: 4))
        _ = script.start(number: 1)
        let leases = script.join(alice, slots: 9)
        let tickets = leases.grantedTickets
        #expect(
            tickets.map(\.ordinal) == [2, 3, 4, 5] && tickets.map(\.key.attempt) == [0, 1, 0, 0])
        #expect(tickets.map(\.version.number) == [0, 0, 1, 1])
        #expect(tickets.allSatisfy { $0.version.incarnation == 4 })
        let ids = script.tickets.keys.sorted()
        #expect(ids == (1...4).map { 4 << 32 + $0 })
        _ = script.push(ids[0])
        #expect(script.push(ids[1]).steps == [1])
    }
}
