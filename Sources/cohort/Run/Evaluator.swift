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
    let reward: any RewardFunction
    let grpo: GRPOSettings
    let seed: UInt64
    /// Completions per prompt where sampled.
    static let samplesPerPrompt = 4
    /// Keeps evaluation's random numbers apart from training's, which count data passes from 0.
    private static let pass = UInt32.max

    init(
        _ model: ModelDirectory, rewardName: String, grpo: GRPOSettings, seed: UInt64, threads: Int,
        type: TensorType = .float32
    ) throws {
        self.model = model
        self.grpo = grpo
        self.seed = seed
        sampler = TransformerSampler(
            configuration: model.configuration, codec: SafetensorsCodec(), threads: threads,
            type: type)
        reward = try makeReward(rewardName, model: model)
    }

    /// Evaluates these weights.
    func evaluate(
        weights: any TensorImage, on prompts: [TrainingPrompt]
    ) async throws -> RunSummary.Evaluation {
        try await load(weights)
        let sampled = try await groups(prompts, greedy: false)
        let greedy = try await groups(prompts, greedy: true)
        let completions = sampled.flatMap(\.completions)
        let rewards = completions.compactMap(\.reward)
        return RunSummary.Evaluation(
            prompts: prompts.count, samples: completions.count, reward: average(rewards),
            sampledAccuracy: average(rewards.map { $0 >= 1 ? 1 : 0 }),
            greedyAccuracy: average(greedy.flatMap(\.completions).map { ($0.reward ?? 0) >= 1 ? 1 : 0 }),
            meanLength: average(completions.map { Double($0.tokens.count) }))
    }

    /// Mean reward of about `samples` completions, of as many prompts as that takes.
    func sampledReward(
        weights: [UInt8], on prompts: [TrainingPrompt], samples: Int
    ) async throws -> Double {
        try await load(SafetensorsCodec().decode(weights))
        let asked = Array(prompts.prefix(samples))
        let each = max(1, (samples + asked.count - 1) / max(1, asked.count))
        let groups = try await groups(asked, greedy: false, samples: each)
        return average(groups.flatMap(\.completions).compactMap(\.reward))
    }

    private func load(_ weights: any TensorImage) async throws {
        let version = PolicyVersion(incarnation: 0, number: 0)
        try await model.naming { try await sampler.adopt(weights, version: version) }
    }

    private func groups(
        _ prompts: [TrainingPrompt], greedy: Bool, samples: Int = samplesPerPrompt
    ) async throws -> [Group] {
        var parameters = grpo.sampling(stopTokens: model.stopTokens)
        if greedy { parameters.temperature = 0 }
        let tickets = prompts.enumerated().map { index, prompt in
            Ticket(
                key: TicketKey(pass: Self.pass, promptIndex: UInt32(index), attempt: 0),
                ordinal: UInt64(index), version: PolicyVersion(incarnation: 0, number: 0),
                prompt: prompt.tokens, columns: prompt.columns)
        }
        var scored: [Group] = []
        for (group, ticket) in zip(
            try await sampler.sample(
                tickets, groupSize: greedy ? 1 : samples, parameters: parameters, seed: seed), tickets)
        {
            scored.append(try await group.scored(by: reward, columns: ticket.columns))
        }
        return scored
    }
}

private func average(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}
