import Foundation
package import GRPO

/// The smallest autoregressive policy: a softmax over the vocabulary for every prompt, position and
/// previous token. All of its expectations and gradients have closed forms.
package struct TablePolicy: Hashable, Sendable {
    package let promptCount: Int
    package let vocabulary: Int
    package let limit: Int
    /// (rows, vocabulary); all 0 is the uniform policy.
    package var logits: [Double]

    /// The uniform policy of a task.
    package init(_ task: TableTask) {
        self.init(
            promptCount: task.promptCount, vocabulary: task.vocabulary, limit: task.limit)
    }

    init(promptCount: Int, vocabulary: Int, limit: Int) {
        self.promptCount = promptCount
        self.vocabulary = vocabulary
        self.limit = limit
        let rows = promptCount * (1 + (limit - 1) * (vocabulary - 1))
        logits = [Double](repeating: 0, count: rows * vocabulary)
    }

    /// Rows of one prompt: one for the first token, one per previous token that is not the stop token
    /// for each later position.
    package var rowsPerPrompt: Int { 1 + (limit - 1) * (vocabulary - 1) }
    package var rowCount: Int { promptCount * rowsPerPrompt }

    /// The state in which the token at `position` is chosen.
    package func row(prompt: Int, position: Int, previous: Int32?) -> Int {
        let start = prompt * rowsPerPrompt
        guard position > 0, let previous else { return start }
        return start + 1 + (position - 1) * (vocabulary - 1) + Int(previous) - 1
    }

    /// The states that a completion goes through: (tokens).
    package func rows(prompt: Int, tokens: [Int32]) -> [Int] {
        tokens.indices.map { position in
            row(prompt: prompt, position: position, previous: position > 0 ? tokens[position - 1] : nil)
        }
    }

    /// ln π of every token in every state.
    package func logprobs() -> TableLogprobs { TableLogprobs(self) }
}

/// log-softmax of all rows: (rows, vocabulary), nats.
package struct TableLogprobs: Sendable {
    package let policy: TablePolicy
    package private(set) var values: [Double]

    fileprivate init(_ policy: TablePolicy) {
        self.policy = policy
        values = policy.logits
        let width = policy.vocabulary
        for start in stride(from: 0, to: values.count, by: width) {
            let row = start..<start + width
            let largest = values[row].reduce(-Double.infinity, max)
            let sum = largest + log(values[row].reduce(0) { $0 + exp($1 - largest) })
            for index in row { values[index] -= sum }
        }
    }

    package subscript(row: Int, token: Int32) -> Double { values[row * policy.vocabulary + Int(token)] }

    /// ℓ of each token, rounded to float32 as a sampler stores it and a network computes it.
    package func rounded(rows: [Int], tokens: [Int32]) -> [Double] {
        zip(rows, tokens).map { Double(Float(self[$0, $1])) }
    }

    /// Samples one completion; a pure function of the weights and the key.
    package func sample(prompt: Int, key: SampleKey) -> Completion {
        var tokens: [Int32] = []
        var logprobs: [Float] = []
        while tokens.count < policy.limit, tokens.last != TableTask.stop {
            let row = policy.row(prompt: prompt, position: tokens.count, previous: tokens.last)
            let token = choose(row: row, uniform: Double(key.uniform(position: UInt32(tokens.count))))
            tokens.append(token)
            logprobs.append(Float(self[row, token]))
        }
        return Completion(
            tokens: tokens, behaviorLogprobs: logprobs,
            keptLogMasses: [Float](repeating: 0, count: tokens.count),
            finishReason: tokens.last == TableTask.stop ? .stop : .length)
    }

    private func choose(row: Int, uniform: Double) -> Int32 {
        var rest = uniform
        for token in 0..<Int32(policy.vocabulary) {
            rest -= exp(self[row, token])
            if rest < 0 { return token }
        }
        return Int32(policy.vocabulary - 1)
    }

    /// Adds `coefficient` · ∂ℓ(token)/∂logits: 1[v = token] − π(v).
    package func addGradient(
        row: Int, token: Int32, coefficient: Double, to gradient: inout [Double]
    ) {
        let start = row * policy.vocabulary
        for index in start..<start + policy.vocabulary {
            gradient[index] -= coefficient * exp(values[index])
        }
        gradient[start + Int(token)] += coefficient
    }
}
