/// Why a loss could not be computed.
public enum ObjectiveError: Error, Hashable {
    /// Which of a token's numbers.
    public enum Quantity: String, Hashable, Sendable {
        case logprobs, behaviorLogprobs, referenceLogprobs, lossMask, entropies
    }

    /// A configuration value is negative or not finite.
    case badParameter(name: String, value: Double)
    /// A list has another length than the completion has tokens.
    case wrongCount(CompletionID, Quantity, count: Int, expected: Int)
    /// The block's flat list has another length than its completions have tokens together.
    case wrongTotal(Quantity, count: Int, expected: Int)
    /// A number is NaN or infinite at a token that counts.
    case nonFinite(CompletionID, Quantity, token: Int, value: Double)
    /// The advantage is NaN or infinite.
    case nonFiniteAdvantage(CompletionID, Double)
    /// All inputs are finite, the completion's loss or gradient is not.
    case nonFiniteLoss(CompletionID)
}

extension ObjectiveError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badParameter(let name, let value):
            "\(name) is \(value); it must be finite and not negative"
        case .wrongCount(let id, let quantity, let count, let expected):
            "completion (\(id)) has \(expected) tokens but \(count) \(quantity.rawValue); "
                + "every token needs one"
        case .wrongTotal(let quantity, let count, let expected):
            "the block's completions have \(expected) tokens but \(count) \(quantity.rawValue); "
                + "score exactly these completions, in this order"
        case .nonFinite(let id, let quantity, let token, let value):
            "token \(token) of completion (\(id)) has \(value) in \(quantity.rawValue); "
                + "a token that counts needs finite numbers: drop its group"
        case .nonFiniteAdvantage(let id, let value):
            "the advantage of completion (\(id)) is \(value); drop its group"
        case .nonFiniteLoss(let id):
            "the loss of completion (\(id)) is not finite although its inputs are; "
                + "look for an enormous advantage or beta"
        }
    }
}
