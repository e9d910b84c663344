extension TablePolicy {
    /// A policy for `TableTask.sums` that has learnt something: logits of the right tokens on the way of
    /// the right answer are raised by `skill` above all others.
    package init(sums base: Int = 5, skill: Double) {
        self.init(.sums(base: base))
        for (prompt, answer) in TableTask.answers(base: base).enumerated() {
            for (row, token) in zip(rows(prompt: prompt, tokens: answer), answer) {
                logits[row * vocabulary + Int(token)] += skill
            }
        }
    }

    /// Raises the logit of `token` as the first token of every completion.
    package mutating func prefer(first token: Int32, by amount: Double) {
        for prompt in 0..<promptCount {
            logits[row(prompt: prompt, position: 0, previous: nil) * vocabulary + Int(token)] += amount
        }
    }

    /// The policy of one prompt alone.
    package func only(prompt: Int) -> TablePolicy {
        let width = rowsPerPrompt * vocabulary
        var policy = TablePolicy(promptCount: 1, vocabulary: vocabulary, limit: limit)
        policy.logits = Array(logits[prompt * width..<(prompt + 1) * width])
        return policy
    }
}
