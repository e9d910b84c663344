package import Tokenization

/// Lines of text ↔ lines of token ids.
package struct TokenLines {
    private let tokenizer: Tokenizer
    /// Texts are JSON strings, which may hold line ends.
    private let isJSON: Bool
    /// Whether special tokens are put around a text, and kept in a decoded one.
    private let withSpecialTokens: Bool
    /// Characters without a token, so far.
    package private(set) var droppedCharacters = 0

    package init(tokenizer: Tokenizer, isJSON: Bool, withSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        self.isJSON = isJSON
        self.withSpecialTokens = withSpecialTokens
    }

    /// `[1,2,3]` for a line of text. Throws `LineProblem`.
    package mutating func encode(_ line: String) throws(LineProblem) -> String {
        let text = isJSON ? try string(line) : line
        let encoding = tokenizer.encoding(of: text, addSpecialTokens: withSpecialTokens)
        droppedCharacters += encoding.droppedCharacters
        return "[" + encoding.ids.map(String.init).joined(separator: ",") + "]"
    }

    /// The text of a line of ids. Throws `LineProblem`.
    package func decode(_ line: String) throws(LineProblem) -> String {
        let text = tokenizer.decode(try ids(line), skipSpecialTokens: !withSpecialTokens)
        guard isJSON else { return TerminalText.escaped(text) }
        return JSONValue.string(text).compactText
    }

    private func string(_ line: String) throws(LineProblem) -> String {
        guard let text = try LineProblem.json(line).string else {
            throw LineProblem("a text must be a JSON string, such as \"1+1=\"")
        }
        return text
    }

    private func ids(_ line: String) throws(LineProblem) -> [Int32] {
        guard let items = try LineProblem.json(line).array else {
            throw LineProblem("token ids must be a JSON array, such as [1, 2]")
        }
        var ids: [Int32] = []
        for item in items {
            guard let id = item.integer.flatMap(Int32.init(exactly:)), tokenizer.token(id) != nil
            else {
                throw LineProblem(
                    "\(item.compactText) is not a token id; the tokenizer has ids below "
                        + "\(tokenizer.vocabularySize)")
            }
            ids.append(id)
        }
        return ids
    }
}

/// What is wrong with a line, without its number.
package struct LineProblem: Error, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }

    /// The JSON value of a line.
    static func json(_ line: String) throws(LineProblem) -> JSONValue {
        do { return try JSONParser.parse(Array(line.utf8)) } catch {
            throw LineProblem("invalid JSON at column \(error.column): \(error.message)")
        }
    }
}
