/// How patient a worker is.
package struct WorkerTiming: Hashable, Sendable {
    /// Pause after the first HELLO; it doubles up to `helloPauseMax`.
    package var helloPause: Duration
    package var helloPauseMax: Duration
    /// Without a session for this long, the worker gives up.
    package var reconnectDeadline: Duration

    package init(
        helloPause: Duration = .seconds(1), helloPauseMax: Duration = .seconds(32),
        reconnectDeadline: Duration = .seconds(60)
    ) {
        precondition(helloPause > .zero && helloPauseMax >= helloPause, "a HELLO needs a pause")
        self.helloPause = helloPause
        self.helloPauseMax = helloPauseMax
        self.reconnectDeadline = reconnectDeadline
    }

    /// The pause after HELLO number `attempt` (from 0): doubling, and shortened by up to a quarter
    /// so that workers that lost their learner together do not come back together.
    func pause(after attempt: Int, jitter: UInt64) -> Duration {
        let doubled = min(helloPauseMax, helloPause * (1 << min(attempt, 16)))
        return doubled - doubled * Int(jitter % 256) / 1_024
    }
}
