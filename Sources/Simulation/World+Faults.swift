internal import Sessions

// What goes wrong.

extension World {
    mutating func scheduleFaults() {
        let faults = setup.faults
        for index in 0..<setup.workers {
            schedule(.disconnect(index), every: faults.disconnect)
            schedule(.partition(index), every: faults.partition)
            schedule(.workerCrash(index), every: faults.workerCrash)
            schedule(.workerTwin(index), every: faults.workerTwin)
            schedule(.workerPause(index), every: faults.workerPause)
            schedule(.clockJump(index), every: faults.clockJump)
        }
        schedule(.learnerCrash, every: faults.learnerCrash)
        schedule(.learnerPause, every: faults.learnerPause)
        schedule(.diskFull, every: faults.diskFull)
    }

    private mutating func schedule(_ fault: Fault, every mean: Duration?) {
        guard let mean else { return }
        let time = now + max(faultChance.pause(mean: mean), .milliseconds(1))
        guard setup.faults.until.map({ time < $0 }) ?? true else { return }
        events.schedule(.fault(fault), at: time)
    }

    mutating func happen(_ fault: Fault) {
        guard learner.phase != .ended else { return }
        let faults = setup.faults
        measurements.faults += 1
        switch fault {
        case .disconnect(let index):
            disconnect(index, faultChance.happens(0.7) ? .rollouts : .snapshots)
            schedule(fault, every: faults.disconnect)
        case .partition(let index):
            partition(index, for: faultChance.pause(mean: faults.partitionLength))
            schedule(fault, every: faults.partition)
        case .workerCrash(let index):
            if workers[index].isRunning {
                trace.note(now, "w\(index) is killed")
                endWorker(index, isClean: false)
            }
            schedule(fault, every: faults.workerCrash)
        case .workerTwin(let index):
            startWorker(index + setup.workers)
            schedule(fault, every: faults.workerTwin)
        case .workerPause(let index):
            pauseWorker(index, for: faultChance.pause(mean: faults.workerPauseLength))
            schedule(fault, every: faults.workerPause)
        case .clockJump(let index):
            workers[index].clockError = faultChance.duration(.seconds(-15) ... .seconds(15))
            schedule(fault, every: faults.clockJump)
        case .learnerCrash:
            crashLearner()
            schedule(fault, every: faults.learnerCrash)
        case .learnerPause:
            pauseLearner(for: faultChance.pause(mean: faults.learnerPauseLength))
            schedule(fault, every: faults.learnerPause)
        case .diskFull:
            disk.fullUntil = now + faultChance.pause(mean: faults.diskFullLength)
            trace.note(now, "the disk is full until \(seconds(disk.fullUntil))")
            schedule(fault, every: faults.diskFull)
        }
    }

    /// What is sent meanwhile arrives afterwards, unless pings go unanswered for too long.
    private mutating func partition(_ index: Int, for length: Duration) {
        let isOneWay = faultChance.happens(setup.faults.oneWayShare)
        let ways = isOneWay ? [faultChance.happens(0.5)] : [true, false]
        trace.note(now, "w\(index) is cut off for \(seconds(length)), \(isOneWay ? "one way" : "both ways")")
        for channel in Channel.allCases {
            for toLearner in ways {
                connections[self.index(index, channel)].block(toLearner: toLearner, until: now + length)
            }
        }
        disconnectUnlessAnswered(index, silence: length)
    }

    private mutating func pauseWorker(_ index: Int, for length: Duration) {
        guard workers[index].isRunning, !workers[index].gate.isShut else { return }
        trace.note(now, "w\(index) is stopped for \(seconds(length))")
        workers[index].gate.shut()
        events.schedule(.resumeWorker(index, life: workers[index].life), at: now + length)
        disconnectUnlessAnswered(index, silence: length)
    }

    private mutating func pauseLearner(for length: Duration) {
        guard learner.isListening, !learner.gate.isShut else { return }
        trace.note(now, "the learner is stopped for \(seconds(length))")
        learner.gate.shut()
        events.schedule(.resumeLearner(life: learner.life), at: now + length)
        for index in workers.indices { disconnectUnlessAnswered(index, silence: length) }
    }
}
