/// What the loss knows of a completion before the forward pass.
public struct TrainingCompletion: Hashable, Sendable {
    public var id: CompletionID
    /// A, of the whole completion; where tokens differ, unused.
    public var advantage: Double
    /// A_t; (tokens). Empty: every token has `advantage`.
    public var tokenAdvantages: [Double] = []
    /// ℓ_behavior as the sampler stored it when it drew the token; (tokens), nats.
    public var behaviorLogprobs: [Double]
    /// ℓ_old as the learner recomputed it at the start of the batch; (tokens), nats. Empty: the behaviour
    /// policy is the proximal one.
    public var proximalLogprobs: [Double] = []
    /// ℓ_ref; (tokens), nats. Empty where no KL term reads it.
    public var referenceLogprobs: [Double]
    /// Which tokens count; (tokens). `nil`: all. What is masked out is never read, so it may be anything.
    public var lossMask: [Bool]?
    /// Whether the length limit ended it.
    public var isTruncated = false
    /// Whether all rewards of its group are equal and the group is its baseline.
    public var isInConstantGroup = false
    /// R, what the value head learns; only read where `vf_coef` is above 0.
    public var reward = 0.0

    public init(
        id: CompletionID, advantage: Double, behaviorLogprobs: [Double],
        referenceLogprobs: [Double] = [], lossMask: [Bool]? = nil
    ) {
        self.id = id
        self.advantage = advantage
        self.behaviorLogprobs = behaviorLogprobs
        self.referenceLogprobs = referenceLogprobs
        self.lossMask = lossMask
    }

    /// From log-probabilities as records and forward passes hold them.
    @_disfavoredOverload
    public init(
        id: CompletionID, advantage: Double, behaviorLogprobs: [Float],
        referenceLogprobs: [Float] = [], lossMask: [Bool]? = nil
    ) {
        self.init(
            id: id, advantage: advantage, behaviorLogprobs: behaviorLogprobs.map { Double($0) },
            referenceLogprobs: referenceLogprobs.map { Double($0) }, lossMask: lossMask)
    }

    /// Number of tokens, masked or not.
    public var tokenCount: Int { behaviorLogprobs.count }

    /// Number of tokens that the mask leaves.
    public var lossTokenCount: Int {
        guard let lossMask else { return tokenCount }
        return lossMask.reduce(0) { $0 + ($1 ? 1 : 0) }
    }

    /// Places of the tokens that the mask leaves.
    var unmaskedTokens: [Int] {
        (0..<tokenCount).filter { lossMask?[$0] ?? true }
    }
}

extension Group {
    /// The rewards in the order of `completions`. Throws `AdvantageError.missingReward`.
    public func rewards() throws(AdvantageError) -> [Double] {
        var result: [Double] = []
        for (index, completion) in completions.enumerated() {
            guard let reward = completion.reward else {
                throw .missingReward(group: 0, index: index)
            }
            result.append(reward)
        }
        return result
    }

    /// The group's completions as the loss wants them. `advantages`: (G). `referenceLogprobs`: (G) lists
    /// of (tokens), or empty where no KL term reads them.
    public func trainingCompletions(
        advantages: [Double], referenceLogprobs: [[Float]] = []
    ) -> [TrainingCompletion] {
        precondition(
            advantages.count == completions.count
                && (referenceLogprobs.isEmpty || referenceLogprobs.count == completions.count),
            "a group of \(completions.count) needs as many advantages and reference scores")
        return completions.indices.map { index in
            var result = TrainingCompletion(
                id: CompletionID(ticket: key, sample: UInt32(index)), advantage: advantages[index],
                behaviorLogprobs: completions[index].behaviorLogprobs,
                referenceLogprobs: referenceLogprobs.isEmpty ? [] : referenceLogprobs[index])
            result.isTruncated = completions[index].finishReason == .length
            result.reward = completions[index].reward ?? 0
            return result
        }
    }
}
