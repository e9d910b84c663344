/// What a group's completions earned, and the values that stand in for a baseline.
public struct GroupRewards: Hashable, Sendable {
    /// (G, functions). `nil`: the function does not apply to that completion.
    public var rewards: [[Double?]]
    /// V(s_t) at each token, as it was before the step: (G) lists of (tokens). Empty where no baseline
    /// needs it.
    public var values: [[Double]]

    public init(rewards: [[Double?]], values: [[Double]] = []) {
        self.rewards = rewards
        self.values = values
    }

    /// One reward function. (G).
    public init(_ rewards: [Double], values: [[Double]] = []) {
        self.init(rewards: rewards.map { [$0] }, values: values)
    }

    /// G.
    public var count: Int { rewards.count }

    /// Σ_k w_k r_k over the functions that apply; `nil` where none does. Empty `weights`: all 1.
    public func totals(weights: [Double]) -> [Double?] {
        rewards.map { row in
            guard row.contains(where: { $0 != nil }) else { return nil }
            return row.enumerated().reduce(0.0) { sum, item in
                guard let value = item.element else { return sum }
                return sum + (weights.isEmpty ? value : weights[item.offset] * value)
            }
        }
    }
}

/// A completion's advantage: one number, or one for each of its tokens.
public enum CompletionAdvantage: Hashable, Sendable {
    case whole(Double)
    case tokens([Double])

    /// The one number; `nil` where tokens differ.
    public var value: Double? {
        if case .whole(let value) = self { value } else { nil }
    }

    /// (tokens).
    public func perToken(count: Int) -> [Double] {
        switch self {
        case .whole(let value): [Double](repeating: value, count: count)
        case .tokens(let values): values
        }
    }
}
