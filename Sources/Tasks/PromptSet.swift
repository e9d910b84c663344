package import Tokenization

/// One prompt to sample from, ready for the policy.
package struct PromptRow: Hashable, Sendable {
    package var tokens: [Int32]
    /// The row's columns except `prompt`, as compact JSON with sorted keys: what rewards read.
    package var columns: String
    /// `answer`, or `solution` where there is no `answer`, as text; numbers as they were written.
    package var answer: String?
    /// Where the row stands in its file (or task), from 1.
    package var line: Int
    /// The prompt as text; conversations rendered.
    package var text: String

    package init(tokens: [Int32], columns: String, answer: String?, line: Int, text: String) {
        self.tokens = tokens
        self.columns = columns
        self.answer = answer
        self.line = line
        self.text = text
    }
}

/// The prompts of a run, in the order of their file.
package struct PromptSet: Hashable, Sendable {
    /// Never empty when it was read from a file.
    package var rows: [PromptRow]

    package init(rows: [PromptRow]) { self.rows = rows }
}

/// How rows of a data set become prompts.
package struct PromptReading: Sendable {
    package var tokenizer: Tokenizer
    /// `nil` for models that have none; conversational rows are then refused.
    package var template: ChatTemplate?
    /// Longest prompt, in tokens.
    package var contextLimit: Int
    /// What the run's grader demands of every row; `nil` where rows need no answer.
    package var answerCheck: AnswerCheck?
    /// For templates that ask for the date.
    package var clock: TemplateClock?

    package init(
        tokenizer: Tokenizer, template: ChatTemplate?, contextLimit: Int, answerCheck: AnswerCheck?,
        clock: TemplateClock? = nil
    ) {
        self.tokenizer = tokenizer
        self.template = template
        self.contextLimit = contextLimit
        self.answerCheck = answerCheck
        self.clock = clock
    }
}
