package import GRPO

/// V(s): the reward expected in each state of a table policy; starts at 0 and learns by regression.
package struct TableValues: Sendable {
    private var values: [Double]
    private let learningRate: Double

    package init(_ policy: TablePolicy, learningRate: Double) {
        values = [Double](repeating: 0, count: policy.rowCount)
        self.learningRate = learningRate
    }

    /// E[r] given the state, for a task of one prompt: what a perfect value function says.
    package init(exact task: TableTask, _ logprobs: TableLogprobs) {
        self.init(logprobs.policy, learningRate: 0)
        var visits = values
        logprobs.forEachCompletion(prompt: 0) { tokens, probability in
            let reward = task.reward(0, tokens)
            for row in logprobs.policy.rows(prompt: 0, tokens: tokens) {
                values[row] += probability * reward
                visits[row] += probability
            }
        }
        for row in values.indices where visits[row] > 0 { values[row] /= visits[row] }
    }

    package subscript(row: Int) -> Double { values[row] }

    /// One step of descent on ½(r − V)², averaged over the visits of each state.
    package mutating func learn(from groups: [Group], policy: TablePolicy) {
        var sums = [Double](repeating: 0, count: values.count)
        var visits = sums
        for group in groups {
            for completion in group.completions {
                for row in policy.rows(prompt: Int(group.prompt[0]), tokens: completion.tokens) {
                    sums[row] += (completion.reward ?? 0) - values[row]
                    visits[row] += 1
                }
            }
        }
        for row in values.indices where visits[row] > 0 {
            values[row] += learningRate * sums[row] / visits[row]
        }
    }
}
