import GRPO
import Ports
import Testing
import Training

/// What is said to whom before and after it is durable.
@Suite struct JournalingTests {
    private func script(_ setup: LearnerSetup = makeSetup(steps: 2)) -> LearnerScript {
        var script = LearnerScript(setup)
        script.holdsCommits = true
        _ = script.start()
        _ = script.join(alice, slots: 9)
        return script
    }

    @Test("A group is answered and waits for its batch only when it is durable")
    func nothingBefore() {
        var script = script()
        _ = script.endCommit()
        #expect(script.push(1).isEmpty && script.push(2).isEmpty)
        #expect(script.state.accounting == counts(issued: 2, received: 2))
        #expect(script.endCommit().verdicts == [.accepted(durable: true)])
        #expect(script.state.accounting == counts(issued: 2, received: 1, journaled: 1))
        let actions = script.endCommit()
        #expect(actions.verdicts == [.accepted(durable: true)] && actions.steps == [0])
        #expect(script.state.accounting == counts(issued: 2, consumed: 2))
    }

    @Test("One commit is under way at a time; what comes meanwhile shares the next, in order")
    func groupCommit() {
        var script = script(makeSetup(batch: 4, steps: 2))
        #expect(script.journal.count == 2)  // the start and its version, under way
        for lease in [3, 1, 2] as [Lease.ID] { #expect(script.push(lease).isEmpty) }
        #expect(script.journal.count == 2)
        _ = script.endCommit()
        let admitted = script.journal.dropFirst(2).map { entry in
            if case .group(let group, let worker) = entry, worker == alice { group.ordinal } else { UInt64.max }
        }
        #expect(admitted == [2, 0, 1])
        #expect(script.endCommit().verdicts.count == 3)
    }

    @Test("A drop is told once it is durable, and its place goes to the next attempt meanwhile")
    func drops() {
        var script = script()
        _ = script.endCommit()
        let actions = script.push(1, rewards: [.nan, 0])
        #expect(actions.verdicts.isEmpty && actions.notes.count == 1)
        #expect(actions.grantedTickets.map(\.key.attempt) == [1])
        #expect(script.endCommit().verdicts == [.dropped(.badReward)])
    }

    @Test("A version is published when its batch is trained on and durable, in whichever order that happens")
    func publishing() {
        for isTrainedFirst in [true, false] {
            var script = script(makeSetup(steps: 1))
            _ = script.endCommit()
            _ = script.push(1)
            _ = script.push(2)
            _ = script.endCommit()
            #expect(script.endCommit().steps == [0])
            #expect(script.journal.last == .batch(step: 0, members: [0, 1]))
            if isTrainedFirst {
                #expect(script.handle(.trained).isEmpty && script.state.version.number == 0)
                _ = script.endCommit()
            } else {
                #expect(script.endCommit().isEmpty && script.state.version.number == 0)
                _ = script.handle(.trained)
            }
            #expect(script.state.version.number == 1)
            guard case .version(let published)? = script.journal.last else {
                Issue.record("\(script.journal)")
                continue
            }
            #expect(published.version == version(1) && published.accounting.consumed == 2)
            // The run is over when that is durable too.
            #expect(script.endCommit() == [.finish(reason: nil)])
        }
    }

    @Test("A run that is to stop ends when everything that was taken is durable")
    func stopWaitsForTheJournal() {
        var script = script()
        _ = script.endCommit()
        _ = script.push(1)
        #expect(script.handle(.stop(reason: "enough")).isEmpty)
        let actions = script.endCommit()
        #expect(actions == [
            .answer(.accepted(durable: true), lease: 1, to: alice), .finish(reason: "enough"),
        ])
    }

    @Test("At the run's end groups that nobody will train on are dropped in the journal too")
    func completeRun() {
        var script = LearnerScript(makeSetup(.bounded, staleness: 1, steps: 1))
        _ = script.start()
        _ = script.join(alice, slots: 9)
        for lease in script.tickets.keys.sorted() { _ = script.push(lease) }
        _ = script.finishTraining(version: 1)
        let entries = script.state.close()
        #expect(entries.count == script.tickets.count - 2)
        #expect(script.state.accounting.isBalanced && script.state.accounting.journaled == 0)
    }
}
