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
        case .rollouts(let news, let life): if isAlive(life) { handle(news) }
        case .replies(let replies, let life): if isAlive(life) { say(replies) }
        case .scored(let group, let lease, let worker, let life):
            if isAlive(life) { handle([.scored(group, lease: lease, from: worker)]) }
        case .recovered(let life): if isAlive(life) { recovered() }
        case .committed(let life): if isAlive(life) { committed() }
        case .trained(let life): if isAlive(life) { trained() }
        case .saved(let life): if isAlive(life) { saved() }
        case .serve(let life):
            guard isAlive(life) else { return }
            learner.isServing = false
            serve()
        default: preconditionFailure("\(event) is not the learner's")
        }
    }

    private func isAlive(_ life: Int) -> Bool { learner.life == life && learner.isListening }

    // MARK: Death and sleep

    mutating func crashLearner() {
        guard learner.isListening else { return }
        trace.note(now, "the learner crashes")
        measurements.learnerCrashed(learner, at: now)
        // Nobody heard whether the last commit became durable.
        if disk.fullUntil <= now, diskChance.happens(0.5) {
            commit()
        } else {
            disk.underWay = []
        }
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

    mutating func tickLearner() {
        guard learner.phase == .running else { return }
        handle([.tick])
        events.schedule(.tickLearner(life: learner.life), at: now + .seconds(1))
    }

    mutating func handOver(_ news: [LearnerEvent]) {
        if learner.phase == .recovering { learner.heldBack += news }
        guard learner.phase == .running else { return }
        let delay = workChance.delay(setup.handoffDelay)
        guard delay > .zero else { return handle(news) }
        learner.lastHandoff.events = max(learner.lastHandoff.events, now + delay)
        events.schedule(.rollouts(news, life: learner.life), at: learner.lastHandoff.events)
    }

    mutating func handle(_ events: [LearnerEvent]) {
        guard learner.phase == .running else { return }
        var actions: [LearnerAction] = []
        for event in events {
            let new = learner.state.handle(event, now: now)
            if setup.checks { checker.observe(event, new, learner.state) }
            if actions.isEmpty { actions = new } else { actions += new }
        }
        performLearner(actions)
    }

    mutating func performLearner(_ actions: [LearnerAction]) {
        var replies: [LearnerSession.Reply] = []
        for action in actions {
            switch action {
            case .grant(let leases, let worker):
                replies.append(.leases(leases.map { ($0.id, $0.ticket) }, worker: worker.identity))
            case .answer(let verdict, let lease, let worker):
                replies.append(.verdict(.init(verdict), lease: lease, worker: worker.identity))
            case .note(let text): trace.note(now, "learner: \(text)")
            case .score(let group, _, let lease, let worker):
                events.schedule(
                    .scored(sampler.score(group), lease: lease, from: worker, life: learner.life),
                    at: now + workChance.delay(setup.scoreTime))
            case .journal(let entries): write(entries)
            case .train(let batch, let step): train(batch, step: step)
            case .publish: publishTrained()
            case .finish: drain()
            case .abort(let reason): checker.fail("the learner aborts: \(reason)")
            }
        }
        guard !replies.isEmpty else { return }
        let delay = workChance.delay(setup.handoffDelay)
        guard delay > .zero else { return say(replies) }
        learner.lastHandoff.replies = max(learner.lastHandoff.replies, now + delay)
        events.schedule(.replies(replies, life: learner.life), at: learner.lastHandoff.replies)
    }

    private mutating func say(_ replies: [LearnerSession.Reply]) {
        performLink(learner.session.reply(replies, now: now))
        tickLink()
    }

    // MARK: Training

    private mutating func train(_ batch: [Group], step: Int) {
        trace.note(now, "step \(step) trains")
        measurements.consumed(batch, step: step, at: now)
        learner.batch = batch
        learner.isTraining = true
        learner.trainingStarted = now
        events.schedule(.trained(life: learner.life), at: now + workChance.delay(setup.trainTime))
    }

    private mutating func trained() {
        measurements.trainingTime += now - learner.trainingStarted
        learner.isTraining = false
        handle([.trained])
    }

    private mutating func publishTrained() {
        learner.weights = Pretence.weights(after: learner.weights, learner.batch.take()!)
        learner.version.number += 1
        publish(learner.version, learner.weights)
        if isCheckpointDue { save() }
        handle([.published(published())])
    }

    /// What the journal hears of the weights.
    func published() -> PublishedVersion {
        let digest = learner.snapshots[learner.version]!.reference.digest
        return PublishedVersion(
            version: learner.version, digest: SnapshotDigest(bytes: digest.bytes), optimizerSteps: 0,
            tokens: 0, accounting: learner.state.accounting, metrics: "")
    }

    mutating func publish(_ version: PolicyVersion, _ weights: UInt64) {
        let oldest = setup.plan.oldestNeeded(current: learner.version.number)
        learner.keep(weights, of: version.number, oldest: oldest)
        let snapshot = PretendSnapshot(weights: weights, version: version, chunks: setup.snapshotChunks)
        checker.published(snapshot.reference, weights)
        learner.snapshots[version] = snapshot
        learner.shelf.add(version, chunks: snapshot.chunks.count, oldestKept: oldest)
        let kept = learner.shelf.versions
        learner.snapshots = learner.snapshots.filter { kept.contains($0.key) }
        performLink(learner.session.setCurrent(snapshot.reference, now: now))
        tickLink()
    }
}
