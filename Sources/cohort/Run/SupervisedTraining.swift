import Checkpoints
import Foundation
import GRPO
import Ports
import Training
import Transformer

/// A policy on its way through worked examples; can go back to an earlier state.
struct SupervisedTraining {
    /// Everything that going back needs.
    struct State {
        let step: Int
        let weights: [UInt8]
        let optimizer: [UInt8]
    }

    let policy: TransformerLearner
    /// Optimiser steps that led to the present weights.
    private(set) var step = 0
    /// The same with those that were undone, which is also the place in the data.
    private(set) var stepsTaken = 0
    /// Nats per token at the last step.
    private var loss: Double?
    private let examples: [WarmupExample]
    private let batchSize: Int
    private let schedule: LearningRateSchedule
    private var order: PromptOrder

    init(_ warmup: Warmup, examples: [WarmupExample]) async throws {
        let (settings, model) = (warmup.settings, warmup.model)
        policy = try await model.naming {
            try TransformerLearner(
                configuration: model.configuration, weights: model.weights,
                codec: SafetensorsCodec(), threads: warmup.threads,
                // A short memory of squared gradients: the loss falls suddenly, and so does their size.
                optimizer: AdamWConfiguration(beta2: 0.95))
        }
        self.examples = examples
        batchSize = settings.batchSize
        schedule = LearningRateSchedule(
            kind: .constantWithWarmup, peak: settings.learningRate,
            warmupSteps: settings.warmupSteps, totalSteps: settings.steps)
        order = PromptOrder(count: examples.count, seed: warmup.seed, shuffles: true)
    }

    /// Takes optimiser steps, each on the next batch.
    mutating func run(steps: Int, rateFactor: Double = 1) async throws {
        for _ in 0..<steps {
            loss = try await supervisedStep(
                on: nextBatch(), policy: policy,
                learningRate: schedule.rate(at: step) * rateFactor, maxGradNorm: 1
            ).loss
            step += 1
            stepsTaken += 1
        }
    }

    private mutating func nextBatch() -> [TokenGroup] {
        (0..<batchSize).map { index in
            let ordinal = UInt64(stepsTaken * batchSize + index)
            return examples[Int(order.place(of: ordinal).promptIndex)].tokenGroup
        }
    }

    func state() async throws -> State {
        State(
            step: step, weights: try await policy.exportWeights(),
            optimizer: try await policy.exportOptimizer())
    }

    mutating func restore(_ state: State) async throws {
        try await policy.restore(weights: state.weights, optimizer: state.optimizer)
        step = state.step
    }

    var sentence: String {
        "warm-up step \(step)" + (loss.map { ": loss " + String(format: "%.3f", $0) } ?? "")
    }

    func sentence(_ accuracy: Double) -> String {
        sentence + ", \(percent(accuracy)) of sampled answers right"
    }
}
