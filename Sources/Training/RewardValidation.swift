package import GRPO

/// What the rewards of every scored group must be like.
package struct RewardValidation: Hashable, Sendable {
    /// The reward functions, in the order of `Completion.rewards`; empty: any will do.
    package var names: [String]

    package init(names: [String] = []) { self.names = names }

    /// Why `group` cannot be trained on, naming function and completion; `nil` where it can.
    package func defect(of group: Group) -> String? {
        for (index, completion) in group.completions.enumerated() {
            let defect = defect(of: completion, "completion \(index) (\(group.key))")
            if let defect { return defect }
        }
        return nil
    }

    /// `place`: which completion it is, put into words for a defect only.
    private func defect(of completion: Completion, _ place: @autoclosure () -> String) -> String? {
        guard let reward = completion.reward else { return "the reward of \(place()) is missing" }
        let rewards = completion.rewards
        // Where there is one function, its reward may come as the sum alone.
        let isSumAlone = rewards.isEmpty && names.count <= 1
        guard isSumAlone || names.isEmpty || rewards.count == names.count else {
            return "\(place()) has \(rewards.count) rewards for the \(names.count) reward functions "
                + "\(names.joined(separator: ", "))"
        }
        for (name, value) in zip(names, rewards) {
            if let value, !value.isFinite { return "the reward \"\(name)\" of \(place()) is \(value)" }
        }
        if !rewards.isEmpty, rewards.allSatisfy({ $0 == nil }) {
            return "no reward function applies to \(place())"
        }
        return reward.isFinite ? nil : "the reward of \(place()) is \(reward)"
    }
}
