package import GRPO
package import Ports

/// What one generation batch taught: the material of a line of `metrics.jsonl`.
package struct StepReport: Sendable {
    /// Batches consumed before this one.
    package var step: Int
    /// Rewards by group, in prompt order; (groups, G).
    package var rewards: [[Double]] = []
    /// Tokens and end of each completion, in the same order.
    package var lengths: [Int] = []
    package var terminated: [Bool] = []
    /// Of all inner steps of the batch.
    package var statistics: [ObjectiveStatistics] = []
    /// Before clipping, mean over the inner steps.
    package var gradNorm = 0.0
    /// Of the last inner step.
    package var learningRate = 0.0
    package var optimizerSteps = 0
    /// Prompt and completion tokens of the run so far.
    package var tokens = 0
    /// Staleness of each group when the batch was assembled, in published versions.
    package var staleness: [Int] = []
    package var accounting = GroupAccounting()
    package var liveWorkers = 0
    package var time = StepTime()
    /// The batch itself with its advantages, for logs of completions.
    package var batch: [Group] = []
    package var advantages: [[Double]] = []
    /// Of the version that the step made, where one was due.
    package var evaluation: EvaluationScores?

    package init(step: Int) { self.step = step }
}

/// Where the wall-clock time of a step went, in seconds.
package struct StepTime: Hashable, Sendable, Codable {
    /// From the end of the previous step to the end of this one.
    package var step = 0.0
    /// Until the batch was complete.
    package var waiting = 0.0
    /// Forward and backward passes and optimiser steps, reference scores included.
    package var optimizing = 0.0
    /// Exporting, hashing and publishing the snapshot, and the checkpoint where one was due.
    package var publishing = 0.0
    /// On held-out prompts.
    package var evaluating = 0.0

    package init() {}
}
