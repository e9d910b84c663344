/// How patient we are with a reward program.
package struct RewardLimits: Hashable, Sendable {
    /// For one item, from when the program could begin with it.
    package var item: Duration
    /// From its start to its hello.
    package var start: Duration
    /// Failures in a row, without `answersBetween` answers between two of them.
    package var restarts: Int
    /// How often an item that failed is asked again.
    package var retries: Int
    /// Before the first restart in a row; it doubles from there, up to 10 s.
    package var pause: Duration

    package init(
        item: Duration, start: Duration, restarts: Int, retries: Int,
        pause: Duration = .milliseconds(100)
    ) {
        self.item = item
        self.start = start
        self.restarts = restarts
        self.retries = retries
        self.pause = pause
    }

    /// Answers after which earlier failures are forgotten.
    static let answersBetween = 16
    /// Items in flight: enough to keep a program busy, few enough for its pipe and its memory.
    static let itemsInFlight = 256
    private static let pauseMax = Duration.seconds(10)

    /// Before the restart after that many failures in a row.
    func pause(failures: Int) -> Duration {
        min(Self.pauseMax, pause * Double(1 << min(failures - 1, 20)))
    }
}
