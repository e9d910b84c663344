import Checkpoints
import Foundation
import GRPO
import Ports
import Training
import Transformer

/// Evaluates snapshots on held-out prompts while a run goes on, and keeps the model of the best one.
actor PeriodicEvaluation: SnapshotEvaluator {
    /// What `best-evaluation.json` says.
    struct Best: Codable, Sendable {
        var step: Int
        var scores: EvaluationScores
    }

    private let evaluator: Evaluator
    private let prompts: [TrainingPrompt]
    private let model: ModelDirectory
    private let directory: RunDirectory
    private let room: DiskRoom
    private let note: @Sendable (String) -> Void
    /// Of earlier processes of the run too.
    private var best: Best?

    init(
        _ configuration: RunConfiguration, model: ModelDirectory, directory: RunDirectory, room: DiskRoom,
        note: @escaping @Sendable (String) -> Void
    ) throws {
        self.model = model
        self.note = note
        self.directory = directory
        self.room = room
        prompts = try PromptLoading(configuration, model: model).heldOutPrompts()
        evaluator = Evaluator(
            model,
            rewards: RewardScoring(
                plan: configuration.rewardPlan(logDirectory: directory.logs), model: model,
                role: "evaluation", note: note),
            grpo: configuration.grpo, seed: configuration.run.seed,
            threads: configuration.cluster.learnerThreads, type: configuration.model.dtype)
        best = FileManager.default.contents(atPath: directory.bestEvaluation)
            .flatMap { try? JSONDecoder().decode(Best.self, from: $0) }
    }

    func evaluate(_ weights: [UInt8], step: Int) async throws -> EvaluationScores {
        let result = try await evaluator.evaluate(
            weights: SafetensorsCodec().decode(weights), on: prompts)
        let scores = EvaluationScores(
            reward: result.reward, sampledAccuracy: result.sampledAccuracy,
            greedyAccuracy: result.greedyAccuracy, meanLength: result.meanLength)
        let isBest = isBest(scores, step: step)
        if isBest { try await keep(weights, Best(step: step, scores: scores)) }
        let sampled = DecimalText.fixed(scores.sampledAccuracy, digits: 3)
        let greedy = DecimalText.fixed(scores.greedyAccuracy, digits: 3)
        note(
            "step \(step): sampled accuracy \(sampled), greedy \(greedy) on \(prompts.count) held-out "
                + "prompts" + (isBest ? ", the best so far" : ""))
        return scores
    }

    /// A resumed run may come by a step again, with the same bits.
    private func isBest(_ scores: EvaluationScores, step: Int) -> Bool {
        guard let best, best.step != step else { return true }
        return scores.reward > best.scores.reward
    }

    private func keep(_ weights: [UInt8], _ new: Best) async throws {
        try await room.write {
            try HuggingFaceDirectory.write(
                to: directory.bestModel, config: model.config, weights: weights,
                passThrough: model.passThrough)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let text = String(decoding: try encoder.encode(new), as: UTF8.self)
        try await room.write { try POSIXFile.replace(directory.bestEvaluation, with: text) }
        best = new
    }
}
