import Checkpoints
import GRPO
import Ports
import Tasks
import Training
import Transformer

/// Accuracy of a policy on prompts, greedy and sampled.
struct Evaluator: Sendable {
    let model: ModelDirectory
    let sampler: TransformerSampler
    let rewards: RewardScoring
    let grpo: GRPOSettings
    let seed: UInt64
    /// Completions per prompt where sampled.
    static let samplesPerPrompt = 4
    /// Keeps evaluation's random numbers apart from training's, which count data passes from 0.
    private static let pass = UInt32.max

    init(
        _ model: ModelDirectory, rewards: RewardScoring, grpo: GRPOSettings, seed: UInt64, threads: Int,
        type: TensorType = .float32
    ) {
        self.model = model
        self.rewards = rewards
        self.grpo = grpo
        self.seed = seed
        sampler = TransformerSampler(
            configuration: model.configuration, codec: SafetensorsCodec(), threads: threads,
            type: type)
    }

    /// Evaluates these weights. A completion is right where the first reward function gives 1 or more;
    /// groups that could not be scored are left out.
    func evaluate(
        weights: any TensorImage, on prompts: [TrainingPrompt]
    ) async throws -> RunSummary.Evaluation {
        try await load(weights)
        let (sampled, greedy) = try await rewards.withPanel { panel in
            (
                try await groups(prompts, greedy: false, panel),
                try await groups(prompts, greedy: true, panel)
            )
        }
        let completions = sampled.flatMap(\.completions)
        return RunSummary.Evaluation(
            prompts: prompts.count, samples: completions.count,
            reward: average(completions.map(\.finiteReward)),
            sampledAccuracy: average(completions.map(\.rightness)),
            greedyAccuracy: average(greedy.flatMap(\.completions).map(\.rightness)),
            meanLength: average(completions.map { Double($0.tokens.count) }))
    }

    /// Share of right ones among about `samples` completions, of as many prompts as that takes.
    func sampledAccuracy(
        weights: [UInt8], on prompts: [TrainingPrompt], samples: Int
    ) async throws -> Double {
        try await load(SafetensorsCodec().decode(weights))
        let asked = Array(prompts.prefix(samples))
        let each = max(1, (samples + asked.count - 1) / max(1, asked.count))
        let sampled = try await rewards.withPanel { panel in
            try await groups(asked, greedy: false, samples: each, panel)
        }
        return average(sampled.flatMap(\.completions).map(\.rightness))
    }

    private func load(_ weights: any TensorImage) async throws {
        let version = PolicyVersion(incarnation: 0, number: 0)
        try await model.naming { try await sampler.adopt(weights, version: version) }
    }

    private func groups(
        _ prompts: [TrainingPrompt], greedy: Bool, samples: Int = samplesPerPrompt,
        _ scorer: some GroupScorer
    ) async throws -> [Group] {
        var parameters = grpo.sampling(stopTokens: model.stopTokens)
        if greedy { parameters.temperature = 0 }
        let tickets = prompts.enumerated().map { index, prompt in
            Ticket(
                key: TicketKey(pass: Self.pass, promptIndex: UInt32(index), attempt: 0),
                ordinal: UInt64(index), version: PolicyVersion(incarnation: 0, number: 0),
                prompt: prompt.tokens, columns: prompt.columns)
        }
        let sampled = try await sampler.sample(
            tickets, groupSize: greedy ? 1 : samples, parameters: parameters, seed: seed)
        let groups = try await scorer.scored(sampled, columns: tickets.map(\.columns))
        let scored = groups.filter { $0.scoringFailure == nil }
        if scored.isEmpty, let failure = groups.first?.scoringFailure {
            throw CommandFailure("no completion could be scored: \(failure)", .badData)
        }
        return scored
    }
}

extension Completion {
    /// What an evaluation averages: a reward that is no number counts as 0.
    fileprivate var finiteReward: Double { reward.flatMap { $0.isFinite ? $0 : nil } ?? 0 }

    /// 1 if it is right, else 0.
    fileprivate var rightness: Double { (rewards.first.flatMap { $0 } ?? 0) >= 1 ? 1 : 0 }
}

private func average(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}
