import Simulation
import Testing
import Training

@Suite("Simulated clusters")
struct SimulationTests {
    @Test("A calm cluster runs to its end")
    func calm() throws {
        var world = World(SimulationSetup(workers: 3, plan: SchedulePlan(schedule: .lockstep, maxStaleness: 1, groupsPerBatch: 4, maxSteps: 5)))
        let report = try world.run()
        #expect(report.events > 0)
    }

    @Test("Seeds")
    func seeds() throws {
        var events = 0
        var failures = 0
        for seed in 1...1_000 as ClosedRange<UInt64> {
            do { events += try World.run(.shrunk(seed: seed)).events } catch {
                failures += 1
                if failures < 4 { Issue.record("\(error)") }
            }
        }
        print("events", events, "failures", failures)
    }
}
