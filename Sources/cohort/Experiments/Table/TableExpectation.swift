import Foundation
import GRPO

/// Expectations under a table policy, by going through all completions: no sampling noise.
extension TableLogprobs {
    /// Calls `body` with every completion of a prompt and its probability.
    package func forEachCompletion(
        prompt: Int, _ body: (_ tokens: [Int32], _ probability: Double) -> Void
    ) {
        extend([], prompt: prompt, probability: 1, body)
    }

    private func extend(
        _ tokens: [Int32], prompt: Int, probability: Double, _ body: ([Int32], Double) -> Void
    ) {
        guard tokens.count < policy.limit, tokens.last != TableTask.stop else {
            return body(tokens, probability)
        }
        let row = policy.row(prompt: prompt, position: tokens.count, previous: tokens.last)
        for token in 0..<Int32(policy.vocabulary) {
            extend(tokens + [token], prompt: prompt, probability: probability * exp(self[row, token]), body)
        }
    }

    /// E[value] of one prompt.
    package func expectation(
        prompt: Int, of value: (_ prompt: Int, _ tokens: [Int32]) -> Double
    ) -> Double {
        var sum = 0.0
        forEachCompletion(prompt: prompt) { sum += $1 * value(prompt, $0) }
        return sum
    }

    /// E[value], averaged over prompts.
    package func expectation(of value: (_ prompt: Int, _ tokens: [Int32]) -> Double) -> Double {
        (0..<policy.promptCount).reduce(0) { $0 + expectation(prompt: $1, of: value) }
            / Double(policy.promptCount)
    }

    /// KL(π‖π_ref) of whole completions, averaged over prompts; nats.
    package func divergence(from reference: TableLogprobs) -> Double {
        expectation { prompt, tokens in
            zip(policy.rows(prompt: prompt, tokens: tokens), tokens).reduce(0) { sum, place in
                sum + self[place.0, place.1] - reference[place.0, place.1]
            }
        }
    }

    /// Σ_v π(v) ln(π(v)/π_ref(v)) in one state; nats.
    package func divergence(from reference: TableLogprobs, row: Int) -> Double {
        (0..<Int32(policy.vocabulary)).reduce(0) { sum, token in
            sum + exp(self[row, token]) * (self[row, token] - reference[row, token])
        }
    }

    /// Adds `coefficient` · ∂KL/∂logits of one state: π(v)·(ln(π(v)/π_ref(v)) − KL).
    package func addDivergenceGradient(
        from reference: TableLogprobs, row: Int, coefficient: Double, to gradient: inout [Double]
    ) {
        let divergence = divergence(from: reference, row: row)
        for token in 0..<Int32(policy.vocabulary) {
            let excess = self[row, token] - reference[row, token] - divergence
            gradient[row * policy.vocabulary + Int(token)] +=
                coefficient * exp(self[row, token]) * excess
        }
    }

    /// The exact policy gradient ∇E[r] of one prompt: (rows, vocabulary).
    package func rewardGradient(_ task: TableTask, prompt: Int) -> [Double] {
        var gradient = [Double](repeating: 0, count: values.count)
        forEachCompletion(prompt: prompt) { tokens, probability in
            let weight = probability * task.reward(prompt, tokens)
            for (row, token) in zip(policy.rows(prompt: prompt, tokens: tokens), tokens) {
                addGradient(row: row, token: token, coefficient: weight, to: &gradient)
            }
        }
        return gradient
    }
}
