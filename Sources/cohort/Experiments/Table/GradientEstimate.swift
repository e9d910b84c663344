import Foundation
package import GRPO

/// The policy gradient's estimate from one group: (1/G) Σ_i A_i Σ_t ∇ℓ_it, by `GRPO`'s objective at
/// ratio 1.
package struct GradientEstimate: Sendable {
    package let task: TableTask
    package let groupSize: Int
    private let logprobs: TableLogprobs
    private let loss: TableLoss
    private let values: TableValues?

    /// `task` has one prompt. Where the baseline is a value function, it is exact.
    package init(
        _ task: TableTask, policy: TablePolicy, settings: AlgorithmSettings, groupSize: Int
    ) {
        var settings = settings
        // The mean over completions of the sum over tokens.
        settings.objective.lossType = .luspo
        precondition(task.promptCount == 1, "the estimate is of one prompt")
        self.task = task
        self.groupSize = groupSize
        logprobs = policy.logprobs()
        loss = TableLoss(settings, reference: logprobs)
        values = settings.advantage.baseline.needsValues ? TableValues(exact: task, logprobs) : nil
    }

    /// Of the group that seed and draw number name.
    package func draw(seed: UInt64, number: UInt32) throws -> [Double] {
        try estimate(
            task.group(from: logprobs, prompt: 0, groupSize: groupSize, seed: seed, step: number))
    }

    /// Of any group.
    package func estimate(_ group: Group) throws -> [Double] {
        let batch = try loss.batch([group], proximal: logprobs, values: values)
        // The objective is a loss.
        return try loss.gradient(batch[...], at: logprobs).gradient.map { -$0 }
    }

    /// ∇E[r].
    package var exact: [Double] { logprobs.rewardGradient(task, prompt: 0) }

    /// The first two moments of `count` draws of one seed.
    package func moments(seed: UInt64, count: Int) throws -> VectorMoments {
        var moments = VectorMoments(dimensions: logprobs.values.count)
        for number in 0..<UInt32(count) { moments.add(try draw(seed: seed, number: number)) }
        return moments
    }
}

extension GradientEstimate {
    /// E‖g − E g‖² over all groups of a bandit, without sampling.
    package func exactTotalVariance() throws -> Double {
        precondition(task.limit == 1, "groups of single tokens can be counted")
        var (mean, square) = ([Double](repeating: 0, count: logprobs.values.count), 0.0)
        try forEachGroup { group, probability in
            let estimate = try self.estimate(group)
            for index in mean.indices { mean[index] += probability * estimate[index] }
            square += probability * estimate.reduce(0) { $0 + $1 * $1 }
        }
        return square - mean.reduce(0) { $0 + $1 * $1 }
    }

    private func forEachGroup(_ body: (Group, Double) throws -> Void) throws {
        let arms = task.vocabulary
        let count = (0..<groupSize).reduce(1) { product, _ in product * arms }
        for number in 0..<count {
            var (rest, probability, completions) = (number, 1.0, [Completion]())
            for _ in 0..<groupSize {
                let token = Int32(rest % arms)
                rest /= arms
                let logprob = logprobs[0, token]
                probability *= exp(logprob)
                completions.append(
                    Completion(
                        tokens: [token], behaviorLogprobs: [Float(logprob)], keptLogMasses: [0],
                        finishReason: .stop, reward: task.reward(0, [token])))
            }
            let key = TicketKey(pass: 0, promptIndex: 0, attempt: UInt32(number))
            try body(
                Group(
                    key: key, ordinal: 0, version: PolicyVersion(incarnation: 0, number: 0),
                    prompt: [0], completions: completions), probability)
        }
    }
}
