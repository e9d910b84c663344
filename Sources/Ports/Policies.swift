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

/// What a forward pass says of each completion token of some groups, flat in the order group →
/// completion → token.
package struct TokenScores: Sendable {
    /// log-softmax(logits / temperature) at the token over the full vocabulary; nats.
    package var logprobs: [Float]
    /// Entropy of the same distribution; nats.
    package var entropies: [Float]

    package init(logprobs: [Float], entropies: [Float]) {
        self.logprobs = logprobs
        self.entropies = entropies
    }
}

/// ∂loss/∂logprob of each completion token of a block, in `TokenScores` order, and whatever the loss
/// wants to report.
package struct BlockGradient<Report: Sendable>: Sendable {
    package var gradient: [Float]
    package var report: Report

    package init(gradient: [Float], report: Report) {
        self.gradient = gradient
        self.report = report
    }
}

/// Which weights score.
package enum ScoredPolicy: Sendable { case current, reference }

/// The policy being trained, as the learner sees it.
package protocol TrainablePolicy: Sendable {
    /// Log-probabilities of all completion tokens of `groups`, forward only.
    func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) async throws -> TokenScores

    /// One optimiser step. `groups` is cut into blocks of consecutive whole groups, fixed by the data;
    /// for each block `loss` receives the range of groups and their scores under the current weights and
    /// answers with the gradient. Block gradients are summed in order, clipped to `maxGradNorm` (≤ 0:
    /// not clipped) and applied by AdamW. `loss` may be called on several threads at once.
    ///
    /// Throws `NonFiniteGradient` and leaves weights and optimiser state as they were if the gradient's
    /// norm is not finite.
    func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) async throws -> OptimizerStep<Report>

    /// The current weights as a safetensors image.
    func exportWeights() async throws -> [UInt8]
    /// Optimiser moments and step counter as a safetensors image.
    func exportOptimizer() async throws -> [UInt8]
    /// Puts both back, bit for bit.
    func restore(weights: [UInt8], optimizer: [UInt8]?) async throws
}

package struct OptimizerStep<Report: Sendable>: Sendable {
    /// The loss's reports, in block order.
    package var reports: [Report]
    /// L2 norm of the whole gradient before clipping.
    package var gradNorm: Double

    package init(reports: [Report], gradNorm: Double) {
        self.reports = reports
        self.gradNorm = gradNorm
    }
}

/// The gradient of a minibatch overflowed or is not a number.
package struct NonFiniteGradient: Error, CustomStringConvertible {
    package init() {}
    package var description: String {
        "the gradient is not finite; lower learning_rate or max_grad_norm"
    }
}
