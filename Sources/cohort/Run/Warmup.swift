import Checkpoints
import Foundation
import GRPO
import Ports
import Training
import Transformer

/// A prompt with its worked answer.
struct WarmupExample: Sendable {
    var prompt: TrainingPrompt
    /// The answer's tokens, the stop token last.
    var answer: [Int32]

    var tokenGroup: TokenGroup { TokenGroup(prompt: prompt.tokens, completions: [answer]) }
}

/// Supervised learning on worked answers, until the policy solves enough to be rewarded.
struct Warmup: Sendable {
    let model: ModelDirectory
    let settings: SFTSettings
    let seed: UInt64
    let threads: Int

    /// Trains until the accuracy on training prompts lies within `AccuracyApproach.tolerance` of
    /// `settings.targetAccuracy`, or below it when the steps are used up; a target of 1 uses them all.
    /// Answers with the weights; what it does goes to `say`.
    func run(
        _ examples: [WarmupExample], evaluator: Evaluator, say: (String) -> Void
    ) async throws -> [UInt8] {
        var training = try await SupervisedTraining(self, examples: examples)
        guard settings.targetAccuracy < 1 else {
            while training.step < settings.steps {
                try await training.run(steps: min(100, settings.steps - training.step))
                say(training.sentence)
            }
            return try await training.policy.exportWeights()
        }
        return try await approach(&training, examples.map(\.prompt), evaluator, say)
    }

    private func approach(
        _ training: inout SupervisedTraining, _ prompts: [TrainingPrompt], _ evaluator: Evaluator,
        _ say: (String) -> Void
    ) async throws -> [UInt8] {
        var approach = AccuracyApproach(target: settings.targetAccuracy)
        var kept = try await training.state()
        while true {
            let accuracy = try await evaluator.sampledAccuracy(
                weights: try await training.policy.exportWeights(), on: prompts,
                samples: approach.samples)
            switch approach.judge(accuracy) {
            case .lookCloser: continue
            case .goOn:
                kept = try await training.state()
                if training.step > 0, training.step % 100 == 0 { say(training.sentence(accuracy)) }
            case .goBack:
                say(training.sentence(accuracy) + ", too many: back to step \(kept.step), "
                    + "learning rate × \(approach.learningRateFactor)")
                try await training.restore(kept)
            case .arrived:
                say(training.sentence(accuracy))
                return try await training.policy.exportWeights()
            case .settle:
                say(training.sentence(accuracy) + ", too many: ends with step \(kept.step)")
                return kept.weights
            }
            guard training.stepsTaken < settings.steps else {
                say("warm-up: all \(settings.steps) steps used up, ends with step \(kept.step)")
                return kept.weights
            }
            let steps = min(approach.stepsBetweenLooks, settings.steps - training.stepsTaken)
            try await training.run(steps: steps, rateFactor: approach.learningRateFactor)
        }
    }
}
