/// Steers supervised learning into a narrow band of accuracy: says how to go on after each look.
///
/// Skill comes suddenly, so a look may find that training jumped over the band. Then it goes back to the
/// last state below the band and comes again, with half the learning rate and twice as many looks.
package struct AccuracyApproach: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Below the band: keep this state and go on.
        case goOn
        /// The band is near: look again at this state, with more samples.
        case lookCloser
        /// Above the band: restore the state that was kept last.
        case goBack
        case arrived
        /// Above the band once too often: the state that was kept last is the end.
        case settle
    }

    /// Half the width of the band.
    package static let tolerance = 0.02
    /// After these a step is 1/64 of the first ones; the band is not missed then but for bad luck.
    package static let retreatsMax = 6
    private static let stepsAtFirst = 10
    private static let samplesAtFirst = 256
    /// Standard error at 40 %: 1.2 points.
    private static let samplesWhenClose = 1600

    package let target: Double
    package private(set) var retreats = 0
    private var isClose = false
    private var hasKeptState = false

    /// `target`: the band's middle.
    package init(target: Double) { self.target = target }

    package var band: ClosedRange<Double> { target - Self.tolerance...target + Self.tolerance }
    /// Optimiser steps until the next look.
    package var stepsBetweenLooks: Int { max(1, Self.stepsAtFirst >> retreats) }
    package var learningRateFactor: Double { 1 / Double(1 << retreats) }
    /// Answers to sample at the next look.
    package var samples: Int { isClose ? Self.samplesWhenClose : Self.samplesAtFirst }

    /// What to do now that a look found `accuracy`.
    package mutating func judge(_ accuracy: Double) -> Verdict {
        let wasClose = isClose
        isClose = accuracy >= target / 2
        if isClose, !wasClose { return .lookCloser }
        if accuracy < band.lowerBound {
            hasKeptState = true
            return .goOn
        }
        // Nothing to go back to: the model could do it before it was taught anything.
        guard accuracy > band.upperBound, hasKeptState else { return .arrived }
        guard retreats < Self.retreatsMax else { return .settle }
        retreats += 1
        return .goBack
    }
}
