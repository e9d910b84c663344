import Simulation
import Training

extension SimulateCommand {
    /// The options as a setup.
    func setup(with faults: FaultRates) -> SimulationSetup {
        var setup = SimulationSetup(
            workers: workers,
            plan: SchedulePlan(
                schedule: schedule, maxStaleness: maxStaleness,
                groupsPerBatch: groupsPerBatch ?? 2 * workers, maxSteps: steps))
        setup.seed = seed
        setup.faults = faults
        setup.groupSize = groupSize
        setup.completionLength = frames ? completionLength : 1
        setup.reckonedLength = completionLength
        setup.slots = slots
        setup.batchGroups = batchGroups
        setup.saveSteps = saveSteps
        setup.snapshotChunks = Int((snapshotSize / 8).rounded(.up).clamped(to: 1...4))
        setup.chunkTime = .seconds(snapshotSize / bandwidth / Double(setup.snapshotChunks))
        setup.groupTime = Delay(.seconds(groupTime), spread: groupTimeSpread)
        setup.trainTime = Delay(.seconds(trainTime))
        setup.networkDelay = Delay(.seconds(latency / 1_000), spread: 0.5)
        setup.heartbeat = .seconds(heartbeatSeconds)
        setup.liveness = .seconds(liveness ?? 5 * heartbeatSeconds)
        setup.lease = .seconds(lease)
        setup.fetchProgress = max(.seconds(60), setup.chunkTime * workers * 8)
        setup.encodes = frames
        setup.checks = false
        setup.measures = true
        let calm = (trainTime + groupTime * 4 * Double(setup.plan.groupsPerBatch) / Double(workers)) + 60
        setup.limit = .seconds(calm * Double(steps) * 100 + 86_400)
        return setup
    }

    /// Some fifty heartbeats a second are enough, however many workers share them.
    var heartbeatSeconds: Double { heartbeat ?? (Double(workers) / 50).clamped(to: 1...30) }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
