package import GRPO

extension Group {
    /// The group with the rewards that `reward` gives. Throws what the reward function throws, and
    /// `WrongRewardCount`: a wrong count is never broadcast. Values that are not finite are left for the
    /// learner, which drops such a group with a cause.
    package func scored(by reward: any RewardFunction, columns: String) async throws -> Group {
        let rewards = try await reward.rewards(
            prompt: prompt, completions: completions, columns: columns)
        guard rewards.count == completions.count else {
            throw WrongRewardCount(
                function: reward.name, count: rewards.count, expected: completions.count)
        }
        var scored = self
        for (index, value) in rewards.enumerated() { scored.completions[index].reward = value }
        return scored
    }
}

/// A reward function answered with another number of rewards than there are completions.
package struct WrongRewardCount: Error, CustomStringConvertible {
    package var function: String
    package var count: Int
    package var expected: Int

    package var description: String {
        "reward \(function) answered with \(count) rewards for \(expected) completions; it must give one each"
    }
}
