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

    /// Optimiser steps between looks at the accuracy. Skill comes suddenly, so they are close.
    private static let probeSteps = 10
    private static let probePrompts = 256

    struct Progress: Sendable {
        var step: Int
        /// Nats per token.
        var loss: Double
        /// Sampled accuracy on training prompts when it was last looked at.
        var accuracy: Double?
        var isLast = false

        var sentence: String {
            let looked = accuracy.map { ", \(percent($0)) of sampled answers right" } ?? ""
            return "warm-up step \(step): loss \(String(format: "%.3f", loss))\(looked)"
        }
    }

    /// Trains until `settings.targetAccuracy` is reached or the steps are used up; answers with the
    /// weights.
    func run(
        _ examples: [WarmupExample], evaluator: Evaluator, onProgress: (Progress) -> Void
    ) async throws -> [UInt8] {
        let policy = try TransformerLearner(
            configuration: model.configuration, weights: try model.weightsImage(),
            codec: SafetensorsCodec(), threads: threads,
            // A short memory of squared gradients: the loss falls suddenly, and so does their size.
            optimizer: AdamWConfiguration(beta2: 0.95))
        let probe = examples.prefix(Self.probePrompts).map(\.prompt)
        let schedule = LearningRateSchedule(
            kind: .constantWithWarmup, peak: settings.learningRate,
            warmupSteps: settings.warmupSteps, totalSteps: settings.steps)
        var order = PromptOrder(count: examples.count, seed: seed, shuffles: true)
        var progress = Progress(step: 0, loss: 0)
        while !progress.isLast {
            let batch = (0..<settings.batchSize).map { index in
                let ordinal = UInt64(progress.step * settings.batchSize + index)
                return examples[Int(order.place(of: ordinal).promptIndex)].tokenGroup
            }
            progress.loss = try await supervisedStep(
                on: batch, policy: policy, learningRate: schedule.rate(at: progress.step),
                maxGradNorm: 1
            ).loss
            progress.step += 1
            if settings.targetAccuracy < 1, progress.step % Self.probeSteps == 0 {
                progress.accuracy = try await evaluator.sampledReward(
                    weights: try await policy.exportWeights(), on: probe)
            }
            progress.isLast =
                progress.step >= settings.steps || (progress.accuracy ?? 0) >= settings.targetAccuracy
            onProgress(progress)
        }
        return try await policy.exportWeights()
    }
}
