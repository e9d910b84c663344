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

    func commit(_ entries: [JournalEntry]) async {
        do {
            position = try await ends.journal.commit(entries)
            await mailbox.send(.journaled)
        } catch { await fail(error) }
    }

    func train(_ batch: [Group], step: Int) async {
        do {
            let started = now()
            trained = try await learn(from: batch, step: step, waitedUntil: started)
            await mailbox.send(.trained)
        } catch { await fail(error) }
    }

    /// Takes the optimiser steps of a batch. The policy is ahead of `version` afterwards.
    func learn(
        from batch: [Group], step: Int, waitedUntil started: Duration
    ) async throws -> StepReport {
        var report = try await TrainingStep(recipe: recipe, batch: batch)
            .run(on: ends.policy, optimizerSteps: optimizerSteps)
        report.step = step
        report.staleness = batch.map { Int(version.number) - Int($0.version.number) }
        report.time.waiting = (started - stepEnded).seconds
        report.time.optimizing = (now() - started).seconds
        optimizerSteps += report.optimizerSteps
        tokens += batch.reduce(0) { sum, group in
            sum + group.prompt.count * group.completions.count + group.completionTokenCount
        }
        return report
    }

    func publishTrained() async {
        do {
            guard var report = trained.take() else {
                preconditionFailure("there is nothing that could be published")
            }
            let started = now()
            version.number += 1
            let digest = try await publish(try await ends.policy.exportWeights())
            // The checkpoint is taken before the next batch may train, and written beside it.
            let due = isCheckpointDue ? try await checkpoint() : nil
            let metrics = try await observe(
                &report, publishedFrom: started, accounting: state.accounting)
            await mailbox.send(.published(published(digest, metrics: metrics)))
            if let due { await save(due) }
        } catch { await fail(error) }
    }

    /// What the journal hears of `weights`.
    func published(_ digest: SnapshotDigest, metrics: String) -> PublishedVersion {
        PublishedVersion(
            version: version, digest: digest, optimizerSteps: optimizerSteps, tokens: tokens,
            accounting: state.accounting, metrics: metrics)
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

    /// Evaluates where that is due, and shows the step to the outside; answers with its metrics.
    func observe(
        _ report: inout StepReport, publishedFrom started: Duration, accounting: GroupAccounting
    ) async throws -> String {
        let published = now()
        report.time.publishing = (published - started).seconds
        report.evaluation = await evaluationIfDue()
        let ended = now()
        report.time.evaluating = (ended - published).seconds
        report.time.step = (ended - stepEnded).seconds
        stepEnded = ended
        report.tokens = tokens
        report.accounting = accounting
        report.liveWorkers = state.liveWorkers
        return await observer.onStep(report)
    }

    /// Makes `image` the current weights and shows them to the workers.
    private func publish(_ image: [UInt8]) async throws -> SnapshotDigest {
        keep(image)
        let current = await snapshot(of: image, version: version)
        try await ends.snapshots.publish(
            current, oldestKept: plan.oldestNeeded(current: version.number))
        return current.digest
    }

    /// Shows what the learner starts from to the workers.
    func publishStart(_ current: Snapshot) async throws {
        let oldest = plan.oldestNeeded(current: version.number)
        for (number, image) in earlierSnapshots.sorted(by: { $0.key < $1.key })
        where number != version.number {
            let earlier = PolicyVersion(incarnation: version.incarnation, number: number)
            try await ends.snapshots.publish(
                await snapshot(of: image, version: earlier), oldestKept: oldest)
        }
        try await ends.snapshots.publish(current, oldestKept: oldest)
    }

    /// `image` is what `version` is; batches to come may be sampled from it.
    func keep(_ image: [UInt8]) {
        weights = image
        let oldest = plan.oldestNeeded(current: version.number)
        earlierSnapshots[version.number] = image
        earlierSnapshots = earlierSnapshots.filter { $0.key >= oldest }
    }

    /// Hashing takes long too, so it does not happen on the actor.
    @concurrent
    nonisolated func snapshot(of image: [UInt8], version: PolicyVersion) async -> Snapshot {
        Snapshot(version: version, image: image)
    }
}
