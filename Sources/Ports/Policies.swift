package import GRPO

/// The behaviour policy as a rollout worker sees it.
package protocol SamplingPolicy: Sendable {
    /// Loads the snapshot's weights. Until it returns, sampling uses the previous ones.
    func adopt(_ snapshot: Snapshot) async throws

    /// Samples `groupSize` completions for each ticket from the adopted weights, unscored, in the order
    /// of `tickets`. The result is a pure function of weights, seed and ticket key.
    func sample(
        _ tickets: [Ticket], groupSize: Int, parameters: SamplingParameters, seed: UInt64
    ) async throws -> [Group]
}

/// A prompt with its completions as token ids: what training and scoring take. The prompt is computed
/// once for all its completions.
package struct TokenGroup: Hashable, Sendable {
    package var prompt: [Int32]
    package var completions: [[Int32]]

    package init(prompt: [Int32], completions: [[Int32]]) {
        self.prompt = prompt
        self.completions = completions
    }

    package init(_ group: Group) {
        self.init(prompt: group.prompt, completions: group.completions.map(\.tokens))
    }
}
