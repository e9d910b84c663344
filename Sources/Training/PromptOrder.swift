import GRPO

/// A training prompt: token ids, and the columns that its reward needs.
package struct TrainingPrompt: Hashable, Sendable {
    package var tokens: [Int32]
    /// One JSON object.
    package var columns: String

    package init(tokens: [Int32], columns: String) {
        self.tokens = tokens
        self.columns = columns
    }
}

/// Which prompt stands at which place of the run: the training set over and over, shuffled anew in each
/// pass by a stream of the run's seed. A pure function of seed, count and ordinal.
package struct PromptOrder: Sendable {
    private let count: UInt64
    private let seed: UInt64
    private let shuffles: Bool
    private var pass: UInt32 = 0
    private var permutation: [UInt32]

    /// `count` prompts; `shuffles` is TRL's `shuffle_dataset`.
    package init(count: Int, seed: UInt64, shuffles: Bool) {
        precondition(count > 0, "an empty training set has no order")
        self.count = UInt64(count)
        self.seed = seed
        self.shuffles = shuffles
        permutation = Self.permutation(count: count, seed: seed, pass: 0, shuffles: shuffles)
    }

    /// Data pass and row of the prompt at `ordinal`.
    package mutating func place(of ordinal: UInt64) -> (pass: UInt32, promptIndex: UInt32) {
        let wanted = UInt32(truncatingIfNeeded: ordinal / count)
        if wanted != pass {
            pass = wanted
            permutation = Self.permutation(
                count: Int(count), seed: seed, pass: wanted, shuffles: shuffles)
        }
        return (wanted, permutation[Int(ordinal % count)])
    }

    private static func permutation(
        count: Int, seed: UInt64, pass: UInt32, shuffles: Bool
    ) -> [UInt32] {
        var rows = Array(0..<UInt32(count))
        guard shuffles else { return rows }
        // Fisher–Yates by hand: the standard library does not promise the same order for ever.
        var random = CounterRandom(seed: seed, stream: 0x7072_6F6D_0000_0000 | UInt64(pass))
        for last in stride(from: rows.count - 1, to: 0, by: -1) {
            let (chosen, _) = UInt64(last + 1).multipliedFullWidth(by: random.next())
            rows.swapAt(last, Int(chosen))
        }
        return rows
    }
}
