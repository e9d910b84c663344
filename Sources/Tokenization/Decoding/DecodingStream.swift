/// A decoder at work: texts of tokens go in one by one, bytes of text come out as early as the decoder's
/// steps allow. What has come out at the end is the decoder's answer for all tokens together.
struct DecodingStream {
    private var stages: [DecodingStage] = []
    private let isSpaced: Bool
    private var isAtStart = true
    private(set) var output: [UInt8] = []

    init(_ decoder: TokenDecoder) {
        var isFused = false
        for step in decoder.steps {
            stages.append(DecodingStage(step, isFused: isFused))
            if case .fuse = step { isFused = true }
        }
        isSpaced = decoder.isSpaced
    }

    mutating func append(_ text: [UInt8]) {
        if isSpaced, !isAtStart { output.append(UInt8(ascii: " ")) }
        isAtStart = false
        push(text, to: 0)
    }

    private mutating func push(_ text: [UInt8], to stage: Int) {
        guard stage < stages.count else {
            output += text
            return
        }
        for result in stages[stage].push(text) { push(result, to: stage + 1) }
    }

    /// No more tokens come: lets go of what the stages hold back.
    mutating func finish() {
        for stage in stages.indices {
            for result in stages[stage].finish() { push(result, to: stage + 1) }
        }
    }

    /// Hands over what has come out so far.
    mutating func takeOutput() -> [UInt8] {
        defer { output.removeAll(keepingCapacity: true) }
        return output
    }
}
