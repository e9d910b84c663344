package import Tokenization

/// One question with its answer.
package struct TaskItem: Hashable, Sendable {
    package var prompt: String
    package var answer: String

    package init(prompt: String, answer: String) {
        self.prompt = prompt
        self.answer = answer
    }
}

/// A task whose items are computed, not read. Items are a pure function of the task's seed.
package protocol ProceduralTask: Sendable {
    /// As it stands on the command line and in metrics.
    static var name: String { get }
    /// Items to train on, in the order of the seed.
    var training: [TaskItem] { get }
    /// Items never trained on; disjoint from `training`.
    var heldOut: [TaskItem] { get }
}

extension ProceduralTask {
    /// Every item of `items` as a prompt with its correct completion: what supervised warm start learns
    /// from. The completion is the answer's tokens and then `stopToken`. Throws `DataError` where the
    /// tokenizer cannot express an item.
    package func workedExamples(
        of items: [TaskItem], tokenizer: Tokenizer, stopToken: Int32
    ) throws(DataError) -> [WorkedExample] {
        var examples: [WorkedExample] = []
        for (index, item) in items.enumerated() {
            let place = DataError.Place(file: "task \(Self.name)", line: index + 1)
            let prompt = try checkedTokens(item.prompt, "prompt", place, tokenizer)
            let answer = try checkedTokens(
                item.answer, "answer", place, tokenizer, addSpecialTokens: false)
            examples.append(WorkedExample(prompt: prompt, completion: answer + [stopToken]))
        }
        return examples
    }

    /// `items` as rows to sample from. Throws `DataError` where the tokenizer cannot express a prompt or
    /// one is longer than `contextLimit` tokens.
    package func promptSet(
        of items: [TaskItem], tokenizer: Tokenizer, contextLimit: Int
    ) throws(DataError) -> PromptSet {
        var rows: [PromptRow] = []
        for (index, item) in items.enumerated() {
            let place = DataError.Place(file: "task \(Self.name)", line: index + 1)
            let tokens = try checkedTokens(item.prompt, "prompt", place, tokenizer)
            try checkLength(tokens, place, limit: contextLimit)
            let columns = JSONValue.object([JSONMember("answer", .string(item.answer))])
            rows.append(
                PromptRow(
                    tokens: tokens, columns: columns.compactText, answer: item.answer,
                    line: index + 1,
                    text: item.prompt))
        }
        return PromptSet(rows: rows)
    }
}

/// A prompt and the completion that answers it, as token ids.
package struct WorkedExample: Hashable, Sendable {
    package var prompt: [Int32]
    /// Ends with the stop token.
    package var completion: [Int32]

    package init(prompt: [Int32], completion: [Int32]) {
        self.prompt = prompt
        self.completion = completion
    }
}
