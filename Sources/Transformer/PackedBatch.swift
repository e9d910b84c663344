internal import Ports

/// Sequences laid one behind the other as rows, without padding: each group's prompt once, then its
/// completions, which see the prompt and themselves.
///
/// A completion's last token predicts nothing that is asked for, so it is no row.
struct PackedBatch {
    /// Consecutive rows that attend to all rows of a prefix, then to themselves in order.
    struct Span {
        var start: Int
        var count: Int
        var prefixStart = 0
        var prefixCount = 0
        /// Blocks of 16 keys before this span's.
        var firstBlock: Int
        var prefixFirstBlock = 0
    }

    /// A token that some row predicts.
    struct Target {
        var token: Int32
        /// Place in `TokenScores` order.
        var score: Int
    }

    private(set) var tokens: [Int32] = []
    private(set) var positions: [Int32] = []
    private(set) var spans: [Span] = []
    private(set) var blockCount = 0
    /// Rows whose logits are needed, ascending.
    private(set) var predictionRows: [Int32] = []
    /// Targets of prediction p are `targets[firstTarget[p]..<firstTarget[p + 1]]`.
    private(set) var targets: [Target] = []
    private(set) var firstTarget: [Int] = [0]
    private(set) var scoreCount = 0

    var rows: Int { tokens.count }

    func targets(of prediction: Int) -> ArraySlice<Target> {
        targets[firstTarget[prediction]..<firstTarget[prediction + 1]]
    }

    /// For training and scoring.
    init(_ groups: ArraySlice<TokenGroup>) {
        for group in groups { append(group) }
    }

    /// Prompts only, each predicting what follows it.
    init(prompts: some Sequence<[Int32]>) {
        for prompt in prompts {
            let span = appendSpan(prompt[...], position: 0)
            predict([], from: span.start + span.count - 1)
        }
    }

    private mutating func append(_ group: TokenGroup) {
        let prompt = appendSpan(group.prompt[...], position: 0)
        let completions = group.completions.filter { !$0.isEmpty }
        var score = scoreCount
        var firsts: [Target] = []
        for completion in completions {
            firsts.append(Target(token: completion[0], score: score))
            score += completion.count
        }
        if !firsts.isEmpty { predict(firsts, from: prompt.start + prompt.count - 1) }
        for completion in completions {
            let span = appendSpan(
                completion.dropLast(), position: group.prompt.count, after: prompt)
            for index in 1..<completion.count {
                let target = Target(token: completion[index], score: scoreCount + index)
                predict([target], from: span.start + index - 1)
            }
            scoreCount += completion.count
        }
    }

    private mutating func appendSpan(
        _ tokens: ArraySlice<Int32>, position: Int, after prefix: Span? = nil
    ) -> Span {
        var span = Span(start: rows, count: tokens.count, firstBlock: blockCount)
        if let prefix {
            span.prefixStart = prefix.start
            span.prefixCount = prefix.count
            span.prefixFirstBlock = prefix.firstBlock
        }
        self.tokens += tokens
        positions += (0..<tokens.count).map { Int32(position + $0) }
        blockCount += (tokens.count + 15) / 16
        if !tokens.isEmpty { spans.append(span) }
        return span
    }

    private mutating func predict(_ targets: [Target], from row: Int) {
        predictionRows.append(Int32(row))
        self.targets += targets
        firstTarget.append(self.targets.count)
    }
}

/// Blocks of consecutive whole groups, as equal in tokens as whole groups allow and of about
/// `tokensPerBlock` or more: fixed by the data, so that sums over blocks do not depend on the number of
/// threads. Equal, because a step takes as long as the thread with the most tokens.
enum BlockPlan {
    static let tokensPerBlock = 500

    static func blocks(of groups: [TokenGroup]) -> [Range<Int>] {
        let sizes = groups.map { $0.prompt.count + $0.completions.reduce(0) { $0 + $1.count } }
        let total = sizes.reduce(0, +)
        let count = max(1, total / tokensPerBlock)
        var blocks: [Range<Int>] = []
        var start = 0
        var tokens = 0
        for (index, size) in sizes.enumerated() {
            tokens += size
            let isLast = index == sizes.count - 1
            guard isLast || tokens * count >= total * (blocks.count + 1) else { continue }
            blocks.append(start..<(index + 1))
            start = index + 1
        }
        return blocks
    }
}
