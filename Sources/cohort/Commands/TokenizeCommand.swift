import ArgumentParser
import Tokenization

/// `cohort tokenize`: token ids of lines of text, or the reverse.
struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Token ids of lines of text, or with --decode the text of lines of ids.",
        discussion: """
            Reads standard input. Each line of text gives a JSON array of ids. As tokenizer.json says, \
            special tokens may be put around a text; --no-special-tokens leaves them off, as is right \
            for text that `cohort render` made.

            printf '12+34=' | cohort tokenize --model DIR
            cohort render --model DIR < chats.jsonl | cohort tokenize --model DIR --json --no-special-tokens
            """)

    @Option(help: "Directory with a tokenizer.json.")
    var model: String

    @Flag(help: "Texts are JSON strings, one per line, so that they may hold line ends.")
    var json = false

    @Flag(
        help:
            "Lines are JSON arrays of ids, the answers their texts; without --json escaped for a terminal."
    )
    var decode = false

    @Flag(help: "Add no special tokens; with --decode: leave them out of the text.")
    var noSpecialTokens = false

    func run() async throws {
        var lines = TokenLines(
            tokenizer: try Tokenizer(directory: model), isJSON: json,
            withSpecialTokens: !noSpecialTokens)
        var output = BufferedOutput()
        do {
            try StandardInputLines.forEach { line, number in
                let answer: String
                do throws(LineProblem) {
                    answer = decode ? try lines.decode(line) : try lines.encode(line)
                } catch { throw StandardInputLines.failure(number, error.description) }
                try output.write(line: answer)
            }
        } catch {
            try output.flush()
            throw error
        }
        try output.flush()
        if lines.droppedCharacters > 0 {
            StandardStream.error.write(
                "\(lines.droppedCharacters) characters have no token in \(model)/tokenizer.json and were left out\n"
            )
        }
    }
}
