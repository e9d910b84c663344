internal import GRPO
internal import Training

/// What survives the learner: its checkpoints.
struct SimulatedDisk {
    struct Checkpoint {
        var step: Int
        var weights: UInt64
        var earlierWeights: [UInt64: UInt64]
        var progress: LearnerProgress
        var isDamaged = false
    }

    private(set) var checkpoints: [Checkpoint] = []

    mutating func write(_ checkpoint: Checkpoint) { checkpoints.append(checkpoint) }

    /// The newest one that can be read.
    var newest: Checkpoint? { checkpoints.last { !$0.isDamaged } }
}
