import Foundation
import GRPO
import Testing

/// A bandit: one choice from a softmax over logits, each with its reward. ∂J/∂θ_k = p_k (r_k − Σ p r).
private struct Bandit {
    var probabilities, rewards: [Double]

    var gradient: [Double] {
        let mean = zip(probabilities, rewards).reduce(0) { $0 + $1.0 * $1.1 }
        return zip(probabilities, rewards).map { $0 * ($1 - mean) }
    }

    func draw(_ random: inout CounterRandom) -> Int {
        var rest = Double.random(in: 0..<1, using: &random)
        for (index, p) in probabilities.enumerated() {
            rest -= p
            if rest < 0 { return index }
        }
        return probabilities.count - 1
    }

    /// (1/G) Σ_i A_i ∇ ln p(o_i) of one group.
    func estimate(
        groupSize: Int, rule: AdvantageRule, _ random: inout CounterRandom
    ) throws -> [Double] {
        let choices = (0..<groupSize).map { _ in draw(&random) }
        let values = try advantages(of: choices.map { rewards[$0] }, rule: rule)
        return probabilities.indices.map { k in
            zip(choices, values).reduce(0) {
                $0 + $1.1 * (($1.0 == k ? 1 : 0) - probabilities[k])
            } / Double(groupSize)
        }
    }

    /// Mean of each component and the sum of their variances, over `draws` groups.
    func moments(
        groupSize: Int, rule: AdvantageRule, draws: Int = 20_000, seed: UInt64
    ) throws -> (mean: [Double], variance: Double) {
        var random = CounterRandom(seed: seed, stream: 40)
        var sum = probabilities.map { _ in 0.0 }
        var squares = sum
        for _ in 0..<draws {
            for (k, g) in try estimate(groupSize: groupSize, rule: rule, &random).enumerated() {
                sum[k] += g
                squares[k] += g * g
            }
        }
        let mean = sum.map { $0 / Double(draws) }
        let variance = zip(squares, mean).reduce(0) { $0 + $1.0 / Double(draws) - $1.1 * $1.1 }
        return (mean, variance)
    }
}

@Suite struct ClaimTests {
    private let raw = AdvantageRule(baseline: .none, scaling: .none)
    private let leaveOneOut = AdvantageRule(baseline: .leaveOneOut, scaling: .none)
    private let centred = AdvantageRule(scaling: .none)

    @Test("S1: with a common offset a baseline lowers the variance and leaves the mean")
    func variance() throws {
        let bandit = Bandit(probabilities: [0.5, 0.3, 0.2], rewards: [5, 6, 5.5])
        let without = try bandit.moments(groupSize: 4, rule: raw, seed: 1)
        let with = try bandit.moments(groupSize: 4, rule: leaveOneOut, seed: 2)
        #expect(with.variance < without.variance / 10)
        let error = 5 * (without.variance / 20_000).squareRoot()
        for (a, b) in zip(with.mean, without.mean) { #expect(abs(a - b) < error) }
    }

    @Test("S1, the counter-example: for rewards around 0 a baseline can raise the variance")
    func counterExample() throws {
        let bandit = Bandit(probabilities: [0.1, 0.9], rewards: [-1, 1])
        let without = try bandit.moments(groupSize: 4, rule: raw, seed: 3)
        let with = try bandit.moments(groupSize: 4, rule: leaveOneOut, seed: 4)
        #expect(with.variance > 2 * without.variance)
    }

    @Test("S2: leave-one-out is unbiased; the mean that includes the sample shrinks by (G − 1)/G")
    func bias() throws {
        let bandit = Bandit(probabilities: [0.5, 0.3, 0.2], rewards: [0, 1, 0.5])
        for (rule, factor) in [(leaveOneOut, 1.0), (centred, 0.75)] {
            let result = try bandit.moments(groupSize: 4, rule: rule, seed: 5)
            let error = 5 * (result.variance / 20_000).squareRoot()
            for (value, exact) in zip(result.mean, bandit.gradient) {
                #expect(abs(value - factor * exact) < error)
            }
            // The other factor would be noticed.
            #expect(bandit.gradient.contains { abs(0.25 * $0) > error })
        }
    }

    @Test("S17: the variance of the group's baseline falls as 1/G")
    func groupSize() throws {
        var random = CounterRandom(seed: 6, stream: 41)
        func variance(_ size: Int) -> Double {
            let means = (0..<10_000).map { _ in
                (0..<size).reduce(0.0) { sum, _ in
                    sum + (Double.random(in: 0..<1, using: &random) < 0.3 ? 1 : 0)
                } / Double(size)
            }
            let mean = means.reduce(0, +) / 10_000
            return means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
        }
        for size in [2, 4, 8, 16] {
            #expect(isClose(variance(size), 0.21 / Double(size), tolerance: 0.1))
        }
    }

    @Test("S9: the clipped surrogate is never above the unclipped one; with a dual clip it may be")
    func pessimistic() {
        var random = CounterRandom(seed: 7, stream: 0)
        let plain = ClipBounds<Double>(epsilon: 0.2, epsilonHigh: 0.28)
        let capped = ClipBounds<Double>(epsilon: 0.2, epsilonHigh: 0.28, delta: 1.1)
        let dual = ClipBounds<Double>(epsilon: 0.2, epsilonHigh: 0.28, dualClip: 2)
        var isAbove = false
        for _ in 0..<10_000 {
            let logRatio = Double.random(in: -2...2, using: &random)
            let advantage = Double.random(in: -2...2, using: &random)
            func value(_ bounds: ClipBounds<Double>) -> Double {
                ClippedSurrogate(logRatio: logRatio, advantage: advantage, bounds: bounds).value
            }
            let unclipped = exp(logRatio) * advantage
            #expect(value(plain) <= unclipped)
            // A cap is pessimistic for A > 0; for A < 0 it bounds like a dual clip.
            #expect(advantage < 0 || value(capped) <= value(plain))
            isAbove = isAbove || value(dual) > unclipped
        }
        #expect(isAbove)
    }

    @Test("S16: a constant group teaches nothing under any profile: its policy gradient is exactly 0")
    func constantGroup() throws {
        for profile in Profile.all where profile.advantage.constantGroups == .zero {
            let values = try advantages(of: [0.1, 0.1, 0.1], rule: profile.advantage)
            let completions = values.enumerated().map {
                TrainingCompletion(
                    id: completionID(0, UInt32($0)), advantage: $1, behaviorLogprobs: [-1.0, -2])
            }
            var configuration = profile.objective
            configuration.beta = 0
            configuration.klTau = 0
            let extent = StepExtent(groups: [completions], configuration: configuration)
            let result = try Objective(configuration: configuration, step: extent).evaluate(
                completions[...], logprobs: [-1.5, -1, -1.5, -1, -1.5, -1] as [Double])
            #expect(result.gradient.allSatisfy { $0 == 0 }, "\(profile.name)")
        }
    }

    @Test("S18: a monotone transform that is not affine changes which completions are above the mean")
    func comparative() throws {
        let rewards = [0.1, 0.5, 0.9, 0.55]
        let affine = rewards.map { 3 * $0 - 2 }
        let signs = { (values: [Double]) in values.map { $0 > 0 } }
        #expect(try signs(advantages(of: rewards)) == signs(advantages(of: affine)))
        let squared = rewards.map { $0 * $0 * $0 * $0 }
        #expect(try signs(advantages(of: rewards)) != signs(advantages(of: squared)))
    }

    @Test("S20: driven by raw probabilities, likely completions move and rare ones do not")
    func rawProbability() throws {
        var configuration = ObjectiveConfiguration(beta: 0)
        configuration.surrogate = .probability
        let result = try SingleCompletion(
            logprobs: [log(0.9), log(0.001)], behavior: [log(0.9), log(0.001)],
            configuration: configuration
        ).surrogate().gradient
        #expect(isClose(result[0], 0.9) && isClose(result[1], 0.001))
        configuration.surrogate = .clip
        let ratios = try SingleCompletion(
            logprobs: [log(0.9), log(0.001)], behavior: [log(0.9), log(0.001)],
            configuration: configuration
        ).surrogate().gradient
        #expect(ratios == [1, 1])
    }
}
