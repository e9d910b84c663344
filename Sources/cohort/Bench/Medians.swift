/// What several rounds of the same measurement say. A round that something else disturbed must not
/// decide, so it is the median that counts; the spread says how much to believe it.
package struct Rounds: Hashable, Sendable {
    package let values: [Double]

    /// One value of each round, at least one.
    package init(_ values: [Double]) {
        precondition(!values.isEmpty, "a median of no rounds")
        self.values = values
    }

    /// The middle value, or the mean of the two in the middle.
    package var median: Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// Largest value minus the smallest, relative to the median; 0 for one round.
    package var spread: Double {
        guard let low = values.min(), let high = values.max(), median > 0 else { return 0 }
        return (high - low) / median
    }

    /// Round by round, this divided by `ceiling`: both were measured next to each other, so what
    /// slowed the machine slowed both.
    package func ratios(to ceiling: Rounds) -> Rounds {
        precondition(
            values.count == ceiling.values.count, "rounds of two measurements belong together")
        return Rounds(zip(values, ceiling.values).map { $0 / $1 })
    }
}

/// Many values of the same thing, by nearest rank.
package struct Percentiles: Hashable, Sendable, Codable {
    package var p50: Double
    package var p99: Double

    /// Of at least one value.
    package init(_ values: [Double]) {
        precondition(!values.isEmpty, "percentiles of nothing")
        let sorted = values.sorted()
        p50 = sorted[(sorted.count * 50 + 99) / 100 - 1]
        p99 = sorted[(sorted.count * 99 + 99) / 100 - 1]
    }
}
