/// Why a loss could not be computed.
public enum ObjectiveError: Error, Hashable {
    /// Which of a token's numbers.
    public enum Quantity: String, Hashable, Sendable {
        case logprobs, behaviorLogprobs, proximalLogprobs, referenceLogprobs, lossMask, entropies
        case divergences, values, advantages
    }

    /// A configuration value is negative or not finite, or outside its range.
    case badParameter(name: String, value: Double)
    /// Configuration words that have no meaning together.
    case badCombination(String)
    /// A list has another length than the completion has tokens.
    case wrongCount(CompletionID, Quantity, count: Int, expected: Int)
    /// The block's flat list has another length than its completions have tokens together.
    case wrongTotal(Quantity, count: Int, expected: Int)
    /// A number is NaN or infinite at a token that counts.
    case nonFinite(CompletionID, Quantity, token: Int, value: Double)
    /// The advantage is NaN or infinite.
    case nonFiniteAdvantage(CompletionID, Double)
    /// The reward that the value head learns is NaN or infinite.
    case nonFiniteReward(CompletionID, Double)
    /// Advantages differ by token, but the ratio is of the whole completion.
    case tokenAdvantages(CompletionID, ImportanceSamplingLevel)
    /// All inputs are finite, the completion's loss or gradient is not.
    case nonFiniteLoss(CompletionID)
}

extension ObjectiveError: CustomStringConvertible {
    public var description: String { message { "completion (\($0))" } }

    /// The sentence, with completions called as `name` has it.
    public func message(naming name: (CompletionID) -> String) -> String {
        switch self {
        case .badParameter(let name, let value):
            switch name {
            case "dual_clip": "dual_clip is \(value); it bounds ratios above 1, so it must be above 1"
            case "top_entropy_quantile":
                "top_entropy_quantile is \(value); it is a share, above 0 and at most 1"
            default: "\(name) is \(value); it must be finite and not negative"
            }
        case .badCombination(let problem): problem
        case .wrongCount(let id, let quantity, let count, let expected):
            "\(name(id)) has \(expected) tokens but \(count) \(quantity.rawValue); "
                + "every token needs one"
        case .wrongTotal(let quantity, let count, let expected):
            "the block's completions have \(expected) tokens but \(count) \(quantity.rawValue); "
                + "score exactly these completions, in this order"
        case .nonFinite(let id, let quantity, let token, let value):
            "token \(token) of \(name(id)) has \(value) in \(quantity.rawValue); "
                + "a token that counts needs finite numbers: drop its group"
        case .nonFiniteAdvantage(let id, let value):
            "the advantage of \(name(id)) is \(value); drop its group"
        case .nonFiniteReward(let id, let value):
            "the reward of \(name(id)) is \(value), and the value head cannot learn it; drop its group"
        case .tokenAdvantages(let id, let level):
            "\(name(id)) has advantages that differ by token, which a ratio of the whole completion "
                + "(importance_sampling_level \"\(level.rawValue)\") cannot tell apart; "
                + "use \"token\" or \"sequence_token\""
        case .nonFiniteLoss(let id):
            "the loss of \(name(id)) is not finite although its inputs are; "
                + "look for an enormous advantage or beta, or set log_ratio_clamp and kl_input_clamp"
        }
    }
}
