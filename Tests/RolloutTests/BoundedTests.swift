import GRPO
import Ports
import Testing
import Training

@Suite(.timeLimit(.minutes(2))) struct BoundedTests {
    @Test(
        "A bounded run completes, whatever happens to its workers, and every group is accounted for",
        arguments: [0, 1, 3],
        [
            [.init()], [.init(slots: 4, batchGroups: 3), .init(slots: 1), .init()],
            [.init(fate: .diesAt(3)), .init(slots: 3)],
            [.init(slots: 5, batchGroups: 5, fate: .isBelievedDeadAt(2)), .init()],
            [.init(slots: 3, batchGroups: 2, fate: .isRestartedAt(2))],
        ] as [[Run.Worker]])
    func accounting(staleness: Int, crew: [Run.Worker]) async throws {
        var run = Run(schedule: .bounded, staleness: staleness, steps: 20)
        run.workers = crew
        let result = try await run.execute()
        let accounting = result.outcome.accounting
        #expect(accounting.isBalanced && accounting.consumed == 60)
        #expect(accounting.leased == 0 && accounting.received == 0)
        #expect(accounting.issued == 60 + accounting.droppedTotal)
        #expect(Set(accounting.dropped.keys).isSubset(of: ["stale", "drained"]))
        #expect(result.reports.map(\.step) == Array(0..<20))
        #expect(
            result.reports.allSatisfy { $0.staleness.allSatisfy { (0...staleness).contains($0) } })
        let keys = result.reports.flatMap { $0.batch.map(\.key) }
        #expect(keys.count == 60 && Set(keys).count == 60)
    }

    @Test("A bounded run goes on from its checkpoint with exact accounting")
    func resume() async throws {
        var run = Run(schedule: .bounded, staleness: 1, steps: 10, stopsAfter: 4)
        run.workers = [.init(slots: 3), .init()]
        let first = try await run.execute()
        run.checkpoint = try #require(await run.store.saved.last)
        run.stopsAfter = nil
        run.journal = first.journal
        let second = try await run.execute()
        let accounting = second.outcome.accounting
        #expect(accounting.isBalanced && accounting.consumed == 30)
        let keys = (first.reports + second.reports).flatMap { $0.batch.map(\.key) }
        #expect(keys.count == 30 && Set(keys).count == 30)
    }

    @Test("A bounded run learns too")
    func learns() async throws {
        var run = Run(schedule: .bounded, staleness: 1, batch: 6, steps: 40, learningRate: 2)
        run.workers = [.init(slots: 4, batchGroups: 2), .init(slots: 4)]
        let result = try await run.execute()
        let late = result.reports.suffix(5).flatMap { $0.rewards.joined() }
        #expect(late.reduce(0, +) / Double(late.count) > 0.7)
    }
}
