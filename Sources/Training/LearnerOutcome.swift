package import GRPO
package import Ports

/// How a run ended.
package struct LearnerOutcome: Sendable {
    /// The snapshot image of the last version.
    package var weights: [UInt8]
    package var version: PolicyVersion
    package var accounting: GroupAccounting
    package var optimizerSteps: Int
    package var tokens: Int
    /// Why it ended before its last step; `nil` if it did not.
    package var stopReason: String?
}

/// The run cannot go on.
package struct LearnerAborted: Error, CustomStringConvertible {
    package var description: String
}

/// What the learner tells the outside while it runs. Called from the learner's actor, in order.
package struct LearnerObserver: Sendable {
    /// Answers with the step's metrics, as one JSON object.
    package var onStep: @Sendable (StepReport) async -> String
    package var onNote: @Sendable (String) async -> Void

    package init(
        onStep: @escaping @Sendable (StepReport) async -> String,
        onNote: @escaping @Sendable (String) async -> Void
    ) {
        self.onStep = onStep
        self.onNote = onNote
    }
}
