private import Foundation
internal import GRPO
internal import Ports

extension Learner {
    var isCheckpointDue: Bool {
        ends.checkpoints != nil && saveSteps > 0 && version.number % UInt64(saveSteps) == 0
            && version.number < UInt64(plan.maxSteps)
    }

    /// Writes one checkpoint at a time: a newer one that waits takes the place of an older one. One that
    /// cannot be written is an alarm, not the end: the run may still reach one that can.
    func save(_ checkpoint: TrainingCheckpoint) async {
        waitingCheckpoint = checkpoint
        guard !isSaving else { return }
        isSaving = true
        defer { isSaving = false }
        while let next = waitingCheckpoint.take() {
            do {
                try await ends.checkpoints?.save(next)
                await mailbox.send(.saved(step: next.step, at: position))
            } catch {
                await observer.onNote("checkpoint \(next.step) was not written: \(error)")
            }
        }
    }

    /// The last words: what was given up, and the final checkpoint.
    func finish() async throws {
        let drops = state.close()
        if !drops.isEmpty { position = try await ends.journal.commit(drops) }
        guard let checkpoints = ends.checkpoints else { return }
        try await checkpoints.save(try await checkpoint())
        position = try await ends.journal.commit([
            .checkpoint(step: Int(version.number), at: position)
        ])
    }

    func checkpoint() async throws -> TrainingCheckpoint {
        let progress = LearnerProgress(
            step: Int(version.number), incarnation: version.incarnation,
            optimizerSteps: optimizerSteps, tokens: tokens, journal: position)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        var earlier = earlierSnapshots
        earlier[version.number] = nil
        return TrainingCheckpoint(
            step: Int(version.number), weights: weights,
            optimizer: try await ends.policy.exportOptimizer(),
            state: Array(try encoder.encode(progress)), earlierSnapshots: earlier,
            reference: try await ends.policy.exportReference())
    }
}
