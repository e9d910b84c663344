/// Cuts text into pre-tokens the way one known regular expression does, by hand: engines are slow, and
/// their Unicode tables and backtracking limits vary.
struct SplitScanner: Sendable, Hashable {
    /// Qwen2's and Llama 3's patterns differ from GPT-2's in shape, from each other in `longestNumber`.
    enum Shape: Sendable, Hashable {
        case gpt2
        case modern(longestNumber: Int)
    }

    let shape: Shape

    static let gpt2 = SplitScanner(shape: .gpt2)

    private init(shape: Shape) { self.shape = shape }

    private static let contractions = [
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)", "'(?i:[sdmt]|ll|ve|re)",
    ]
    private static let casedContractions = ["'s|'t|'re|'ve|'m|'ll|'d", "'(?:[sdmt]|ll|ve|re)"]
    private static let words = [#"[^\r\n\p{L}\p{N}]?\p{L}+"#, #"[^\r\n\p{L}\p{N}]?+\p{L}+"#]
    private static let symbols = [#" ?[^\s\p{L}\p{N}]+[\r\n]*"#, #" ?[^\s\p{L}\p{N}]++[\r\n]*"#]
    private static let lines = [#"\s*[\r\n]+"#, #"\s*[\r\n]"#]
    private static let numbers = [
        #"\p{N}"#: 1, #"\p{N}{1,2}"#: 2, #"\p{N}{1,3}"#: 3, #"\p{N}+"#: .max,
    ]
    private static let gpt2Rest = #"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    /// The scanner of a pattern, `nil` where the pattern is not one of those known. Several spellings are
    /// the same: taking all that a run offers (`++`) changes nothing where what follows cannot be
    /// part of the run, and `\s*` takes all line ends but one.
    init?(pattern: String) {
        if Self.casedContractions.contains(where: { pattern == $0 + Self.gpt2Rest }) {
            shape = .gpt2
        } else if let longestNumber = Self.longestNumber(pattern) {
            shape = .modern(longestNumber: longestNumber)
        } else {
            return nil
        }
    }

    /// Takes a pattern of the modern shape apart, alternative by alternative.
    private static func longestNumber(_ pattern: String) -> Int? {
        var rest = pattern[...]
        func take(_ alternatives: [String]) -> Bool {
            for text in alternatives where rest.hasPrefix(text + "|") {
                rest = rest.dropFirst(text.count + 1)
                return true
            }
            return false
        }
        guard take(contractions), take(words),
            let number = numbers.keys.first(where: { rest.hasPrefix($0 + "|") }), take([number]),
            take(symbols), take(lines), rest == #"\s+(?!\S)|\s+"#
        else { return nil }
        return numbers[number]
    }

    /// Calls `body` with the range of each piece of `text`.
    func forEachPiece(of text: ValidUTF8, _ body: (Range<Int>) -> Void) {
        let cursor = ScanCursor(text: text)
        var start = 0
        while start < text.count {
            let end =
                switch shape {
                case .gpt2: cursor.gpt2End(from: start)
                case .modern(let longest): cursor.modernEnd(from: start, longestNumber: longest)
                }
            body(start..<end)
            start = end
        }
    }
}
