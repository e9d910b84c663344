/// Messages counted over a span of time.
package struct Throughput: Hashable, Sendable {
    package var messages: Int
    package var seconds: Double

    package init(messages: Int, seconds: Double) {
        self.messages = messages
        self.seconds = seconds
    }

    package var perSecond: Double { Double(messages) / seconds }
}

/// How long a measurement warms up, counts, and may take altogether.
package struct Pace: Hashable, Sendable {
    package var warmUp: Duration
    package var counting: Duration
    /// After the start of the measurement; past it, something hangs.
    package var limit: Duration

    /// Counts for `seconds` after a fifth of that; gives up 20 seconds later.
    package init(seconds: Double) {
        counting = .seconds(seconds)
        warmUp = counting / 5
        limit = counting + warmUp + .seconds(20)
    }
}

/// Counts messages as they arrive: nothing during the warm-up, then until the time is over.
package struct Meter {
    private let pace: Pace
    private let origin: ContinuousClock.Instant
    private var start: ContinuousClock.Instant?
    private var count = 0

    package init(_ pace: Pace, at origin: ContinuousClock.Instant = .now) {
        self.pace = pace
        self.origin = origin
    }

    /// Messages arrived, all at once; the result once the time is over.
    package mutating func add(
        _ messages: Int = 1, at now: ContinuousClock.Instant = .now
    ) -> Throughput? {
        guard let start else {
            // The clock starts at an arrival, which is then not one of those that are counted.
            if now - origin >= pace.warmUp { start = now }
            return nil
        }
        count += messages
        let elapsed = now - start
        guard elapsed >= pace.counting else { return nil }
        return Throughput(messages: count, seconds: elapsed / .seconds(1))
    }

    /// Whether the measurement should have been over long ago.
    package func isOverdue(at now: ContinuousClock.Instant = .now) -> Bool {
        now - origin > pace.limit
    }
}
