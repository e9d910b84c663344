import Checkpoints
import Foundation
import Ports
import Training

/// The policy that GRPO starts from: a directory that was given, or the built-in model after a
/// supervised warm-up. What was made stays in the run directory, so a resumed run finds it.
struct StartingPolicy: Sendable {
    let configuration: RunConfiguration
    let directory: RunDirectory

    init(_ configuration: RunConfiguration, directory: RunDirectory) {
        self.configuration = configuration
        self.directory = directory
    }

    /// Answers with the directory's path. Waits while the disk is full.
    func prepare(_ say: @escaping @Sendable (String) -> Void) async throws -> String {
        let room = DiskRoom(directory: directory.path, clock: ContinuousClock(), note: say)
        let base = try await room.write { try basePath() }
        guard configuration.warmsUp else { return base }
        // Directories appear whole or not at all, so this one is complete.
        if FileManager.default.fileExists(atPath: warm) { return warm }
        let model = try ModelDirectory(base)
        let weights = try await warmUp(model, say)
        try await room.write {
            try HuggingFaceDirectory.write(
                to: warm, config: model.config, weights: weights, passThrough: model.passThrough)
        }
        return warm
    }

    /// Where the policy is once it was prepared.
    var path: String {
        if configuration.warmsUp { return warm }
        return configuration.model.isBuiltIn ? initial : configuration.model.path
    }

    private var warm: String { directory.path + "/warm-start" }
    private var initial: String { directory.path + "/initial" }

    private func basePath() throws -> String {
        guard configuration.model.isBuiltIn else { return configuration.model.path }
        let base = initial
        if !FileManager.default.fileExists(atPath: base) {
            try BuiltInModel(settings: configuration.model, seed: configuration.run.seed).write(to: base)
        }
        return base
    }

    private func warmUp(
        _ model: ModelDirectory, _ say: @escaping @Sendable (String) -> Void
    ) async throws -> [UInt8] {
        say(configuration.sft.announcement)
        let examples = try PromptLoading(configuration, model: model).workedExamples()
        let evaluator = Evaluator(
            model,
            rewards: RewardScoring(evaluating: model, configuration, logDirectory: directory.logs),
            grpo: configuration.grpo,
            seed: configuration.run.seed, threads: configuration.cluster.learnerThreads)
        let warmup = Warmup(
            model: model, settings: configuration.sft, seed: configuration.run.seed,
            threads: configuration.cluster.learnerThreads)
        return try await warmup.run(examples, evaluator: evaluator, say: say)
    }
}

extension SFTSettings {
    /// What the warm-up is going to do.
    var announcement: String {
        guard targetAccuracy < 1 else { return "warm-up: \(steps) steps of supervised learning" }
        let band = AccuracyApproach(target: targetAccuracy).band
        return "warm-up: supervised learning until \(percent(band.lowerBound)) to "
            + "\(percent(band.upperBound)) of sampled answers are right"
    }
}

/// `0.46` as "46 %".
func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
