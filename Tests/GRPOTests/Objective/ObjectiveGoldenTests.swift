import Foundation
import GRPO
import Testing

/// A case of objective.json: groups, and the steps that PyTorch took over them in several splits.
struct ObjectiveCase: Decodable {
    struct Config: Decodable {
        var lossType: LossType
        var importanceSamplingLevel: ImportanceSamplingLevel
        var epsilon, epsilonHigh, beta: Double

        enum CodingKeys: String, CodingKey {
            case lossType = "loss_type"
            case importanceSamplingLevel = "importance_sampling_level"
            case epsilonHigh = "epsilon_high"
            case epsilon, beta
        }
    }
    struct Completion: Decodable {
        var advantage: Double
        var behavior, current, reference: [Float]
    }
    struct Step: Decodable {
        var loss, policyLoss: Double
        var gradient: [Double]
        var metrics: [String: Double]

        enum CodingKeys: String, CodingKey {
            case policyLoss = "policy_loss"
            case loss, gradient, metrics
        }
    }
    struct Split: Decodable {
        var groupsPerStep: [Int]
        var steps: [Step]

        enum CodingKeys: String, CodingKey {
            case groupsPerStep = "groups_per_step"
            case steps
        }
    }
    var config: Config
    var groups: [[Completion]]
    var splits: [Split]

    var configuration: ObjectiveConfiguration {
        ObjectiveConfiguration(
            epsilon: config.epsilon, epsilonHigh: config.epsilonHigh, beta: config.beta,
            lossType: config.lossType, importanceSamplingLevel: config.importanceSamplingLevel)
    }

    /// The completions of some groups.
    func completions(_ range: Range<Int>) -> [TrainingCompletion] {
        range.flatMap { group in
            groups[group].enumerated().map { sample, value in
                TrainingCompletion(
                    id: completionID(UInt32(group), UInt32(sample)), advantage: value.advantage,
                    behaviorLogprobs: value.behavior,
                    referenceLogprobs: config.beta == 0 ? [] : value.reference)
            }
        }
    }
}

@Suite struct ObjectiveGoldenTests {
    @Test("Losses, gradients and metrics are those of PyTorch's autograd, in every minibatch split")
    func golden() throws {
        let cases = try fixture("objective.json", of: ObjectiveCase.self)
        #expect(cases.count == 12)
        for value in cases {
            for split in value.splits {
                var start = 0
                for (count, expected) in zip(split.groupsPerStep, split.steps) {
                    try check(value, groups: start..<start + count, against: expected)
                    start += count
                }
                #expect(start == value.groups.count)
            }
        }
    }

    private func check(
        _ value: ObjectiveCase, groups: Range<Int>, against expected: ObjectiveCase.Step
    ) throws {
        let completions = value.completions(groups)
        let step = StepExtent(
            prompts: groups.count, lossTokens: completions.reduce(0) { $0 + $1.lossTokenCount })
        let result = try Objective(configuration: value.configuration, step: step).evaluate(
            completions[...], logprobs: value.groups[groups].flatMap { $0.flatMap(\.current) })
        #expect(result.gradient.count == expected.gradient.count)
        for (value, expected) in zip(result.gradient, expected.gradient) {
            #expect(isClose(value, expected, tolerance: 1e-12, scale: 1e-3))
        }
        #expect(isClose(result.statistics.loss, expected.loss, scale: 1e-3))
        #expect(isClose(result.statistics.policyLoss, expected.policyLoss, scale: 1e-3))
        expectMetrics(result.statistics, expected.metrics)
    }

    private func expectMetrics(_ statistics: ObjectiveStatistics, _ expected: [String: Double]) {
        let values = [
            "kl": statistics.kl,
            "clip_ratio/low_mean": statistics.clipRatioLowMean,
            "clip_ratio/low_min": statistics.clipRatioLowMin,
            "clip_ratio/high_mean": statistics.clipRatioHighMean,
            "clip_ratio/high_max": statistics.clipRatioHighMax,
            "clip_ratio/region_mean": statistics.clipRatioRegionMean,
            "ratio/min": statistics.ratioMin, "ratio/mean": statistics.ratioMean,
            "ratio/max": statistics.ratioMax,
            "difference/mean": statistics.logprobDifferenceMean,
            "difference/max": statistics.logprobDifferenceMax,
        ].compactMapValues { $0 }
        #expect(Set(values.keys) == Set(expected.keys))
        for (name, value) in expected {
            #expect(isClose(values[name] ?? .nan, value), "\(name)")
        }
    }
}
