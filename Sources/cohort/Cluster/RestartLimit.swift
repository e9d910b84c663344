/// Tells a child that was struck down from one that cannot live: restarts are free after a life in which
/// the child got somewhere, and limited in a row of lives in which it did not.
package struct RestartLimit: Hashable, Sendable {
    /// Restarts in a row, without progress between them, that are allowed; 0: no restart at all.
    package let limit: Int
    /// Lives in a row that achieved nothing, the last one included.
    package private(set) var fruitless = 0

    private static let firstPause = Duration.milliseconds(250)
    private static let longestPause = Duration.seconds(5)

    package init(limit: Int) { self.limit = limit }

    /// A life is over. The pause before the next one, or `nil` if there shall be none.
    ///
    /// `wasKilled`: by a signal. What is unavailable now may need a moment, a killed process does not.
    package mutating func next(afterProgress hasAdvanced: Bool, wasKilled: Bool) -> Duration? {
        fruitless = hasAdvanced ? 0 : fruitless + 1
        guard limit > 0, fruitless <= limit else { return nil }
        let doublings = fruitless - (wasKilled ? 2 : 1)
        if doublings < 0 { return wasKilled ? .zero : Self.firstPause }
        return min(Self.longestPause, Self.firstPause * (1 << min(doublings, 8)))
    }
}
