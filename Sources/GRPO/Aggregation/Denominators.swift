/// A step's denominators. A term's share of the loss is (token weight · term) / `policy`.
struct Denominators: Sendable {
    /// N of the policy term.
    let policy: Double
    /// N of the policy term over N of the KL term: 1 unless constant groups count for KL only.
    let divergenceScale: Double
    /// N of the policy term over the number of tokens, or of micro-batches where means are local.
    let entropyScale: Double
    let valueScale: Double
    /// Tokens below it have no policy and no entropy term; `nil`: all have.
    let entropyThreshold: Double?
    private let lossType: LossType
    private let extent: StepExtent

    init(_ configuration: ObjectiveConfiguration, extent: StepExtent) {
        lossType = configuration.lossType
        self.extent = extent
        policy = Self.total(lossType, extent.policy, extent)
        divergenceScale = policy / Self.total(lossType, extent.all, extent)
        let isLocal = !extent.microBatchTokens.isEmpty
        let entropyTokens = extent.highEntropyTokens ?? extent.all.tokens
        entropyScale = policy / (isLocal ? extent.microBatches : Double(max(1, entropyTokens)))
        valueScale = policy / Double(max(1, extent.all.tokens))
        entropyThreshold = configuration.topEntropyQuantile < 1 ? extent.entropyThreshold : nil
    }

    /// A step without anything to learn from has no terms; its loss is 0, not 0/0.
    private static func total(
        _ lossType: LossType, _ counts: StepExtent.Counts, _ extent: StepExtent
    ) -> Double {
        switch lossType {
        case .dapo, .cispo, .vespo: Double(max(counts.tokens, 1))
        case .grpo, .sapo, .luspo: Double(max(counts.completions, 1))
        case .bnpo: extent.microBatches
        case .drGRPO: Double(max(counts.completions, 1) * extent.maxCompletionLength)
        case .seqMeanTokenMean, .seqMeanTokenSum: Double(max(counts.nonEmpty, 1))
        case .seqMeanTokenSumNorm:
            Double(max(counts.nonEmpty, 1) * extent.maxCompletionLength)
        case .groupTokenMean: 1
        case .original: Double(max(counts.prompts, 1))
        }
    }

    /// Of each token of a completion with `tokens` that count.
    func tokenWeight(_ id: CompletionID, tokens: Int) -> Double {
        switch lossType {
        case .grpo, .sapo: 1 / Double(max(tokens, 1))
        case .seqMeanTokenMean: 1 / (Double(tokens) + 1e-8)
        case .bnpo: 1 / Double(max(extent.microBatchTokens[id] ?? extent.policy.tokens, 1))
        case .groupTokenMean: 1 / max(extent.meanGroupTokens[id] ?? 1, 1e-300)
        default: 1
        }
    }

    /// Of each token in the entropy term.
    func entropyWeight(_ id: CompletionID) -> Double {
        extent.microBatchTokens.isEmpty ? 1 : 1 / Double(max(extent.microBatchTokens[id] ?? 1, 1))
    }

    /// Σ_t of the token weights, or 1 where a term of the whole completion counts once.
    func completionWeight(_ id: CompletionID, tokens: Int) -> Double {
        lossType == .original ? 1 : tokenWeight(id, tokens: tokens) * Double(tokens)
    }
}
