internal import GRPO
internal import Tokenization

/// A completion as text.
struct CompletionReader: Sendable {
    let tokenizer: Tokenizer
    let stopTokens: Set<Int32>

    /// Without the stop token at its end, special tokens, and white space around.
    func text(_ completion: Completion) -> String { trimmed(wholeText(completion)) }

    /// Without the stop token at its end and special tokens.
    func wholeText(_ completion: Completion) -> String {
        var tokens = completion.tokens[...]
        if let last = tokens.last, stopTokens.contains(last) { tokens.removeLast() }
        return tokenizer.decode(tokens)
    }
}

/// Without the white space at both ends.
func trimmed(_ text: String) -> String {
    var scalars = Substring(text).unicodeScalars
    while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
    while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
    return String(Substring(scalars))
}

/// The answer in a ticket's columns. Throws `RewardError`.
func answer(inColumns columns: String, reward: String) throws(RewardError) -> String {
    func fault(_ reason: String) -> RewardError {
        RewardError(reward: reward, problem: .unusableColumns(reason))
    }
    let value: JSONValue
    do { value = try JSONParser.parse(Array(columns.utf8)) } catch {
        throw fault("invalid JSON at \(error)")
    }
    guard let members = value.members else { throw fault("they are not a JSON object") }
    let column: AnswerColumn?
    do { column = try AnswerColumn(members) } catch {
        throw fault("\"\(error.column)\" is \(error.kind)")
    }
    guard let column else { throw fault("there is no \"answer\" and no \"solution\"") }
    return column.text
}
