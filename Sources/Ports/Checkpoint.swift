/// All that resuming a run needs, at a step boundary.
package struct TrainingCheckpoint: Sendable {
    /// Generation batches consumed so far; equals the number of the version that `weights` are.
    package var step: Int
    /// The snapshot image of version `step`.
    package var weights: [UInt8]
    package var optimizer: [UInt8]
    /// The learner's own state, as JSON.
    package var state: [UInt8]
    /// Images of earlier versions that batches to come are sampled from, by version number; empty
    /// unless `max_staleness` > 0.
    package var earlierSnapshots: [UInt64: [UInt8]]
    /// The reference policy where it moves; `nil`: it is what the run started from.
    package var reference: [UInt8]?

    package init(
        step: Int, weights: [UInt8], optimizer: [UInt8], state: [UInt8],
        earlierSnapshots: [UInt64: [UInt8]], reference: [UInt8]? = nil
    ) {
        self.step = step
        self.weights = weights
        self.optimizer = optimizer
        self.state = state
        self.earlierSnapshots = earlierSnapshots
        self.reference = reference
    }
}

/// Where checkpoints are kept.
package protocol CheckpointStore: Sendable {
    /// Returns when the checkpoint would survive a power cut. Throws and leaves earlier ones untouched
    /// if it could not be written.
    func save(_ checkpoint: TrainingCheckpoint) async throws
}
