/// One sampled completion, with TRL's column names where TRL has the column.
package struct CompletionRow: Sendable {
    package var step: Int
    package var prompt: String
    package var completion: String
    /// The weighted sum, written where there are several reward functions.
    package var reward: Double?
    /// One column per reward function, in this order; `nil`: not applicable.
    package var rewards: [(name: String, value: Double?)]
    package var advantage: Double?
    package var groupID: String
    /// Number of the snapshot that the completion was sampled from.
    package var policyVersion: UInt64
    package var worker: String
    package var seed: UInt64
    /// "stop" or "length".
    package var finishReason: String

    package init(
        step: Int, prompt: String, completion: String, reward: Double? = nil,
        rewards: [(name: String, value: Double?)],
        advantage: Double?, groupID: String, policyVersion: UInt64, worker: String, seed: UInt64,
        finishReason: String
    ) {
        self.step = step
        self.prompt = prompt
        self.completion = completion
        self.reward = reward
        self.rewards = rewards
        self.advantage = advantage
        self.groupID = groupID
        self.policyVersion = policyVersion
        self.worker = worker
        self.seed = seed
        self.finishReason = finishReason
    }

    private static let columns: Set<String> = [
        "step", "prompt", "completion", "reward", "advantage", "group_id", "policy_version", "worker", "seed",
        "finish_reason",
    ]

    package var json: String {
        var object = JSONObjectText()
        object.add("step", step)
        object.add("prompt", prompt)
        object.add("completion", completion)
        for reward in rewards {
            // A reward function may be called like a column; two members of one name would hide
            // one.
            let isTaken = Self.columns.contains(reward.name)
            object.add(isTaken ? "rewards/\(reward.name)" : reward.name, reward.value)
        }
        if rewards.count > 1, let reward { object.add("reward", reward) }
        object.add("advantage", advantage)
        object.add("group_id", groupID)
        object.add("policy_version", policyVersion)
        object.add("worker", worker)
        object.add("seed", seed)
        object.add("finish_reason", finishReason)
        return object.text
    }
}

/// Writes `completions.jsonl`, one completion per line.
package struct CompletionsWriter: Sendable {
    private let file: JSONLinesFile

    /// A run resumed after `lastStep` drops rows of later steps, which will be written again.
    package init(path: String, keepingThrough lastStep: Int? = nil) throws(CommandFailure) {
        file = try JSONLinesFile(path: path, keepingThrough: lastStep)
    }

    /// Writes all rows or none.
    package func write(_ rows: [CompletionRow]) throws(CommandFailure) {
        try file.append(rows.map(\.json))
    }
}
