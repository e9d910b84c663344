import GRPO
package import Ports

/// The learner's own part of a checkpoint: what it must know beside weights and optimiser to go on as if
/// nothing had happened.
package struct LearnerProgress: Hashable, Sendable, Codable {
    /// Batches consumed; also the number of the checkpoint's version.
    package var step: Int
    package var incarnation: UInt32
    package var nextOrdinal: UInt64
    /// Ordinals before `nextOrdinal` whose groups are still to come, with their attempts.
    package var pending: [UInt64: UInt32]
    package var optimizerSteps: Int
    package var tokens: Int
    package var accounting: GroupAccounting

    package init(
        step: Int, incarnation: UInt32, nextOrdinal: UInt64, pending: [UInt64: UInt32],
        optimizerSteps: Int, tokens: Int, accounting: GroupAccounting
    ) {
        self.step = step
        self.incarnation = incarnation
        self.nextOrdinal = nextOrdinal
        self.pending = pending
        self.optimizerSteps = optimizerSteps
        self.tokens = tokens
        self.accounting = accounting
    }

    /// Where the next incarnation starts. What was out or waiting at the checkpoint counts as never
    /// issued: its prompts are issued again under the same keys.
    package func start(incarnation: UInt32) -> LearnerStart {
        var accounting = accounting
        accounting.issued -= accounting.leased + accounting.received
        accounting.leased = 0
        accounting.received = 0
        return LearnerStart(
            version: PolicyVersion(incarnation: incarnation, number: UInt64(step)),
            nextOrdinal: nextOrdinal, pending: pending, accounting: accounting,
            optimizerSteps: optimizerSteps, tokens: tokens)
    }
}
