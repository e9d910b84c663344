import GRPO
import Ports
import Rollout
import Testing
import Training

@Suite(.timeLimit(.minutes(2))) struct LockstepTests {
    private static let crews: [[Run.Worker]] = [
        [.init()],
        [.init(slots: 1), .init(slots: 1)],
        [.init(slots: 9, batchGroups: 4), .init(slots: 1), .init(slots: 2, batchGroups: 2)],
        [.init(slots: 2, fate: .diesAt(2)), .init(slots: 2)],
        [.init(slots: 2), .init(slots: 3, batchGroups: 3, fate: .diesAt(1)), .init(slots: 1)],
        [.init(slots: 2, fate: .isBelievedDeadAt(2)), .init(slots: 2)],
        [.init(slots: 3, batchGroups: 2, fate: .isRestartedAt(2))],
    ]

    @Test(
        "The weights do not depend on who samples: workers, slots, batches, deaths",
        arguments: [0, 1, 3], [Run(), Run(numIterations: 2, minibatches: 3, beta: 0.04)])
    func sameWeights(staleness: Int, variant: Run) async throws {
        var run = variant
        run.store = MemoryStore()
        run.staleness = staleness
        let calm = try await run.execute()
        #expect(calm.outcome.version == PolicyVersion(incarnation: 0, number: 6))
        #expect(calm.outcome.accounting.consumed == 18)
        for crew in Self.crews {
            run.workers = crew
            let result = try await run.execute()
            #expect(result.digest == calm.digest)
            let accounting = result.outcome.accounting
            #expect(accounting.isBalanced && accounting.issued == 18 && accounting.consumed == 18)
            #expect(result.reports.map(\.batch) == calm.reports.map(\.batch))
        }
    }

    @Test(
        "Another staleness, rate, batch or objective gives other weights: the digest would notice")
    func otherWeights() async throws {
        var digests: Set<SnapshotDigest> = []
        for run in [
            Run(), Run(staleness: 1), Run(staleness: 2), Run(learningRate: 0.5), Run(batch: 2),
            Run(numIterations: 2), Run(minibatches: 3), Run(beta: 0.1), Run(steps: 7),
        ] { digests.insert(try await run.execute().digest) }
        #expect(digests.count == 9)
    }

    @Test("The policy learns: rewards rise")
    func learns() async throws {
        let result = try await Run(batch: 6, steps: 40, learningRate: 2).execute()
        let means = result.reports.map { report in
            report.rewards.joined().reduce(0, +) / Double(report.rewards.joined().count)
        }
        let early = means.prefix(5).reduce(0, +) / 5
        let late = means.suffix(5).reduce(0, +) / 5
        #expect(early < 0.3 && late > 0.8, "from \(early) to \(late)")
    }

    @Test("With staleness 0 and one pass every ratio is exactly 1")
    func onPolicy() async throws {
        var run = Run()
        run.workers = [.init(slots: 2), .init(slots: 1)]
        let result = try await run.execute()
        for statistics in result.reports.flatMap(\.statistics) {
            #expect(statistics.ratioMin == 1 && statistics.ratioMax == 1)
            #expect(statistics.logprobDifferenceMax == 0)
        }
        #expect(result.reports.allSatisfy { $0.staleness == [0, 0, 0] })
    }

    @Test("At learning rate 0 nothing moves, and every ratio is exactly 1 whatever the staleness")
    func learningRateZero() async throws {
        for staleness in [0, 2] {
            let run = Run(staleness: staleness, learningRate: 0, numIterations: 2)
            let result = try await run.execute()
            #expect(result.outcome.weights == BanditWeights().image)
            for statistics in result.reports.flatMap(\.statistics) {
                #expect(statistics.ratioMin == 1 && statistics.ratioMax == 1)
            }
        }
    }

    @Test("With staleness s batch k is sampled from version max(0, k − s)", arguments: [0, 1, 2])
    func versions(staleness: Int) async throws {
        var run = Run(staleness: staleness)
        run.workers = [.init(slots: 9, batchGroups: 5), .init()]
        let result = try await run.execute()
        for report in result.reports {
            let expected = UInt64(max(0, report.step - staleness))
            #expect(report.batch.allSatisfy { $0.version.number == expected })
            #expect(report.staleness == [Int](repeating: report.step - Int(expected), count: 3))
            let first = UInt64(report.step * 3)
            #expect(report.batch.map(\.ordinal) == [first, first + 1, first + 2])
        }
        #expect(result.reports.map(\.step) == [0, 1, 2, 3, 4, 5])
    }

    @Test("It does not matter who scores")
    func scoringPlaces() async throws {
        for staleness in [0, 1] {
            var run = Run(staleness: staleness)
            run.workers = [.init(), .init()]
            let there = try await run.execute()
            run.scoresAtLearner = true
            let here = try await run.execute()
            #expect(here.digest == there.digest)
            #expect(here.reports.map(\.rewards) == there.reports.map(\.rewards))
        }
    }

    @Test("Every group gets a verdict, and a worker's totals add up to what was consumed")
    func verdicts() async throws {
        var run = Run()
        run.workers = [.init(), .init(slots: 4, batchGroups: 2)]
        let result = try await run.execute()
        #expect(result.verdicts == [Verdict](repeating: .accepted(durable: true), count: 18))
        #expect(result.totals.reduce(0) { $0 + $1.groups } == 18)
        let sampled = result.totals.reduce(0) { $0 + $1.completionTokens }
        #expect(sampled == result.reports.reduce(0) { $0 + $1.lengths.reduce(0, +) })
        #expect(result.outcome.tokens == sampled + 18 * 8 * 2)  // two prompt tokens each
        #expect(result.outcome.optimizerSteps == 6 && result.outcome.stopReason == nil)
    }

    @Test("A run without steps publishes its weights and ends")
    func noSteps() async throws {
        let run = Run(steps: 0)
        let result = try await run.execute()
        #expect(result.outcome.weights == BanditWeights().image)
        #expect(result.outcome.accounting.issued == 0)
        #expect(await run.store.saved.map(\.step) == [0])
    }
}
