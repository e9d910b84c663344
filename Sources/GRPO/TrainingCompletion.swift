/// What the loss knows of a completion before the forward pass.
public struct TrainingCompletion: Hashable, Sendable {
    public var id: CompletionID
    /// A, of the whole completion.
    public var advantage: Double
    /// ℓ_behavior as stored when the token was sampled; (tokens), nats.
    public var behaviorLogprobs: [Float]
    /// ℓ_ref; (tokens), nats. Empty where β = 0.
    public var referenceLogprobs: [Float]
    /// Which tokens count; (tokens). `nil`: all. What is masked out is never read, so it may be anything.
    public var lossMask: [Bool]?

    public init(
        id: CompletionID, advantage: Double, behaviorLogprobs: [Float],
        referenceLogprobs: [Float] = [], lossMask: [Bool]? = nil
    ) {
        self.id = id
        self.advantage = advantage
        self.behaviorLogprobs = behaviorLogprobs
        self.referenceLogprobs = referenceLogprobs
        self.lossMask = lossMask
    }

    /// Number of tokens, masked or not.
    public var tokenCount: Int { behaviorLogprobs.count }

    /// Number of tokens that count.
    public var lossTokenCount: Int {
        guard let lossMask else { return tokenCount }
        return lossMask.reduce(0) { $0 + ($1 ? 1 : 0) }
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
    /// of (tokens), or empty where β = 0.
    public func trainingCompletions(
        advantages: [Double], referenceLogprobs: [[Float]] = []
    ) -> [TrainingCompletion] {
        precondition(
            advantages.count == completions.count
                && (referenceLogprobs.isEmpty || referenceLogprobs.count == completions.count),
            "a group of \(completions.count) needs as many advantages and reference scores")
        return completions.indices.map { index in
            TrainingCompletion(
                id: CompletionID(ticket: key, sample: UInt32(index)), advantage: advantages[index],
                behaviorLogprobs: completions[index].behaviorLogprobs,
                referenceLogprobs: referenceLogprobs.isEmpty ? [] : referenceLogprobs[index])
        }
    }
}
