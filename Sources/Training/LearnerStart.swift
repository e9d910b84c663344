package import GRPO
internal import Ports

/// Where a run starts or goes on: a checkpoint, and what its journal says.
package struct LearnerStart: Hashable, Sendable {
    /// Of the weights that the policy holds, under this learner's incarnation.
    package var version: PolicyVersion
    /// Optimiser steps taken so far; several per version.
    package var optimizerSteps: Int
    /// Prompt and completion tokens trained on so far.
    package var tokens: Int
    /// Everything that earlier learners of the run journaled.
    package var history: RunHistory

    package init(
        version: PolicyVersion, optimizerSteps: Int = 0, tokens: Int = 0,
        history: RunHistory = RunHistory()
    ) {
        self.version = version
        self.optimizerSteps = optimizerSteps
        self.tokens = tokens
        self.history = history
    }

    /// Batches that were journaled since the checkpoint: they are trained on again, not sampled again.
    var replays: [(step: Int, members: [UInt64])] {
        history.batches.enumerated().dropFirst(Int(version.number)).map { ($0.offset, $0.element) }
    }

    /// What the version will be once the replays are done.
    var replayedVersion: PolicyVersion {
        var version = version
        version.number = max(version.number, UInt64(history.batches.count))
        return version
    }
}
