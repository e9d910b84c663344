internal import GRPO
package import Ports

// From a checkpoint to where the run had come: batches that were journaled since are trained on again.

extension Learner {
    /// Brings the policy to where the journal ends and publishes the weights.
    ///
    /// Throws `Divergence` where a batch does not lead to the weights that it led to before, and what the
    /// journal throws.
    func begin() async throws -> PublishedVersion {
        var current = try await currentSnapshot()
        try check(current)
        // Of a step that was trained on again and that the journal does not know as done.
        var metrics = ""
        if !start.replays.isEmpty {
            await observer.onNote(
                "recovering: the checkpoint is of step \(version.number), and the journal holds "
                    + "\(start.replays.count) later batches, which are trained on again")
        }
        for (step, members) in start.replays {
            (current, metrics) = try await replay(step: step, members: members)
        }
        try await publishStart(current)
        return published(current.digest, metrics: metrics)
    }

    private func currentSnapshot() async throws -> Snapshot {
        keep(try await ends.policy.exportWeights())
        return await snapshot(of: weights, version: version)
    }

    /// Answers with the weights that the batch makes, and the step's metrics if they are news.
    private func replay(step: Int, members: [UInt64]) async throws -> (Snapshot, String) {
        let started = now()
        let batch = try await ends.journal.groups(at: members)
        var report = try await learn(from: batch, step: step, waitedUntil: started)
        let trained = now()
        version.number += 1
        let current = try await currentSnapshot()
        let isKnown = start.history.digests[version.number] != nil
        try check(current)
        let metrics = try await observe(
            &report, publishedFrom: trained, accounting: start.history.accounting(after: step))
        // Whoever goes on from this checkpoint keeps the metrics of the steps up to its own.
        if isCheckpointDue { await save(try await checkpoint()) }
        return (current, isKnown ? "" : metrics)
    }

    private func check(_ current: Snapshot) throws {
        guard let recorded = start.history.digests[current.version.number],
            recorded != current.digest
        else { return }
        throw Divergence(
            version: current.version.number, recorded: recorded, computed: current.digest)
    }
}

/// Weights that were computed again are not those that were published.
package struct Divergence: Error, Hashable, CustomStringConvertible {
    package var version: UInt64
    package var recorded: SnapshotDigest
    package var computed: SnapshotDigest

    package init(version: UInt64, recorded: SnapshotDigest, computed: SnapshotDigest) {
        self.version = version
        self.recorded = recorded
        self.computed = computed
    }

    package var description: String {
        "version \(version) was published with the digest \(recorded) and is now computed as \(computed); "
            + "was the configuration, the program or the kind of processor changed since?"
    }
}
