internal import GRPO
internal import Ports
internal import Sessions
internal import Training

// How a learner goes on where another died.

extension World {
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
        handle(news)
        tickLearner()
        tickLink()
    }
}
