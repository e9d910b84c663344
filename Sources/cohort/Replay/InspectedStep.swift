import GRPO
import Tokenization
import Training

/// What `cohort inspect` says of a step. Groups and completions are numbered from 0.
struct InspectedStep: Encodable {
    struct Group: Encodable {
        var group: Int
        var prompt: String
        var policyVersion: UInt64
        var worker: String
        /// Versions published between the group's own and the one that it was trained from.
        var staleness: Int
        var completions: [Completion]
    }

    struct Completion: Encodable {
        var completion: Int
        var text: String
        var length: Int
        var finishReason: String
        /// `nil` where it is no number.
        var reward: Double?
        var rewards: [String: Double]
        /// From here on: only with the policy.
        var advantage: Double?
        var ratioMean: Double?
        var ratioMin: Double?
        var ratioMax: Double?
        var clippedLow: Int?
        var clippedHigh: Int?
        var klPerToken: Double?
        var tokens: [Token]
    }

    struct Token: Encodable {
        var id: Int32
        var text: String
        var behaviorLogprob: Float
        var proximalLogprob: Double?
        var currentLogprob: Double?
        var ratio: Double?
        var clip: String?
        var kl: Double?
    }

    var step: Int
    var groups: [Group]
}

/// Puts together what the ledger and the policy say of a batch.
struct StepDescription {
    let step: Int
    let batch: [Group]
    let workers: [String]
    let rewardNames: [String]
    let tokenizer: Tokenizer
    /// `nil`: only what the ledger knows.
    let examination: BatchExamination?

    func groups() -> [InspectedStep.Group] {
        batch.indices.map { index in
            let group = batch[index]
            return InspectedStep.Group(
                group: index, prompt: tokenizer.decode(group.prompt, skipSpecialTokens: false),
                policyVersion: group.version.number, worker: workers[index],
                staleness: step - 1 - Int(group.version.number),
                completions: group.completions.indices.map {
                    completion($0, group.completions[$0], examination?.groups[index][$0])
                })
        }
    }

    private func completion(
        _ index: Int, _ completion: Completion, _ known: BatchExamination.Completion?
    ) -> InspectedStep.Completion {
        var result = InspectedStep.Completion(
            completion: index, text: tokenizer.decode(completion.tokens, skipSpecialTokens: false),
            length: completion.tokens.count,
            finishReason: completion.finishReason == .stop ? "stop" : "length",
            reward: completion.reward.flatMap { $0.isFinite ? $0 : nil },
            rewards: rewards(completion), tokens: tokens(completion, known))
        guard let known else { return result }
        result.advantage = known.advantage
        let ratios = known.tokens.compactMap(\.ratio)
        result.ratioMean = mean(ratios)
        result.ratioMin = ratios.min()
        result.ratioMax = ratios.max()
        result.clippedLow = known.tokens.count(where: \.isClippedLow)
        result.clippedHigh = known.tokens.count(where: \.isClippedHigh)
        result.klPerToken = mean(known.tokens.compactMap(\.kl))
        return result
    }

    private func rewards(_ completion: Completion) -> [String: Double] {
        guard completion.rewards.count == rewardNames.count else { return [:] }
        let known = zip(rewardNames, completion.rewards).compactMap { name, value in
            value.flatMap { $0.isFinite ? (name, $0) : nil }
        }
        return Dictionary(known, uniquingKeysWith: { first, _ in first })
    }

    private func tokens(
        _ completion: Completion, _ known: BatchExamination.Completion?
    ) -> [InspectedStep.Token] {
        completion.tokens.indices.map { index in
            let id = completion.tokens[index]
            let token = known?.tokens[index]
            return InspectedStep.Token(
                id: id, text: tokenizer.decode([id], skipSpecialTokens: false),
                behaviorLogprob: completion.behaviorLogprobs[index], proximalLogprob: token?.proximal,
                currentLogprob: token?.current, ratio: token?.ratio, clip: token?.clip, kl: token?.kl)
        }
    }

    private func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

extension BatchExamination.Token {
    fileprivate var clip: String? {
        if isClippedLow { return "low" }
        return isClippedHigh ? "high" : nil
    }
}
