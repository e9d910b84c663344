internal import GRPO
internal import Ports
internal import Sessions
internal import Training

// The learner's journal and checkpoints, and how it comes back from them.

extension World {
    // MARK: Start

    mutating func startLearner() {
        guard learner.phase == .down else { return }
        let incarnation = UInt32(learner.life + 1)
        let start: LearnerStart
        let checkpoint = disk.newest
        do throws(JournalInconsistent) {
            let history = try disk.history()
            start =
                try checkpoint?.progress.start(incarnation: incarnation, history: history)
                ?? LearnerStart(
                    version: PolicyVersion(incarnation: incarnation, number: 0), history: history)
        } catch { return checker.fail("the journal is inconsistent: \(error)") }
        var process = LearnerProcess(setup, prompts: prompts)
        process.life = learner.life + 1
        process.phase = .recovering
        process.session = LearnerSession(
            setup.terms(incarnation: incarnation, earlierVersions: start.history.versions))
        process.state = LearnerState(setup.learner, prompts: prompts, start: start)
        process.version = start.version
        process.weights = checkpoint?.weights ?? setup.firstWeights
        process.earlierWeights = checkpoint?.earlierWeights ?? [:]
        process.history = start.history
        learner = process
        trace.note(now, "the learner starts from \(learner.version)")
        replay()
    }

    /// Trains on the batches again that were journaled since the checkpoint.
    private mutating func replay() {
        let done = Int(learner.version.number)
        learner.keep(learner.weights, of: UInt64(done), oldest: 0)
        var time = Duration.zero
        for members in learner.history.batches.dropFirst(done) {
            guard let batch = disk.groups(at: members) else {
                return checker.fail("the journal lacks groups of the places \(members)")
            }
            learner.weights = Pretence.weights(after: learner.weights, batch)
            learner.version.number += 1
            learner.keep(
                learner.weights, of: learner.version.number,
                oldest: setup.plan.oldestNeeded(current: learner.version.number))
            time += workChance.delay(setup.trainTime)
            measurements.replayedSteps += 1
        }
        events.schedule(.recovered(life: learner.life), at: now + time)
    }

    mutating func recovered() {
        let history = learner.history
        guard let waiting = disk.groups(at: history.waiting.map(\.ordinal)) else {
            return checker.fail("the journal lacks groups that wait")
        }
        checker.started(learner: learner, waiting: waiting)
        let oldest = setup.plan.oldestNeeded(current: learner.version.number)
        for (number, weights) in learner.earlierWeights.sorted(by: { $0.key < $1.key })
        where number < learner.version.number && number >= oldest {
            publish(PolicyVersion(incarnation: learner.version.incarnation, number: number), weights)
        }
        publish(learner.version, learner.weights)
        learner.history = RunHistory()
        learner.phase = .running
        let actions = learner.state.start(with: published(), waiting: waiting)
        checker.observe(nil, actions, learner.state)
        performLearner(actions)
        measurements.learnerRecovered(at: now)
        let news = learner.heldBack
        learner.heldBack = []
        handle(news.map(LearnerEvent.rollout))
        tickLearner()
        tickLink()
    }

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
