package import GRPO
package import Ports

/// Rewards that cannot be used.
package struct RewardError: Error, Hashable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        /// Rewards go to completions by place, so a wrong count would give them to the wrong ones.
        case wrongCount(expected: Int, found: Int)
        /// `value` is "nan", "inf" or "-inf".
        case notFinite(completion: Int, value: String)
        case unusableColumns(String)
    }

    package var reward: String
    package var problem: Problem

    package init(reward: String, problem: Problem) {
        self.reward = reward
        self.problem = problem
    }

    package var description: String {
        switch problem {
        case .wrongCount(let expected, let found):
            "the reward \"\(reward)\" gave \(found) values for \(expected) completions; it must give "
                + "one each"
        case .notFinite(let completion, let value):
            "the reward \"\(reward)\" gave \(value) for completion \(completion); rewards must be finite"
        case .unusableColumns(let reason):
            "the reward \"\(reward)\" cannot use the row's columns: \(reason)"
        }
    }
}

extension RewardFunction {
    /// As `rewards`, with the answer checked: one value per completion, finite or none. Throws `RewardError`, and
    /// whatever the function throws.
    package func checkedRewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] {
        let values = try await rewards(prompt: prompt, completions: completions, columns: columns)
        guard values.count == completions.count else {
            throw RewardError(
                reward: name,
                problem: .wrongCount(expected: completions.count, found: values.count))
        }
        for (index, value) in values.enumerated() {
            guard let value, !value.isFinite else { continue }
            throw RewardError(
                reward: name, problem: .notFinite(completion: index, value: "\(value)"))
        }
        return values
    }
}

/// How well a policy does on held-out prompts.
package struct Evaluation: Hashable, Sendable {
    package private(set) var count = 0
    private var sum = 0.0

    package init() {}

    /// Adds the rewards of one prompt's completions.
    package mutating func add(_ rewards: [Double]) {
        count += rewards.count
        sum += rewards.reduce(0, +)
    }

    /// Mean reward, which is the share of right answers where rewards are 0 and 1; `nil` before the
    /// first completion.
    package var accuracy: Double? { count > 0 ? sum / Double(count) : nil }
}
