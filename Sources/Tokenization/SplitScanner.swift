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

    private static let qwen2Pattern =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"#
        + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let llama3Pattern =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"#
        + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let gpt2Pattern =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private init(shape: Shape) { self.shape = shape }

    /// The scanner of a pattern, `nil` where the pattern is not one of those known.
    init?(pattern: String) {
        switch pattern {
        case Self.qwen2Pattern: shape = .modern(longestNumber: 1)
        case Self.llama3Pattern: shape = .modern(longestNumber: 3)
        case Self.gpt2Pattern: shape = .gpt2
        default: return nil
        }
    }

    /// The end of the pre-token that starts at `start`, which must be less than `end`.
    func nextEnd(in bytes: [UInt8], from start: Int, to end: Int) -> Int {
        let cursor = ScanCursor(bytes: bytes, end: end)
        switch shape {
        case .gpt2: return cursor.gpt2End(from: start)
        case .modern(let longestNumber):
            return cursor.modernEnd(from: start, longestNumber: longestNumber)
        }
    }
}
