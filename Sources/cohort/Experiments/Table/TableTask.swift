/// A task for a policy that is a table: a few prompts, short completions over a few tokens, and a reward
/// that a function computes. Token 0 ends a completion.
package struct TableTask: Sendable {
    package static let stop: Int32 = 0

    package var promptCount: Int
    /// Tokens, the stop token included.
    package var vocabulary: Int
    /// Tokens of the longest completion.
    package var limit: Int
    /// Of a completion of a prompt, by its number.
    package var reward: @Sendable (_ prompt: Int, _ tokens: [Int32]) -> Double

    package init(
        promptCount: Int, vocabulary: Int, limit: Int,
        reward: @escaping @Sendable (_ prompt: Int, _ tokens: [Int32]) -> Double
    ) {
        precondition(promptCount >= 1 && vocabulary >= 2 && limit >= 1, "a task has something to do")
        self.promptCount = promptCount
        self.vocabulary = vocabulary
        self.limit = limit
        self.reward = reward
    }
}

extension TableTask {
    /// Sums of two numbers below `base`, written as two digits and the stop token. A third of the reward
    /// for each token that is right, up to the first wrong one; 1 for the whole answer.
    package static func sums(base: Int = 5) -> TableTask {
        let answers = Self.answers(base: base)
        return TableTask(promptCount: answers.count, vocabulary: base + 1, limit: 3) { prompt, tokens in
            Double(zip(tokens, answers[prompt]).prefix { $0 == $1 }.count) / 3
        }
    }

    /// The tokens of every right answer: digit d is token d + 1.
    package static func answers(base: Int) -> [[Int32]] {
        (0..<base).flatMap { first in
            (first..<base).map { second in
                let sum = first + second
                return [Int32(sum / base + 1), Int32(sum % base + 1), stop]
            }
        }
    }

    /// One decision between arms: completions of one token, arm by arm.
    package static func bandit(rewards: [Double]) -> TableTask {
        TableTask(promptCount: 1, vocabulary: rewards.count, limit: 1) { _, tokens in
            rewards[Int(tokens[0])]
        }
    }

    /// The task of one of its prompts.
    package func only(prompt: Int) -> TableTask {
        var task = self
        let reward = self.reward
        task.promptCount = 1
        task.reward = { reward(prompt, $1) }
        return task
    }

    /// The same task with `offset` added to every reward.
    package func offset(by offset: Double) -> TableTask {
        var task = self
        let reward = self.reward
        task.reward = { reward($0, $1) + offset }
        return task
    }
}
