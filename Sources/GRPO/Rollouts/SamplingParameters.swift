/// How completions are sampled. Names and defaults are TRL's (`temperature`, `top_k`, `top_p`,
/// `max_completion_length`).
public struct SamplingParameters: Hashable, Sendable, Codable {
    /// 0 means greedy: the token of highest logit, the lowest id on ties.
    public var temperature: Float
    /// 0: off.
    public var topK: Int
    /// 1: off.
    public var topP: Float
    public var maxCompletionLength: Int
    /// Ids that end a completion.
    public var stopTokens: [Int32]

    public init(
        temperature: Float = 1, topK: Int = 0, topP: Float = 1, maxCompletionLength: Int,
        stopTokens: [Int32]
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.maxCompletionLength = maxCompletionLength
        self.stopTokens = stopTokens
    }
}
