package import Rollout

/// Where the time of a learner and its workers goes. All processes count alike and all the time of
/// each counts, so the parts add up to 1.
package struct TimeShares: Hashable, Sendable, Codable {
    /// Workers: decoding.
    package var sampling = 0.0
    /// Learner: for a complete batch; workers: for leases.
    package var waiting = 0.0
    /// Learner: passes and optimiser steps.
    package var optimizing = 0.0
    /// Learner: exporting, hashing, announcing; workers: fetching, checking, adopting.
    package var movingWeights = 0.0
    /// Workers: rewards.
    package var scoring = 0.0

    package init() {}

    /// Of the learner's time over `steps`.
    package init(learner steps: [StepTimes]) {
        let total = steps.sum(\.total)
        guard total > 0 else { return }
        optimizing = steps.sum(\.optimizing) / total
        movingWeights = steps.sum(\.movingWeights) / total
        waiting = max(0, 1 - optimizing - movingWeights)
    }

    /// Of a worker's time from its first wait for leases to its end.
    package init(worker totals: RolloutTotals) {
        let total = totals.waiting + totals.fetching + totals.sampling + totals.scoring
        guard total > 0 else { return }
        sampling = totals.sampling / total
        waiting = totals.waiting / total
        movingWeights = totals.fetching / total
        scoring = totals.scoring / total
    }

    /// The mean of several processes.
    package init(meanOf shares: [TimeShares]) {
        guard !shares.isEmpty else { return }
        for part in Self.parts {
            self[keyPath: part] = shares.sum { $0[keyPath: part] } / Double(shares.count)
        }
    }

    private static var parts: [WritableKeyPath<TimeShares, Double>] {
        [\.sampling, \.waiting, \.optimizing, \.movingWeights, \.scoring]
    }
}

extension Array {
    func sum(_ value: (Element) -> Double) -> Double { reduce(0) { $0 + value($1) } }
}
