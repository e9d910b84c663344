import Foundation
import GRPO
import Testing

private struct FixtureFile<Case: Decodable>: Decodable {
    var cases: [Case]
}

/// The cases of one of Tests/Fixtures/grpo's files; they are made by make.py there.
func fixture<Case: Decodable>(_ name: String, of: Case.Type) throws -> [Case] {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/grpo/\(name)").standardized
    return try JSONDecoder().decode(FixtureFile<Case>.self, from: Data(contentsOf: url)).cases
}

/// Whether `value` is `expected` up to `tolerance` times the larger of |expected| and `scale`.
func isClose(
    _ value: Double, _ expected: Double, tolerance: Double = 1e-12, scale: Double = 0
) -> Bool {
    abs(value - expected) <= tolerance * max(abs(expected), scale)
}

func completionID(_ prompt: UInt32, _ sample: UInt32) -> CompletionID {
    CompletionID(
        ticket: TicketKey(pass: 0, promptIndex: prompt, attempt: 0), sample: sample)
}

/// A step of random completions under a seed, for properties.
struct RandomStep {
    var completions: [TrainingCompletion] = []
    var logprobs: [Double] = []

    /// `lengths`: tokens per completion. `spread`: of the log-ratios, nats.
    init(lengths: [Int], spread: Double, seed: UInt64) {
        var random = CounterRandom(seed: seed, stream: 0)
        for (index, length) in lengths.enumerated() {
            let behavior = (0..<length).map { _ in Float.random(in: -6 ... -0.01, using: &random) }
            let current = behavior.map {
                Double($0) + spread * Double.random(in: -1...1, using: &random)
            }
            completions.append(
                TrainingCompletion(
                    id: completionID(UInt32(index / 4), UInt32(index % 4)),
                    advantage: Double.random(in: -2...2, using: &random),
                    behaviorLogprobs: behavior,
                    referenceLogprobs: current.map {
                        Float($0 + spread * Double.random(in: -1...1, using: &random))
                    }))
            logprobs += current
        }
    }

    /// By prompt.
    var groups: [[TrainingCompletion]] {
        stride(from: 0, to: completions.count, by: 4).map {
            Array(completions[$0..<min($0 + 4, completions.count)])
        }
    }

    func objective(_ configuration: ObjectiveConfiguration) throws -> Objective {
        let extent = StepExtent(groups: groups, configuration: configuration)
        return try Objective(configuration: configuration, step: extent)
    }

    func evaluate(_ configuration: ObjectiveConfiguration) throws -> ObjectiveEvaluation<Double> {
        try objective(configuration).evaluate(completions[...], logprobs: logprobs)
    }
}

/// Every loss type with every importance level, with and without the KL term.
let allConfigurations: [ObjectiveConfiguration] = LossType.allCases.flatMap { lossType in
    ImportanceSamplingLevel.allCases.flatMap { level in
        [0, 0.04].map { beta in
            var configuration = ObjectiveConfiguration(
                epsilonHigh: lossType == .cispo ? 1.3 : nil, beta: beta, lossType: lossType,
                importanceSamplingLevel: level)
            if lossType == .bnpo { configuration.perDeviceTrainBatchSize = 3 }
            return configuration
        }
    }
}

/// Those whose loss is differentiated through the ratio, so that its differences show the gradient.
let differentiable = allConfigurations.filter {
    ![.cispo, .vespo].contains($0.lossType) && $0.importanceSamplingLevel != .sequenceToken
}

/// Those that clip, so that nothing is left of an enormous ratio.
let clipping = allConfigurations.filter { ![.cispo, .vespo].contains($0.lossType) }
