/// The run's reward functions, as whoever scores must know them.
package struct RewardPlan: Hashable, Sendable, Codable {
    /// Built-in functions and those that programs offer, in the order of `Completion.rewards`.
    package var names: [String]
    /// One per name.
    package var weights: [Double]
    package var parameters: RewardParameters
    /// Absent where all functions are built in, and for workers that are not on the learner's machine:
    /// nobody starts what a peer over the network names.
    package var programs: RewardPrograms?

    /// `weights`: `nil` for 1 each.
    package init(
        names: [String], weights: [Double]? = nil, parameters: RewardParameters = .init(),
        programs: RewardPrograms? = nil
    ) {
        self.names = names
        self.weights = weights ?? [Double](repeating: 1, count: names.count)
        self.parameters = parameters
        self.programs = programs
        precondition(self.weights.count == names.count, "every reward function has one weight")
    }
}

/// What built-in reward functions are told. Names and meaning are TRL's.
package struct RewardParameters: Hashable, Sendable, Codable {
    /// Of `soft_overlong_punishment`: tokens beyond which it is −1.
    package var maxCompletionLength: Int
    /// Of `soft_overlong_punishment`: tokens before that over which it falls from 0.
    package var softPunishCache: Int
    /// Of `repetition_penalty`: tokens that count as one repeated thing.
    package var ngramSize: Int
    /// Of `repetition_penalty`: what a completion that only repeats itself tends to.
    package var maxPenalty: Double

    package init(
        maxCompletionLength: Int = 1, softPunishCache: Int = 0, ngramSize: Int = 3,
        maxPenalty: Double = -1
    ) {
        self.maxCompletionLength = maxCompletionLength
        self.softPunishCache = softPunishCache
        self.ngramSize = ngramSize
        self.maxPenalty = maxPenalty
    }
}

/// How reward programs are started and what is done where they fail; see `protocols/reward-jsonl.md`.
package struct RewardPrograms: Hashable, Sendable, Codable {
    /// For `/bin/sh -c`, one per program.
    package var commands: [String]
    /// Where they are started; absolute.
    package var directory: String
    /// Where their standard error goes; absolute.
    package var logDirectory: String
    /// Time for one completion.
    package var secondsPerItem: Double
    /// Time until the hello line.
    package var secondsToStart: Double
    /// Starts in a row that may fail before anything was answered well.
    package var restarts: Int
    /// How often a completion that failed is asked about again.
    package var retries: Int
    /// What a completion that failed for good counts as; absent: its group is not scored.
    package var defaultReward: Double?

    package init(
        commands: [String], directory: String, logDirectory: String, secondsPerItem: Double,
        secondsToStart: Double, restarts: Int, retries: Int, defaultReward: Double?
    ) {
        self.commands = commands
        self.directory = directory
        self.logDirectory = logDirectory
        self.secondsPerItem = secondsPerItem
        self.secondsToStart = secondsToStart
        self.restarts = restarts
        self.retries = retries
        self.defaultReward = defaultReward
    }
}
