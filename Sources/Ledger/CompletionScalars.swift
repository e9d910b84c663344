internal import GRPO

/// The column `completions` of a group: one JSON object per completion, in order.
enum CompletionScalars {
    static func json(_ completions: [Completion]) -> String {
        var text = "["
        text.reserveCapacity(96 * completions.count)
        var first = 0
        for completion in completions {
            if first > 0 { text += "," }
            text += "{\"first\":\(first),\"tokens\":\(completion.tokens.count),\"reward\":"
            text += number(completion.reward)
            text += ",\"rewards\":["
            for (place, reward) in completion.rewards.enumerated() {
                if place > 0 { text += "," }
                text += number(reward)
            }
            text += "],\"finish_reason\":\"\(name(completion.finishReason))\"}"
            first += completion.tokens.count
        }
        return text + "]"
    }

    /// The shortest digits that read back as the same number. JSON has no NaN and no infinities; they are
    /// strings, so that they differ from "does not apply", which is null.
    private static func number(_ value: Double?) -> String {
        guard let value else { return "null" }
        if value.isFinite { return value.description }
        return value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
    }

    private static func name(_ reason: FinishReason) -> String {
        switch reason {
        case .stop: "stop"
        case .length: "length"
        }
    }
}
