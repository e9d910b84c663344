import GRPO
import Ports
import Testing
import Training

/// The bound of 1/ROLLOUT, "Flow control", in groups: at most leases + (`max_staleness` + 1) × batch, where
/// the leases are at most (`max_staleness` + 1) × batch too.
@Suite("A learner's memory") struct MemoryBoundTests {
    @Test(
        "Workers that push at once all that they are allowed fill a slow learner up to the bound, not beyond",
        arguments: [Schedule.lockstep, .bounded], [0, 1, 3])
    func bound(schedule: Schedule, staleness: Int) {
        let (batch, steps) = (4, 12)
        let window = (staleness + 1) * batch
        var script = LearnerScript(
            makeSetup(schedule, staleness: staleness, batch: batch, steps: steps))
        var open: [Lease.ID] = []
        var peak = (held: 0, leased: 0)
        func take(_ actions: [LearnerAction]) {
            for case .grant(let leases, _) in actions { open += leases.map(\.id) }
            let accounting = script.state.accounting
            // The batch that trains counts as consumed, and is still there.
            let training = script.trained.count > script.state.step ? batch : 0
            peak.held = max(peak.held, accounting.received + accounting.journaled + training)
            peak.leased = max(peak.leased, accounting.leased)
            #expect(accounting.leased + accounting.received + accounting.journaled <= window)
        }
        for index in 0..<40 {
            take(script.join(WorkerID(name: "w\(index)", incarnation: 1), slots: 100))
        }
        for step in 1...steps {
            while !open.isEmpty { take(script.push(open.removeFirst())) }
            take(script.finishTraining(version: UInt64(step)))
        }
        #expect(script.state.step == steps)
        #expect(peak.leased == window)
        #expect(peak.held <= peak.leased + window)
        // One batch trains while the window behind it is full; alone, batch k + 1 waits for version k + 1.
        let isAlone = schedule == .lockstep && staleness == 0
        #expect(peak.held == (isAlone ? batch : schedule == .lockstep ? window : window + batch))
    }
}
