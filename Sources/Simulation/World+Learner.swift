internal import GRPO
internal import Ports
internal import Sessions
internal import Training
internal import Wire

// The learner's loop: what the actor `Learner` does around `LearnerState`.

extension World {
    mutating func handleAtLearner(_ event: Event) {
        switch event {
        case .tickLink(let life): if isAlive(life), learner.nextTick == now { tickOutbox() }
        case .tickLearner(let life): if isAlive(life) { tickLearner() }
        case .rollouts(let news, let life): if isAlive(life) { handle(news.map(LearnerEvent.rollout)) }
        case .replies(let replies, let life): if isAlive(life) { say(replies) }
        case .scored(let group, let lease, let worker, let life):
            if isAlive(life) { handle([.scored(group, lease: lease, from: worker)]) }
        case .trained(let life): if isAlive(life) { trained() }
        case .saved(_, let life): if isAlive(life) { saved() }
        case .serve(let life):
            guard isAlive(life) else { return }
            learner.isServing = false
            serve()
        default: preconditionFailure("\(event) is not the learner's")
        }
    }

    private func isAlive(_ life: Int) -> Bool { learner.life == life && learner.isListening }

    // MARK: Start and end

    mutating func startLearner() {
        guard learner.phase == .down else { return }
        var process = LearnerProcess(setup, prompts: prompts)
        process.life = learner.life + 1
        process.phase = .running
        process.session = LearnerSession(setup.terms(incarnation: UInt32(process.life)))
        recover(&process)
        learner = process
        trace.note(now, "the learner starts at \(learner.version)")
        checker.started(learner: learner)
        for (number, weights) in learner.earlierWeights.sorted(by: { $0.key < $1.key })
        where number < learner.version.number {
            publish(PolicyVersion(incarnation: learner.version.incarnation, number: number), weights)
        }
        publish(learner.version, learner.weights)
        performLearner(learner.state.start())
        tickLearner()
        tickLink()
    }

    private func recover(_ process: inout LearnerProcess) {
        let incarnation = UInt32(process.life)
        let checkpoint = disk.newest
        let start =
            checkpoint?.progress.start(incarnation: incarnation)
            ?? LearnerStart(version: PolicyVersion(incarnation: incarnation, number: 0))
        process.state = LearnerState(setup.learner, prompts: prompts, start: start)
        process.version = start.version
        process.weights = checkpoint?.weights ?? setup.firstWeights
        process.earlierWeights = checkpoint?.earlierWeights ?? [:]
    }

    mutating func crashLearner() {
        guard learner.isListening else { return }
        trace.note(now, "the learner crashes")
        measurements.learnerCrashed(learner, at: now)
        learner.phase = .down
        learner.gate = Gate()
        for worker in workers.indices {
            for channel in Channel.allCases { disconnect(worker, channel) }
        }
        events.schedule(.startLearner, at: now + workChance.delay(setup.learnerRestartTime))
    }

    mutating func resumeLearner() {
        guard learner.gate.isShut else { return }
        trace.note(now, "the learner goes on")
        for event in learner.gate.open() {
            if case .deliver(let delivery) = event, !isCurrent(delivery) {
                if workers[delivery.worker].life == delivery.life { read(delivery, isDisplaced: true) }
            } else if case .tickLink = event {
                learner.nextTick = .never
            } else {
                handle(event)
            }
            guard learner.isListening else { return }
        }
        tickOutbox()
    }

    // MARK: Events and actions

    private mutating func tickLearner() {
        guard learner.phase == .running else { return }
        handle([.tick])
        events.schedule(.tickLearner(life: learner.life), at: now + .seconds(1))
    }

    mutating func handOver(_ news: [RolloutEvent]) {
        guard learner.phase == .running else { return }
        let delay = workChance.delay(setup.handoffDelay)
        guard delay > .zero else { return handle(news.map(LearnerEvent.rollout)) }
        learner.lastHandoff.events = max(learner.lastHandoff.events, now + delay)
        events.schedule(.rollouts(news, life: learner.life), at: learner.lastHandoff.events)
    }

    mutating func handle(_ events: [LearnerEvent]) {
        guard learner.phase == .running else { return }
        var actions: [LearnerAction] = []
        for event in events {
            let new = learner.state.handle(event, now: now)
            checker.observe(event, new, learner.state, now: now)
            actions += new
        }
        performLearner(actions)
    }

    private mutating func performLearner(_ actions: [LearnerAction]) {
        var replies: [Reply] = []
        for action in actions {
            switch action {
            case .grant(let leases, let worker): replies.append(.leases(leases, to: worker))
            case .answer(let verdict, let lease, let worker):
                replies.append(.verdict(verdict, for: lease, to: worker))
            case .note(let text): trace.note(now, "learner: \(text)")
            case .score(let group, _, let lease, let worker):
                events.schedule(
                    .scored(sampler.score(group), lease: lease, from: worker, life: learner.life),
                    at: now + workChance.delay(setup.scoreTime))
            case .train(let batch, let step): train(batch, step: step)
            case .finish: finish()
            case .abort(let reason): checker.fail("the learner aborts: \(reason)")
            }
        }
        guard !replies.isEmpty else { return }
        let delay = workChance.delay(setup.handoffDelay)
        guard delay > .zero else { return say(replies) }
        learner.lastHandoff.replies = max(learner.lastHandoff.replies, now + delay)
        events.schedule(.replies(replies, life: learner.life), at: learner.lastHandoff.replies)
    }

    private mutating func say(_ replies: [Reply]) {
        performLink(learner.session.reply(replies.map(LearnerSession.Reply.init), now: now))
        tickLink()
    }

    // MARK: Training

    private mutating func train(_ batch: [Group], step: Int) {
        trace.note(now, "step \(step) trains")
        measurements.consumed(batch, step: step, at: now)
        learner.batch = batch
        learner.trainingStarted = now
        events.schedule(.trained(life: learner.life), at: now + workChance.delay(setup.trainTime))
    }

    private mutating func trained() {
        guard let batch = learner.batch.take() else { return }
        measurements.trainingTime += now - learner.trainingStarted
        learner.weights = Pretence.weights(after: learner.weights, batch)
        learner.version.number += 1
        publish(learner.version, learner.weights)
        let isDue =
            setup.saveSteps > 0 && Int(learner.version.number) % setup.saveSteps == 0
            && Int(learner.version.number) < setup.plan.maxSteps
        if isDue { save() }
        handle([.trained(version: learner.version.number)])
    }

    private mutating func publish(_ version: PolicyVersion, _ weights: UInt64) {
        let oldest = setup.plan.oldestNeeded(current: learner.version.number)
        learner.earlierWeights[version.number] = weights
        learner.earlierWeights = learner.earlierWeights.filter { $0.key >= oldest }
        let snapshot = PretendSnapshot(weights: weights, version: version, chunks: setup.snapshotChunks)
        checker.published(snapshot.reference, weights)
        learner.snapshots[version] = snapshot
        learner.shelf.add(version, chunks: snapshot.chunks.count, oldestKept: oldest)
        let kept = learner.shelf.versions
        learner.snapshots = learner.snapshots.filter { kept.contains($0.key) }
        performLink(learner.session.setCurrent(snapshot.reference, now: now))
        rearmAfterPublishing()
    }

    private mutating func rearmAfterPublishing() { tickLink() }

    // MARK: Checkpoints

    private mutating func save() {
        learner.waitingCheckpoint = SimulatedDisk.Checkpoint(
            step: Int(learner.version.number), weights: learner.weights,
            earlierWeights: learner.earlierWeights.filter { $0.key < learner.version.number },
            progress: LearnerProgress(
                step: Int(learner.version.number), incarnation: learner.version.incarnation,
                nextOrdinal: learner.state.nextOrdinal, pending: learner.state.pending,
                optimizerSteps: 0, tokens: 0, accounting: learner.state.accounting))
        if learner.beingSaved == nil { saveNext() }
    }

    private mutating func saveNext() {
        guard let next = learner.waitingCheckpoint.take() else { return }
        learner.beingSaved = next
        events.schedule(
            .saved(step: next.step, life: learner.life), at: now + diskChance.delay(setup.checkpointTime))
    }

    private mutating func saved() {
        guard var checkpoint = learner.beingSaved.take() else { return }
        let mayFail = isFaultTime && checkpoint.step < setup.plan.maxSteps
        if mayFail, diskChance.happens(setup.faults.checkpointFailureShare) {
            trace.note(now, "checkpoint \(checkpoint.step) was not written")
        } else {
            checkpoint.isDamaged = mayFail && diskChance.happens(setup.faults.checkpointDamageShare)
            disk.write(checkpoint)
            trace.note(now, "checkpoint \(checkpoint.step) is on disk")
        }
        saveNext()
        if learner.phase == .finishing, learner.beingSaved == nil { drain() }
    }

    private mutating func finish() {
        learner.phase = .finishing
        save()
    }

    private mutating func drain() {
        trace.note(now, "the learner drains")
        learner.state.close()
        learner.phase = .draining(until: now + setup.drainLimit)
        performLink(learner.session.drain(reason: "the run is complete"))
        tickLink()
    }
}
