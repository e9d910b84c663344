/// `[reward]`: who judges, and what happens to a judgement that fails or is not a number.
package struct RewardSettings: Hashable, Sendable {
    package enum Placement: String, SettingWord { case auto, worker, learner }
    package enum BadReward: String, SettingWord { case drop, abort }
    package enum ProgramFailure: String, SettingWord {
        case drop, abort
        case `default`
    }

    /// Built-in functions and what programs offer, in order.
    package var names = ["exact"]
    /// One per name; empty: 1 each.
    package var weights: [Double] = []
    /// Shell commands.
    package var programs: [String] = []
    /// For one completion.
    package var programSeconds = 10.0
    /// Until the hello line.
    package var programStartSeconds = 60.0
    package var programRestarts = 10
    package var programRetries = 1
    package var onProgramFailure = ProgramFailure.drop
    /// Where `onProgramFailure` is `default`.
    package var defaultReward = 0.0
    /// Tokens; 0: `grpo.max_completion_length`.
    package var maxCompletionLen = 0
    /// Tokens.
    package var softPunishCache = 0
    /// Tokens.
    package var ngramSize = 3
    package var maxPenalty = -1.0
    package var placement = Placement.auto
    package var onBadReward = BadReward.drop
}
