internal import GRPO
internal import Ports

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
