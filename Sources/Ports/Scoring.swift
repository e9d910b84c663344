package import GRPO

/// Gives groups their rewards: what a worker or the learner scores with.
package protocol GroupScorer: Sendable {
    /// The reward functions in the order of `Completion.rewards`, as they stand in metrics:
    /// `rewards/{name}/mean`.
    var rewardNames: [String] { get }
    /// The group with its rewards, or with a `scoringFailure`. `columns` is the ticket's JSON object.
    /// Values that are not finite are left for the learner, which drops such a group with a cause. Throws
    /// where no group could be scored any more.
    func scored(_ group: Group, columns: String) async throws -> Group
}

extension GroupScorer {
    /// The groups with their rewards, in order. All at once: a reward program may judge them beside each
    /// other. `columns`: one JSON object per group.
    package func scored(_ groups: [Group], columns: [String]) async throws -> [Group] {
        precondition(groups.count == columns.count, "every group has its row's columns")
        return try await withThrowingTaskGroup(of: (Int, Group).self) { tasks in
            for (index, group) in groups.enumerated() {
                let columns = columns[index]
                tasks.addTask { (index, try await scored(group, columns: columns)) }
            }
            var result = groups
            for try await (index, group) in tasks { result[index] = group }
            return result
        }
    }
}

/// Judges completions by one measure. Wrong count or non-finite values are the caller's to refuse.
package protocol RewardFunction: GroupScorer {
    var name: String { get }
    /// One reward per completion, in order; `nil`: the function does not apply to it. `columns` is the
    /// ticket's JSON object.
    func rewards(prompt: [Int32], completions: [Completion], columns: String) async throws
        -> [Double?]
}

// A reward function alone scores a group with weight 1.

extension RewardFunction {
    package var rewardNames: [String] { [name] }

    package func scored(_ group: Group, columns: String) async throws -> Group {
        let rewards = try await rewards(for: group, columns: columns)
        return group.rewarded([rewards], weights: [1])
    }

    /// One reward per completion of `group`. Throws what the function throws, and `WrongRewardCount`: a
    /// wrong count is never broadcast.
    package func rewards(for group: Group, columns: String) async throws -> [Double?] {
        let rewards = try await rewards(
            prompt: group.prompt, completions: group.completions, columns: columns)
        guard rewards.count == group.completions.count else {
            throw WrongRewardCount(
                function: name, count: rewards.count, expected: group.completions.count)
        }
        return rewards
    }
}

extension Group {
    /// The group with the rewards of `table`, (functions, G), and their weighted sums.
    package func rewarded(_ table: [[Double?]], weights: [Double]) -> Group {
        precondition(
            table.count == weights.count && table.allSatisfy { $0.count == completions.count },
            "every function has a weight, and a reward for every completion")
        var group = self
        for index in completions.indices {
            let rewards = table.map { $0[index] }
            group.completions[index].rewards = rewards
            group.completions[index].reward = weightedSum(rewards, weights: weights)
        }
        return group
    }
}

/// Σ w·r over the functions that apply, in their order; NaN where none does, for no number would be the
/// function's word. TRL's `reward_weights`.
package func weightedSum(_ rewards: [Double?], weights: [Double]) -> Double {
    // Starting with the first term and not with 0 keeps the sign of a reward of −0.
    var sum: Double?
    for (reward, weight) in zip(rewards, weights) {
        guard let reward else { continue }
        sum = sum.map { $0 + weight * reward } ?? weight * reward
    }
    return sum ?? .nan
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
