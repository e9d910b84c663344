internal import GRPO
internal import Ports
internal import Sessions
internal import Training

// The learner's journal and checkpoints.

extension World {
    // MARK: The journal

    mutating func write(_ entries: [JournalEntry]) {
        if !disk.underWay.isEmpty { checker.fail("two commits are under way") }
        disk.underWay = entries
        measurements.commits += 1
        events.schedule(
            .committed(life: learner.life),
            at: max(now, disk.fullUntil) + diskChance.delay(setup.commitTime))
    }

    mutating func committed() {
        commit()
        if learner.phase == .running { handle([.journaled]) } else { save() }
    }

    mutating func commit() {
        checker.committed(disk.underWay)
        disk.commit()
    }

    // MARK: Checkpoints

    var isCheckpointDue: Bool {
        setup.saveSteps > 0 && Int(learner.version.number) % setup.saveSteps == 0
            && Int(learner.version.number) < setup.plan.maxSteps
    }

    mutating func save() {
        let number = learner.version.number
        learner.waitingCheckpoint = SimulatedDisk.Checkpoint(
            step: Int(number), weights: learner.weights,
            earlierWeights: learner.earlierWeights.filter { $0.key < number },
            progress: LearnerProgress(
                step: Int(number), incarnation: learner.version.incarnation, optimizerSteps: 0, tokens: 0,
                journal: disk.position))
        if learner.beingSaved == nil { saveNext() }
    }

    private mutating func saveNext() {
        guard let next = learner.waitingCheckpoint.take() else { return }
        learner.beingSaved = next
        events.schedule(.saved(life: learner.life), at: now + diskChance.delay(setup.checkpointTime))
    }

    mutating func saved() {
        guard var checkpoint = learner.beingSaved.take() else { return }
        if isFaultTime, diskChance.happens(setup.faults.checkpointFailureShare) {
            trace.note(now, "checkpoint \(checkpoint.step) was not written")
        } else {
            checkpoint.isDamaged = isFaultTime && diskChance.happens(setup.faults.checkpointDamageShare)
            disk.write(checkpoint)
            trace.note(now, "checkpoint \(checkpoint.step) is on disk")
            handle([.saved(step: checkpoint.step, at: disk.position)])
        }
        saveNext()
        if learner.phase == .finishing, learner.beingSaved == nil { endLearner() }
    }

    // MARK: The end

    mutating func drain() {
        trace.note(now, "the learner drains")
        learner.phase = .draining(until: now + setup.drainLimit)
        performLink(learner.session.drain(reason: "the run is complete"))
        tickLink()
    }

    /// The workers have left: what was given up, and the last checkpoint.
    mutating func finish() {
        learner.phase = .finishing
        measurements.accounting = learner.state.accounting
        let drops = learner.state.close()
        if drops.isEmpty { save() } else { write(drops) }
    }
}
