import Simulation
import Testing
import Training

@Suite("Simulated clusters")
struct SimulationTests {
    @Test("A calm cluster runs to its end")
    func calm() throws {
        var world = World(SimulationSetup(workers: 3, plan: SchedulePlan(schedule: .lockstep, maxStaleness: 1, groupsPerBatch: 4, maxSteps: 5)))
        let report = try world.run()
        print(report)
        #expect(report.events > 0)
    }
}
