package import Ports

/// What a learner says while nothing comes in, so that nobody sits before a silent terminal: at first soon,
/// then less and less often.
package struct WaitReport: Hashable, Sendable {
    /// Until the first sentence. The second comes after 20 s, the third after 40 s, …
    package static let firstPause: Duration = .seconds(10)
    /// Between two sentences at most.
    package static let longestPause: Duration = .seconds(300)

    private var seen: GroupAccounting?
    private var since = Duration.zero
    /// From `since` to the next sentence.
    private var pause = firstPause

    package init() {}

    /// A sentence, if it is time for one. Anything that changes the accounts is progress, and so is a
    /// training step. `workers`: those with a session; `batch`: groups that a step trains on.
    package mutating func due(
        _ accounting: GroupAccounting, workers: Int, isTraining: Bool, step: Int, batch: Int,
        now: Duration
    ) -> String? {
        guard accounting == seen, !isTraining else {
            (seen, since, pause) = (accounting, now, Self.firstPause)
            return nil
        }
        guard now - since >= pause else { return nil }
        pause += min(pause, Self.longestPause)
        let time = "for \(Int((now - since) / .seconds(1))) s"
        guard workers > 0 else {
            return "waiting for workers \(time): none is connected; start some with `cohort worker`"
        }
        return "waiting for groups \(time): step \(step + 1) takes \(batch), \(accounting.received) are here "
            + "and \(accounting.leased) with \(workers) workers"
    }
}
