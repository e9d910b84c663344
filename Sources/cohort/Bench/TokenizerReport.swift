/// What `cohort bench tokenizer` found. All times are medians over the rounds.
package struct TokenizerReport: Hashable, Sendable, Codable {
    package struct Row: Hashable, Sendable, Codable {
        package var name: String
        package var bytes: Int
        package var tokens: Int
        package var megabytesPerS: Double
        /// Median over the rounds of the time for all ÷ the time for half: 2 where time grows with
        /// the text, 4 where with its square.
        package var doubling: Double
        /// Largest minus smallest time, relative to the median.
        package var spread: Double

        package init(
            name: String, bytes: Int, tokens: Int, seconds: Rounds, halfSeconds: Rounds
        ) {
            (self.name, self.bytes, self.tokens) = (name, bytes, tokens)
            megabytesPerS = Double(bytes) / 1e6 / seconds.median
            doubling = seconds.ratios(to: halfSeconds).median
            spread = seconds.spread
        }
    }

    package var rows: [Row]

    package init(rows: [Row]) { self.rows = rows }

    /// For people.
    package var text: String {
        rows.map { row in
            "  " + padded(row.name, 14)
                + padded(DecimalText.fixed(row.megabytesPerS, digits: 1) + " MB/s", 14)
                + padded(DecimalText.compact(Double(row.tokens)) + " tokens", 16)
                + padded(
                    "×\(DecimalText.fixed(row.doubling, digits: 2)) time for twice the text", 34)
                + "spread \(percent(row.spread))\n"
        }.joined()
    }
}
