internal import Training

extension SimulationSetup {
    /// A small cluster whose sizes, patience and misfortunes are all drawn from the seed, many of them far
    /// below what anyone would choose: what is rare in a large one happens here in minutes.
    package static func shrunk(seed: UInt64) -> SimulationSetup {
        var chance = Chance(seed: seed, .knobs)
        let plan = SchedulePlan(
            schedule: chance.happens(0.6) ? .lockstep : .bounded, maxStaleness: chance.integer(0...3),
            groupsPerBatch: chance.integer(1...6), maxSteps: chance.integer(2...8))
        var setup = SimulationSetup(workers: chance.integer(1...12), plan: plan)
        setup.seed = seed
        setup.shrinkRun(&chance)
        setup.shrinkTimes(&chance)
        setup.faults = .shrunk(&chance)
        setup.limit = setup.faults.until! + .seconds(900)
        setup.encodes = setup.faults.corruptionShare > 0 || chance.happens(0.05)
        return setup
    }

    private mutating func shrinkRun(_ chance: inout Chance) {
        prompts = chance.pick([1, 3, 16, 64])
        groupSize = chance.integer(2...4)
        completionLength = chance.integer(1...4)
        scoresHere = chance.happens(0.4)
        if chance.happens(0.4) {
            replacementsMax = chance.integer(1...4)
            constantShare = chance.pick([0.1, 0.5, 1])
        }
        if chance.happens(0.3) { badRewardShare = 0.1 }
        if chance.happens(0.2) { rewardFailureShare = 0.1 }
        saveSteps = chance.integer(0...3)
        slots = chance.integer(1...4)
        batchGroups = chance.integer(1...slots)
        snapshotChunks = chance.integer(1...20)
        if chance.happens(0.2) { chunkTime = .milliseconds(20) }
        if chance.happens(0.2) { pipeCapacity = chance.integer(3...8) }
        if chance.happens(0.3) { outboxCapacity = chance.integer(1...4) }
    }

    private mutating func shrinkTimes(_ chance: inout Chance) {
        lease = chance.pick([.seconds(1), .seconds(3), .seconds(10), .seconds(60)])
        groupTime = Delay(
            chance.pick([.milliseconds(20), .milliseconds(300), .seconds(1)]), spread: 0.9,
            tailShare: chance.pick([0, 0.05]), tailMax: 20)
        trainTime = Delay(chance.pick([.milliseconds(10), .milliseconds(500), .seconds(2)]), spread: 0.9)
        scoreTime = Delay(chance.pick([.milliseconds(1), .milliseconds(500)]), spread: 0.9)
        checkpointTime = Delay(chance.pick([.milliseconds(10), .seconds(3)]), spread: 0.9)
        commitTime = Delay(
            chance.pick([.milliseconds(1), .milliseconds(200)]), spread: 0.9, tailShare: 0.1, tailMax: 20)
        networkDelay = Delay(
            chance.pick([.microseconds(100), .milliseconds(20), .milliseconds(200)]), spread: 0.9)
        // As short as a cluster may have it that is to work when nothing goes wrong: heartbeats must not fill
        // the smallest pipe.
        heartbeat = chance.pick([.milliseconds(50), .milliseconds(250), .seconds(1)])
        heartbeat += networkDelay.typical * 2
        liveness = heartbeat * chance.pick([1.5, 3, 5]) + networkDelay.typical * 8
        handoffDelay = chance.pick([.none, Delay(.milliseconds(2), spread: 1, tailShare: 0.1)])
        helloPause = chance.pick([.milliseconds(100), .seconds(1)])
        helloPauseMax = helloPause * chance.pick([1, 8])
        reconnectDeadline = chance.pick([.seconds(10), .seconds(60)])
        fetchRequest = chance.pick([.milliseconds(200), .seconds(2)])
        fetchProgress = chance.pick([.seconds(5), .seconds(60)])
        drainLimit = chance.pick([.milliseconds(500), .seconds(10)])
    }
}

extension FaultRates {
    /// Some kinds of faults, each often enough to be seen.
    fileprivate static func shrunk(_ chance: inout Chance) -> FaultRates {
        var plan = FaultRates()
        plan.until = chance.duration(.seconds(20) ... .seconds(90))
        func sometimes(_ chance: inout Chance) -> Duration? {
            chance.happens(0.4) ? chance.duration(.seconds(2) ... .seconds(40)) : nil
        }
        plan.disconnect = sometimes(&chance)
        plan.partition = sometimes(&chance)
        plan.partitionLength = chance.duration(.seconds(1) ... .seconds(15))
        plan.workerCrash = sometimes(&chance)
        plan.workerPause = sometimes(&chance)
        plan.workerPauseLength = chance.duration(.seconds(1) ... .seconds(15))
        plan.learnerCrash = sometimes(&chance)
        plan.learnerPause = sometimes(&chance)
        plan.learnerPauseLength = chance.duration(.seconds(1) ... .seconds(10))
        if chance.happens(0.15) { plan.workerTwin = chance.duration(.seconds(5) ... .seconds(40)) }
        if chance.happens(0.15) { plan.stallShare = 0.1 }
        plan.clockJump = sometimes(&chance)
        plan.diskFull = sometimes(&chance)
        plan.diskFullLength = chance.duration(.seconds(1) ... .seconds(20))
        if chance.happens(0.3) { plan.slowShare = 0.02 }
        if chance.happens(0.3) {
            (plan.lossShare, plan.repeatShare, plan.overtakeShare) = (
                chance.pick([0.02, 0.2]), chance.pick([0, 0.1]), chance.pick([0, 0.1])
            )
        }
        if chance.happens(0.05) { plan.corruptionShare = 0.02 }
        if chance.happens(0.1) { plan.malformedShare = 0.05 }
        if chance.happens(0.4) { plan.checkpointFailureShare = 0.3 }
        if chance.happens(0.4) { plan.checkpointDamageShare = 0.3 }
        return plan
    }
}
