/// An objective file: some groups with everything that advantages, loss and gradients depend on. One JSON
/// object; `cohort objective` reads it, and conformance files hold many.
///
/// Log-probabilities are in nats; every list inside a completion has one entry per completion token. What
/// the mask excludes may be `null`.
public struct ObjectiveDocument: Hashable, Sendable, Codable {
    public var groups: [DocumentGroup]
    /// By name; absent: all 1.
    public var rewardWeights: [String: Double]?
    /// The learner's version when the batch is assembled, in published versions.
    public var learnerVersion: Int?
    /// The length limit L, tokens; absent: the longest completion, and no overlong penalty.
    public var maxCompletionLength: Int?
    /// What the whole optimiser step holds, if the document is only a part of it.
    public var step: DocumentStep?

    public init(groups: [DocumentGroup]) { self.groups = groups }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case groups, step
        case rewardWeights = "reward_weights"
        case learnerVersion = "learner_version"
        case maxCompletionLength = "max_completion_length"
    }
}

public struct DocumentGroup: Hashable, Sendable, Codable {
    /// For messages; absent: its place.
    public var id: String?
    /// The version that its tokens were sampled from.
    public var version: Int?
    public var completions: [DocumentCompletion]

    public init(completions: [DocumentCompletion]) { self.completions = completions }

    enum CodingKeys: String, CodingKey, CaseIterable { case id, version, completions }
}

public struct DocumentCompletion: Hashable, Sendable, Codable {
    public enum Finish: String, Hashable, Sendable, Codable { case stop, length }

    /// Whatever tells prompts apart; must be equal inside a group.
    public var prompt: String?
    /// ℓ under the current policy.
    public var logprobs: [Double?]
    /// ℓ_behavior as the sampler said.
    public var behaviorLogprobs: [Double?]
    /// ℓ_old as the learner recomputed it; absent: the behaviour policy is the proximal one.
    public var proximalLogprobs: [Double?]?
    /// ℓ_ref; needed where β is not 0 (not for `kl_estimator` "full").
    public var referenceLogprobs: [Double?]?
    /// Of the current distribution; needed where `entropy_coef` is not 0.
    public var entropies: [Double?]?
    /// Σ_v π ln(π/π_ref) per position; needed for `kl_estimator` "full".
    public var divergences: [Double?]?
    /// V(s_t); needed for a value baseline and where `vf_coef` is not 0.
    public var values: [Double?]?
    /// Tokens that count; absent: all.
    public var mask: [Bool]?
    /// Absent: `stop`.
    public var finishReason: Finish?
    public var reward: Double?
    /// By reward function; `null`: the function does not apply.
    public var rewards: [String: Double?]?
    /// Used as it is instead of what rewards would give.
    public var advantage: Double?
    /// The same for each token.
    public var advantages: [Double?]?

    public init(logprobs: [Double?], behaviorLogprobs: [Double?]) {
        self.logprobs = logprobs
        self.behaviorLogprobs = behaviorLogprobs
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case prompt, logprobs, entropies, divergences, values, mask, reward, rewards, advantage
        case advantages
        case behaviorLogprobs = "behavior_logprobs"
        case proximalLogprobs = "proximal_logprobs"
        case referenceLogprobs = "reference_logprobs"
        case finishReason = "finish_reason"
    }
}

public struct DocumentStep: Hashable, Sendable, Codable {
    public var prompts: Int
    public var completions: Int
    /// Completion tokens that count in the loss.
    public var tokens: Int

    public init(prompts: Int, completions: Int, tokens: Int) {
        self.prompts = prompts
        self.completions = completions
        self.tokens = tokens
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case prompts, completions, tokens }
}

extension ObjectiveDocument {
    /// The keys that each kind of object may have, for readers that refuse others.
    public static let keys = CodingKeys.allCases.map(\.rawValue)
    public static let groupKeys = DocumentGroup.CodingKeys.allCases.map(\.rawValue)
    public static let completionKeys = DocumentCompletion.CodingKeys.allCases.map(\.rawValue)
    public static let stepKeys = DocumentStep.CodingKeys.allCases.map(\.rawValue)
}
