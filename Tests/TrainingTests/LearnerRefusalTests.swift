import GRPO
import Ports
import Testing
import Training

@Suite struct LearnerRefusalTests {
    private let accepted = Verdict.accepted(durable: true)

    @Test("A malformed group bars its worker, frees what it holds, and changes no key")
    func malformed() {
        var script = LearnerScript(makeSetup())
        let first = script.join(alice, slots: 2).grantedTickets
        let actions = script.push(1) { $0.completions[0].tokens = [99, 0] }
        #expect(actions.verdicts == [.dropped(.malformed)])
        #expect(actions.notes.first?.contains("worker alice gets no more work") == true)
        #expect(actions.notes.first?.contains("outside the vocabulary") == true)
        #expect(script.join(alice, slots: 2).isEmpty)
        #expect(script.join(bob, slots: 2).grantedTickets == first)
        #expect(
            script.state.accounting == counts(issued: 2, leased: 2, reissued: 2, malformed: 1))
    }

    @Test("The bar outlasts a lost connection and ends with a new start of the worker")
    func barredUntilRestarted() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 1)
        _ = script.push(1) { $0.completions = [] }
        _ = script.lose(alice)
        #expect(script.state.liveWorkers == 0)
        #expect(script.join(alice, slots: 1).isEmpty)
        let restarted = WorkerID(name: "alice", incarnation: 2)
        #expect(script.join(restarted, slots: 1).granted == [restarted: [0]])
    }

    @Test("Giving leases up does not lift the bar")
    func barredThoughItGivesUp() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        _ = script.push(1) { $0.completions = [] }
        #expect(script.handle(.rollout(.released([2], by: alice))).granted.isEmpty)
        #expect(script.join(alice, slots: 2).granted.isEmpty)
    }

    @Test("A malformed late copy takes no lease from the one who holds it now")
    func malformedFromAnEarlierHolder() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        _ = script.lose(alice)
        _ = script.join(bob, slots: 2)
        let actions = script.push(1, from: alice) { $0.prompt = [] }
        #expect(actions.verdicts == [.dropped(.malformed)] && actions.granted.isEmpty)
        #expect(script.state.liveWorkers == 1)
        #expect(script.push(3).verdicts == [accepted])
    }

    @Test(
        "A reward that is not finite, or missing, is dropped with a cause; the prompt comes again",
        arguments: [.nan, .infinity, -.infinity, nil] as [Double?])
    func badReward(reward: Double?) {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        let actions = script.push(1, rewards: [1, reward])
        #expect(actions.verdicts == [.dropped(.badReward)])
        #expect(actions.notes.first?.contains("completion 1 (pass 0, prompt 0, attempt 0)") == true)
        #expect(actions.abortReason == nil)
        let retry = actions.grantedTickets
        #expect(retry.map(\.ordinal) == [0] && retry.map(\.key.attempt) == [1])
        _ = script.push(2)
        #expect(script.push(3).steps == [0])
        #expect(script.trained[0].map(\.key.attempt) == [1, 0])
        #expect(script.state.accounting == counts(issued: 3, consumed: 2, dropped: [.badReward: 1]))
    }

    @Test("Where bad rewards abort, the first one does")
    func abort() {
        var script = LearnerScript(makeSetup(abortsOnBadReward: true))
        _ = script.join(alice, slots: 2)
        let actions = script.push(1, rewards: [.nan, 0])
        #expect(actions.verdicts == [.dropped(.badReward)])
        #expect(actions.abortReason?.contains("on_bad_reward is abort") == true)
    }

    @Test("A prompt whose rewards are never usable ends the run at the third attempt")
    func attemptsLimit() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        var lease: Lease.ID = 1
        for attempt in 1...3 {
            let actions = script.push(lease, rewards: [.nan, 0])
            #expect((actions.abortReason != nil) == (attempt == 3))
            lease = script.tickets.keys.max()!
        }
    }

    @Test("Attempts that were dropped for their age do not count against the rewards")
    func staleAttemptsAreNotBadRewards() {
        var script = LearnerScript(makeSetup(.bounded, staleness: 1, batch: 1, steps: 9))
        _ = script.join(alice, slots: 1)
        _ = script.join(bob, slots: 3)
        var number: UInt64 = 0
        // Alice answers step after step; bob's ticket grows too old twice.
        while script.tickets[script.newestLease(of: bob)]!.key.attempt < 2, number < 8 {
            #expect(script.push(script.newestLease(of: alice)).steps == [Int(number)])
            number += 1
            _ = script.finishTraining(version: number)
        }
        #expect(number == 4)
        let actions = script.push(script.newestLease(of: bob), rewards: [.nan, 0])
        #expect(actions.verdicts == [.dropped(.badReward)] && actions.abortReason == nil)
        #expect(script.state.accounting.dropped == ["stale": 2, "bad_reward": 1])
    }
}
