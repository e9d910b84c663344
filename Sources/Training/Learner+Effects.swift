internal import GRPO
internal import Ports

// What takes long: runs in child tasks of the loop, whose end is a new event.

extension Learner {
    /// Brings the workers' events into the mailbox, in order.
    func pump() async {
        do {
            while true {
                let events = try await ends.groups.next(upTo: Self.eventsAtOnce)
                if events.isEmpty { break }
                for event in events { await mailbox.send(.rollout(event)) }
            }
            throw LearnerAborted(description: "the link to the workers was closed during the run")
        } catch is CancellationError {
        } catch { await fail(error) }
    }

    func score(
        _ group: Group, columns: String, lease: Lease.ID, from worker: WorkerID
    ) async {
        do {
            guard let reward = ends.reward else {
                throw LearnerAborted(description: "no reward function")
            }
            let scored = try await reward.scored(group, columns: columns)
            await mailbox.send(.scored(scored, lease: lease, from: worker))
        } catch { await fail(error) }
    }

    func train(_ batch: [Group], step: Int) async {
        do {
            let started = now()
            var report = try await TrainingStep(recipe: recipe, batch: batch)
                .run(on: ends.policy, optimizerSteps: optimizerSteps)
            let trained = now()
            report.step = step
            report.staleness = batch.map { Int(version.number) - Int($0.version.number) }
            optimizerSteps += report.optimizerSteps
            tokens += batch.reduce(0) { sum, group in
                sum + group.prompt.count * group.completions.count + group.completionTokenCount
            }
            version.number += 1
            try await publish(try await ends.policy.exportWeights())
            // The checkpoint is taken before the next batch may train, and written beside it.
            let due = isCheckpointDue ? try await checkpoint() : nil
            let published = now()
            report.evaluation = await evaluationIfDue()
            report.time.evaluating = (now() - published).seconds
            await observe(&report, waitedUntil: started, trainedUntil: trained)
            await mailbox.send(.trained(version: version.number))
            if let due { await save(due) }
        } catch { await fail(error) }
    }

    /// Workers with leases go on sampling meanwhile; the next batch's leases come after it. An evaluation
    /// that fails says so and ends nothing.
    private func evaluationIfDue() async -> EvaluationScores? {
        let step = Int(version.number)
        guard let evaluator = ends.evaluator, evalSteps > 0, step % evalSteps == 0 else { return nil }
        do { return try await evaluator.evaluate(weights, step: step) } catch {
            await observer.onNote("the evaluation after step \(step) failed: \(error)")
            return nil
        }
    }

    /// The mailbox is woken so that the loop sees the failure.
    private func fail(_ error: any Error) async {
        failure = failure ?? error
        await mailbox.send(.tick)
    }

    private func observe(
        _ report: inout StepReport, waitedUntil started: Duration, trainedUntil trained: Duration
    ) async {
        let ended = now()
        report.time.step = (ended - stepEnded).seconds
        report.time.waiting = (started - stepEnded).seconds
        report.time.optimizing = (trained - started).seconds
        report.time.publishing = (ended - trained).seconds - report.time.evaluating
        stepEnded = ended
        report.tokens = tokens
        report.accounting = state.accounting
        report.liveWorkers = state.liveWorkers
        await observer.onStep(report)
    }

    func publishStart() async throws {
        let oldest = plan.oldestNeeded(current: version.number)
        for (number, image) in earlierSnapshots.sorted(by: { $0.key < $1.key }) {
            let earlier = PolicyVersion(incarnation: version.incarnation, number: number)
            try await ends.snapshots.publish(
                await snapshot(of: image, version: earlier), oldestKept: oldest)
        }
        try await publish(try await ends.policy.exportWeights())
    }

    private func publish(_ image: [UInt8]) async throws {
        weights = image
        let oldest = plan.oldestNeeded(current: version.number)
        earlierSnapshots[version.number] = image
        earlierSnapshots = earlierSnapshots.filter { $0.key >= oldest }
        try await ends.snapshots.publish(
            await snapshot(of: image, version: version), oldestKept: oldest)
    }

    /// Hashing takes long too, so it does not happen on the actor.
    @concurrent
    private nonisolated func snapshot(of image: [UInt8], version: PolicyVersion) async -> Snapshot {
        Snapshot(version: version, image: image)
    }
}
