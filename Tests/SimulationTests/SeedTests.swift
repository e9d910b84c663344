import Simulation
import Testing
import Training

@Suite("Simulated clusters")
struct SeedTests {
    @Test(
        "1,000 small clusters full of faults lose nothing, count nothing twice, and end",
        arguments: [1...500, 501...1_000] as [ClosedRange<UInt64>])
    func seeds(_ seeds: ClosedRange<UInt64>) {
        var restarts = 0
        for seed in seeds {
            do throws(Violation) {
                let report = try World.run(.shrunk(seed: seed))
                restarts += report.faults.learnerRestarts
            } catch { Issue.record("\(error)") }
        }
        // The faults did happen.
        #expect(restarts > seeds.count / 4)
    }

    @Test("The same seed gives the same run, event by event", arguments: 2_001...2_010 as ClosedRange<UInt64>)
    func replay(_ seed: UInt64) throws {
        let reports = try (0..<2).map { _ in try World.run(.shrunk(seed: seed)) }
        #expect(reports[0] == reports[1])
    }

    @Test("A run that cannot end says so, with its seed and what happened last")
    func hang() throws {
        var setup = SimulationSetup(workers: 1, plan: .small(.lockstep))
        setup.seed = 77
        setup.limit = .seconds(3)
        let violation = #expect(throws: Violation.self) { try World.run(setup) }
        #expect(violation?.seed == 77)
        #expect(violation?.what == "the run does not end")
        #expect(violation?.trace.isEmpty == false)
    }
}

extension SchedulePlan {
    static func small(_ schedule: Schedule) -> SchedulePlan {
        SchedulePlan(schedule: schedule, maxStaleness: 1, groupsPerBatch: 4, maxSteps: 6)
    }
}
