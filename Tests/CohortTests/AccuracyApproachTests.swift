import Testing

import cohort

/// Skill over training, and a trainer that follows what the approach says.
private struct Training {
    var approach = AccuracyApproach(target: 0.41)
    /// Accuracy by progress; progress 1 is an optimiser step at the full rate.
    var skill: (Double) -> Double
    var looks = 0

    /// Accuracy of the state it ends with, or `nil` if `steps` do not suffice.
    mutating func run(steps: Int) -> Double? {
        var (progress, kept, taken) = (0.0, 0.0, 0)
        while true {
            looks += 1
            switch approach.judge(skill(progress)) {
            case .lookCloser: continue
            case .goOn: kept = progress
            case .goBack: progress = kept
            case .arrived: return skill(progress)
            case .settle: return skill(kept)
            }
            guard taken < steps else { return nil }
            progress += Double(approach.stepsBetweenLooks) * approach.learningRateFactor
            taken += approach.stepsBetweenLooks
        }
    }
}

@Suite("The approach to an accuracy")
struct AccuracyApproachTests {
    @Test(
        "lands in the band however steep the rise is",
        arguments: [(50.0, 1.0), (300, 5), (303, 20), (310, 100), (777, 300)])
    func lands(start: Double, width: Double) throws {
        var training = Training { min(0.9, max(0.02, ($0 - start) / width)) }
        let end = training.run(steps: 3000)
        let accuracy = try #require(end)
        #expect(training.approach.band.contains(accuracy))
    }

    @Test("stays below the band, after a bounded number of looks, where the rise is a jump")
    func jump() {
        var training = Training { $0 < 100.5 ? 0.1 : 0.9 }
        let accuracy = training.run(steps: 3000)
        #expect(accuracy == 0.1)
        #expect(training.approach.retreats == AccuracyApproach.retreatsMax)
        #expect(training.looks < 100)
    }

    @Test("does not arrive where nothing is learnt")
    func plateau() {
        var training = Training { _ in 0.1 }
        let accuracy = training.run(steps: 100)
        #expect(accuracy == nil)
        #expect(training.looks == 11)
    }

    @Test("is over at once for a model that can do it already")
    func able() {
        var training = Training { _ in 0.8 }
        let accuracy = training.run(steps: 100)
        #expect(accuracy == 0.8)
        #expect(training.approach.retreats == 0)
    }

    @Test("looks with more samples near the band than far from it")
    func samples() {
        var approach = AccuracyApproach(target: 0.4)
        let few = approach.samples
        let far = approach.judge(0.1)
        #expect(far == .goOn && approach.samples == few)
        let near = approach.judge(0.25)
        #expect(near == .lookCloser && approach.samples > 4 * few)
        let verdicts = [approach.judge(0.25), approach.judge(0.40)]
        #expect(verdicts == [.goOn, .arrived])
    }

    @Test("halves learning rate and distance between looks with every retreat")
    func slower() {
        var approach = AccuracyApproach(target: 0.4)
        let verdicts = [approach.judge(0.1), approach.judge(0.6), approach.judge(0.6)]
        #expect(verdicts == [.goOn, .lookCloser, .goBack])
        #expect(approach.learningRateFactor == 0.5)
        #expect(approach.stepsBetweenLooks == 5)
    }
}
