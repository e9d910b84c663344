internal import Tokenization

/// One completion to be judged by a reward program: what `protocols/reward-jsonl.md` calls an item.
package struct RewardRequest: Hashable, Sendable {
    /// The prompt's tokens as text, special ones included.
    package var prompt: String
    /// Without special tokens.
    package var completion: String
    /// Of the completion, the stop token included.
    package var tokens: Int
    /// "stop" or "length".
    package var finishReason: String
    /// The data row's columns as one JSON object.
    package var columns: String
    /// Which completion of which group, for messages.
    package var place: String

    package init(
        prompt: String, completion: String, tokens: Int, finishReason: String, columns: String,
        place: String
    ) {
        self.prompt = prompt
        self.completion = completion
        self.tokens = tokens
        self.finishReason = finishReason
        self.columns = columns
        self.place = place
    }

    /// The request as one JSON object. `deadline` is in whole milliseconds.
    func json(id: String, deadline: Int) -> String {
        var text = "{\"v\":\(RewardHello.version),\"id\":"
        writeJSONString(id, to: &text)
        text += ",\"prompt\":"
        writeJSONString(prompt, to: &text)
        text += ",\"completion\":"
        writeJSONString(completion, to: &text)
        text += ",\"columns\":\(columns.isEmpty ? "{}" : columns)"
        text += ",\"tokens\":\(tokens),\"finish_reason\":\"\(finishReason)\""
        return text + ",\"deadline_ms\":\(deadline)}"
    }
}
