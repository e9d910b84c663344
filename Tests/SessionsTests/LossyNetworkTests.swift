import GRPO
import Sessions
import Testing

@Suite("Sessions over a network that loses, repeats and reorders")
struct LossyNetworkTests {
    /// One seed's world; a failure names the seed.
    private func check(_ seed: UInt64, _ faults: LossyWorld.Faults) throws -> LossyWorld {
        var world = LossyWorld(seed: seed, workers: 3, tickets: 40, faults: faults)
        do {
            try world.run()
        } catch {
            Issue.record("seed \(seed): \(error)")
        }
        #expect(world.book.accepted.count == 40, "seed \(seed)")
        #expect(world.book.accepted.values.allSatisfy { $0 == 1 }, "seed \(seed)")
        return world
    }

    @Test(
        "Over 300 seeds with losses and deaths of both sides, every group counts exactly once and every run ends"
    )
    func deaths() throws {
        var restarts = 0
        for seed in 1...300 as ClosedRange<UInt64> { restarts += try check(seed, .init()).restarts }
        // The faults did happen.
        #expect(restarts > 100)
    }

    @Test("Half of all frames may be lost", arguments: 1...20 as ClosedRange<UInt64>)
    func heavyLoss(_ seed: UInt64) throws {
        var faults = LossyWorld.Faults()
        (faults.lossPercent, faults.repeatPercent) = (50, 30)
        (faults.workerDeaths, faults.learnerDeaths) = (0, 0)
        _ = try check(seed, faults)
    }

    @Test(
        "Over a perfect network nothing is sent, sampled or delivered twice",
        arguments: 1...20 as ClosedRange<UInt64>)
    func perfect(_ seed: UInt64) throws {
        let faults = LossyWorld.Faults(
            lossPercent: 0, repeatPercent: 0, delayMax: .milliseconds(1), workerDeaths: 0,
            learnerDeaths: 0)
        let world = try check(seed, faults)
        #expect(world.book.duplicates == 0 && world.restarts == 0)
        #expect(world.learner.counters.delivered == 40 && world.learner.counters.repeated == 0)
        for worker in world.workers {
            #expect(worker.session.counters.resent == 0 && worker.session.counters.sessions == 1)
        }
    }

    @Test("The same seed gives the same run")
    func replay() throws {
        let worlds = try (0..<2).map { _ in try check(17, .init()) }
        #expect(worlds[0].now == worlds[1].now && worlds[0].restarts == worlds[1].restarts)
        #expect(worlds[0].learner.counters == worlds[1].learner.counters)
    }
}
