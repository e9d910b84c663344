/// Why a completion ended.
public enum FinishReason: UInt8, Sendable, Codable {
    /// A stop token was sampled; it is the completion's last token.
    case stop = 0
    /// `max_completion_length` tokens were sampled without a stop token.
    case length = 1
}

/// One sampled output: the tokens after the prompt, and what the sampler knew of each.
public struct Completion: Hashable, Sendable {
    public var tokens: [Int32]
    /// ln π_old of each token at the sampling temperature over the full vocabulary; (tokens), nats.
    public var behaviorLogprobs: [Float]
    /// ln of the probability mass that top-k/top-p kept at each token; 0 where nothing was cut; (tokens).
    public var keptLogMasses: [Float]
    public var finishReason: FinishReason
    /// Set by whoever scores: the worker or the learner. `nil`: not scored yet.
    public var reward: Double?

    public init(
        tokens: [Int32], behaviorLogprobs: [Float], keptLogMasses: [Float],
        finishReason: FinishReason, reward: Double? = nil
    ) {
        self.tokens = tokens
        self.behaviorLogprobs = behaviorLogprobs
        self.keptLogMasses = keptLogMasses
        self.finishReason = finishReason
        self.reward = reward
    }
}

/// The G completions that one behaviour policy sampled for one prompt: a *cohort*.
public struct Group: Hashable, Sendable {
    public var key: TicketKey
    public var ordinal: UInt64
    /// The snapshot that every token of this group was sampled from.
    public var version: PolicyVersion
    public var prompt: [Int32]
    public var completions: [Completion]

    public init(
        key: TicketKey, ordinal: UInt64, version: PolicyVersion, prompt: [Int32],
        completions: [Completion]
    ) {
        self.key = key
        self.ordinal = ordinal
        self.version = version
        self.prompt = prompt
        self.completions = completions
    }

    /// Number of completion tokens in the group.
    public var completionTokenCount: Int { completions.reduce(0) { $0 + $1.tokens.count } }
}
