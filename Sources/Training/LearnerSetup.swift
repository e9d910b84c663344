package import GRPO
package import Ports

/// What stays the same for a whole run, for the learner's state machine.
package struct LearnerSetup: Hashable, Sendable {
    package var plan: SchedulePlan
    package var validation: GroupValidation
    package var seed: UInt64
    /// TRL's `shuffle_dataset`.
    package var shuffles: Bool
    /// True where the learner computes rewards, false where workers do.
    package var scoresHere: Bool
    package var rewards: RewardValidation
    /// `on_bad_reward = abort`.
    package var abortsOnBadReward: Bool
    /// `on_program_failure = abort`.
    package var abortsOnRewardFailure: Bool
    /// Groups of further prompts that may take the place of one whose rewards are all equal; 0: none.
    package var replacementsMax: Int
    /// How long a worker may take to answer one lease.
    package var leaseDuration: Duration

    package init(
        plan: SchedulePlan, validation: GroupValidation, seed: UInt64, shuffles: Bool,
        scoresHere: Bool, rewards: RewardValidation = .init(), abortsOnBadReward: Bool,
        abortsOnRewardFailure: Bool = false, replacementsMax: Int = 0, leaseDuration: Duration
    ) {
        self.plan = plan
        self.validation = validation
        self.seed = seed
        self.shuffles = shuffles
        self.scoresHere = scoresHere
        self.rewards = rewards
        self.abortsOnBadReward = abortsOnBadReward
        self.abortsOnRewardFailure = abortsOnRewardFailure
        self.replacementsMax = replacementsMax
        self.leaseDuration = leaseDuration
    }
}

/// Where a run starts or goes on.
package struct LearnerStart: Hashable, Sendable {
    package var version: PolicyVersion
    package var nextOrdinal: UInt64
    /// Ordinals before `nextOrdinal` whose groups are still to come, with their attempts.
    package var pending: [UInt64: UInt32]
    package var accounting: GroupAccounting
    /// Optimiser steps taken so far; several per version.
    package var optimizerSteps: Int
    /// Prompt and completion tokens trained on so far.
    package var tokens: Int

    package init(
        version: PolicyVersion, nextOrdinal: UInt64 = 0,
        pending: [UInt64: UInt32] = [:], accounting: GroupAccounting = .init(),
        optimizerSteps: Int = 0, tokens: Int = 0
    ) {
        self.version = version
        self.nextOrdinal = nextOrdinal
        self.pending = pending
        self.accounting = accounting
        self.optimizerSteps = optimizerSteps
        self.tokens = tokens
    }
}
