import GRPO
import Ports
import Testing
import Training

/// The rewards of a ticket, as its key decides: about half of all groups are constant.
private func rewards(_ key: TicketKey) -> [Double?] {
    var random = CounterRandom(
        seed: UInt64(key.promptIndex) << 32 | UInt64(key.attempt), stream: UInt64(key.pass))
    return random.next() % 2 == 0 ? [1, 1] : [1, 0]
}

@Suite("Dynamic sampling: constant groups are replaced") struct DynamicSamplingTests {
    private let accepted = Verdict.accepted(durable: true)

    @Test("A constant group is dropped with its cause, and another prompt takes its place")
    func replaced() {
        var script = LearnerScript(makeSetup(replacements: 2))
        let first = script.join(alice, slots: 2).grantedTickets
        let actions = script.push(1, rewards: [1, 1])
        #expect(actions.verdicts == [.dropped(.constantRewards)])
        #expect(actions.notes.isEmpty && actions.abortReason == nil)
        let ticket = actions.grantedTickets[0]
        #expect(ticket.ordinal == 0 && ticket.key.attempt == 1 && ticket.version == first[0].version)
        #expect(ticket.key.pass >> 31 == 1 && first.allSatisfy { $0.key.pass == 0 })
        #expect(ticket.prompt == prompts[Int(ticket.key.promptIndex)].tokens)
        #expect(
            script.state.accounting
                == counts(issued: 3, leased: 2, dropped: [.constantRewards: 1]))
        _ = script.push(2)
        #expect(script.push(3).steps == [0])
        #expect(script.trained[0].map(\.key) == [ticket.key, first[1].key])
    }

    @Test("The last one that the budget allows is kept as it is")
    func budget() {
        var script = LearnerScript(makeSetup(batch: 1, replacements: 2))
        _ = script.join(alice, slots: 1)
        #expect(script.push(1, rewards: [0, 0]).verdicts == [.dropped(.constantRewards)])
        #expect(script.push(2, rewards: [1, 1]).verdicts == [.dropped(.constantRewards)])
        let last = script.push(3, rewards: [0.5, 0.5])
        #expect(last.verdicts == [accepted] && last.steps == [0])
        #expect(
            script.state.accounting
                == counts(issued: 3, consumed: 1, dropped: [.constantRewards: 2]))
    }

    @Test("Without it constant groups are trained on, and a retry has the same prompt")
    func off() {
        var script = LearnerScript(makeSetup())
        let first = script.join(alice, slots: 2).grantedTickets
        let retry = script.push(1, rewards: [.nan, 1]).grantedTickets[0]
        #expect(retry.key.pass == 0 && retry.prompt == first[0].prompt && retry.key.attempt == 1)
        #expect(script.push(2, rewards: [1, 1]).verdicts == [accepted])
    }

    @Test("Lost rewards are tried again beside it, and end the run at the third time")
    func badRewards() {
        var script = LearnerScript(makeSetup(replacements: 2))
        _ = script.join(alice, slots: 1)
        #expect(script.push(1, rewards: [.nan, 0]).verdicts == [.dropped(.badReward)])
        #expect(script.push(2, rewards: [1, 1]).verdicts == [.dropped(.constantRewards)])
        #expect(script.push(3, rewards: [1, nil]).abortReason == nil)
        #expect(script.tickets[4]?.key.attempt == 3)
        #expect(script.push(4, rewards: [.nan, 0]).abortReason?.contains("3 times") == true)
    }

    @Test("Tickets are a function of place and attempt alone, and no two have the same key")
    func tickets() {
        let setup = makeSetup(.bounded, replacements: 3)
        let places = (0..<40).flatMap { ordinal in (0..<6).map { (UInt64(ordinal), UInt32($0)) } }
        func keys(_ places: [(UInt64, UInt32)]) -> [TicketKey] {
            var source = TicketSource(setup, prompts: prompts)
            return places.map {
                source.ticket(ordinal: $0.0, attempt: $0.1, current: version(0))!.key
            }
        }
        let all = keys(places)
        #expect(Set(all).count == places.count)
        #expect(keys(places.reversed()) == all.reversed())
        // Replacements have an order of their own, which depends on the seed.
        var other = setup
        other.seed = 8
        var source = TicketSource(other, prompts: prompts)
        let others = places.map { source.ticket(ordinal: $0.0, attempt: $0.1, current: version(0))!.key }
        #expect(others != all)
        #expect(zip(places, others).filter { $0.0.1 == 0 }.map(\.1) == zip(places, all).filter { $0.0.1 == 0 }.map(\.1))
    }

    @Test("In lockstep what is trained on does not depend on workers or the order of arrival", arguments: 0...2)
    func deterministic(staleness: Int) {
        let setup = makeSetup(staleness: staleness, batch: 3, steps: 5, replacements: 2)
        let expected = Play(setup, workers: 1, seed: 0).finished()
        #expect(expected.count == 5 && expected.joined().contains { $0.attempt == 2 })
        #expect(expected.joined().contains { $0.attempt == 0 })
        for seed in 1...20 as ClosedRange<UInt64> {
            #expect(Play(setup, workers: Int(seed % 3) + 1, seed: seed).finished() == expected)
        }
    }

    @Test("A run that goes on from a checkpoint in the middle trains on the same groups", arguments: 1...4)
    func resumed(step: Int) throws {
        let setup = makeSetup(staleness: 2, batch: 3, steps: 5, replacements: 2)
        let expected = Play(setup, workers: 1, seed: 0).finished()
        for seed in 1...10 as ClosedRange<UInt64> {
            var first = Play(setup, workers: 2, seed: seed)
            first.run(untilVersion: step)
            let history = try RunHistory(first.script.journal)
            let start = LearnerStart(
                version: version(UInt64(step), incarnation: 1), history: history)
            let second = Play(
                setup, workers: 2, seed: seed + 100, start: start, journal: first.script.journal)
            for (ordinal, attempt) in history.pending where attempt > 0 {
                let ticket = second.script.tickets.values.first { $0.ordinal == ordinal }
                #expect(ticket == nil || ticket?.key.attempt == attempt)
            }
            let batches = history.batches.count
            #expect(first.script.trained.map { $0.map(\.key) } == Array(expected[..<batches]))
            #expect(second.finished() == Array(expected[batches...]))
        }
    }
}

/// A run in which chance decides what happens next: an answer of some worker, or the end of a step.
private struct Play {
    var script: LearnerScript
    private var random: CounterRandom
    private var answered: Set<Lease.ID> = []
    private var stepsEnded: Int
    private let start: Int
    private let steps: Int

    init(
        _ setup: LearnerSetup, workers: Int, seed: UInt64,
        start: LearnerStart = LearnerStart(version: version(0)), journal: [JournalEntry] = []
    ) {
        script = LearnerScript(setup, start: start)
        stepsEnded = Int(script.state.version.number)
        self.start = stepsEnded
        _ = script.start(number: UInt64(stepsEnded), waiting: start.history.groups(in: journal))
        random = CounterRandom(seed: seed, stream: 0)
        steps = setup.plan.maxSteps
        for worker in [alice, bob, carol].prefix(workers) {
            _ = script.join(worker, slots: 1 + Int(random.next() % 4))
        }
    }

    /// Keys by batch.
    func finished() -> [[TicketKey]] {
        var play = self
        play.run(untilVersion: steps)
        #expect(play.script.state.accounting.consumed >= 0)
        return play.script.trained.map { $0.map(\.key) }
    }

    mutating func run(untilVersion end: Int) {
        while stepsEnded < end {
            let open = script.tickets.keys.filter { !answered.contains($0) }.sorted()
            let trains = start + script.trained.count > stepsEnded
            guard trains || !open.isEmpty else {
                Issue.record("nothing can happen any more")
                return
            }
            if trains, open.isEmpty || random.next() % 3 == 0 {
                stepsEnded += 1
                        _ = script.finishTraining(version: UInt64(stepsEnded))
            } else {
                let lease = open[Int(random.next() % UInt64(open.count))]
                answered.insert(lease)
                _ = script.push(lease, rewards: rewards(script.tickets[lease]!.key))
            }
        }
    }
}
