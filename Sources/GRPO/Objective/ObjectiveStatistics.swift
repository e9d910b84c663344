/// What a block, or a whole optimiser step, has to report. Properties carry the names of TRL's metrics.
///
/// Sums are kept per completion and added up in their order only when asked for, so merging blocks is
/// associative to the bit. A metric without any value is `nil`.
public struct ObjectiveStatistics: Hashable, Sendable {
    /// What `loss` and `policyLoss` are divided by; the same for all blocks of a step.
    public let normalizer: Double
    /// Weight of the KL term; 0: no KL was computed.
    public let beta: Double
    /// What `kl` estimates with.
    public let klName: KLEstimator
    /// In the order in which they were evaluated.
    public private(set) var completions: [CompletionStatistics] = []

    public init(normalizer: Double, beta: Double, klName: KLEstimator = .k3) {
        self.normalizer = normalizer
        self.beta = beta
        self.klName = klName
    }

    mutating func append(_ completion: CompletionStatistics) { completions.append(completion) }

    /// Adds the block that follows. Both must belong to the same optimiser step.
    public mutating func merge(_ next: ObjectiveStatistics) {
        precondition(
            next.normalizer == normalizer && next.beta == beta,
            "blocks of one step share its normaliser: \(normalizer) and \(next.normalizer)")
        completions.append(contentsOf: next.completions)
    }

    /// Blocks of one step in order; `nil` for none.
    public static func merged(_ blocks: [ObjectiveStatistics]) -> ObjectiveStatistics? {
        guard var result = blocks.first else { return nil }
        for block in blocks.dropFirst() { result.merge(block) }
        return result
    }
}

extension ObjectiveStatistics {
    public var completionCount: Int { completions.count }
    /// Tokens that count in the loss.
    public var tokenCount: Int { completions.reduce(0) { $0 + $1.tokenCount } }

    /// `loss`: this block's share of the step's loss; of all blocks merged, the loss.
    public var loss: Double { sum(\.loss) / normalizer }
    /// The mean that `loss` is, of absolute values: the size of what may cancel in it.
    public var meanAbsoluteTerm: Double { sum { abs($0.loss) } / normalizer }
    /// `policy_loss`: the policy term alone.
    public var policyLoss: Double { sum(\.policyLoss) / normalizer }
    /// The entropy term, its coefficient included.
    public var entropyLoss: Double { sum(\.entropyLoss) / normalizer }
    /// The value head's regression, its coefficient included.
    public var valueLoss: Double { sum(\.valueLoss) / normalizer }
    /// The squared log-ratio to the sampler, its weight included.
    public var samplerLoss: Double { sum(\.samplerLoss) / normalizer }
    /// The KL term, β included.
    public var klLoss: Double { sum(\.klLoss) / normalizer }
    /// `kl`: mean estimate per token, nats, by `klName`; `nil` where β = 0.
    public var kl: Double? { beta == 0 ? nil : mean(sum(\.kl), over: tokenCount) }
    /// `entropy`: mean per token, nats; over the completions whose entropy is known.
    public var entropy: Double? {
        let known = completions.filter { $0.entropy != nil }
        return mean(
            known.reduce(0) { $0 + ($1.entropy ?? 0) }, over: known.reduce(0) { $0 + $1.tokenCount }
        )
    }

    /// Of the ratio that is clipped, to ℓ_old: one per token, or one per completion.
    public var ratioMin: Double? { active.map(\.ratioMin).min() }
    public var ratioMean: Double? { mean(sum(\.ratioSum), over: ratioCount) }
    public var ratioMax: Double? { active.map(\.ratioMax).max() }

    /// `sampling/sampling_logp_difference/mean`: mean |ℓ − ℓ_behavior|, nats; means the gap between
    /// sampler and learner only in the first inner pass.
    public var logprobDifferenceMean: Double? {
        mean(sum(\.logprobDifferenceSum), over: tokenCount)
    }
    /// `sampling/sampling_logp_difference/max`.
    public var logprobDifferenceMax: Double? { active.map(\.logprobDifferenceMax).max() }

    /// Of exp(ℓ − ℓ_behavior) by token, whatever ℓ_old is:
    /// `sampling/importance_sampling_ratio/{min,mean,max}` in the first inner pass.
    public var samplingRatioMin: Double? { active.map(\.samplingRatioMin).min() }
    public var samplingRatioMean: Double? { mean(sum(\.samplingRatioSum), over: tokenCount) }
    public var samplingRatioMax: Double? { active.map(\.samplingRatioMax).max() }

    /// Off-policy weights, one per token, after bounds and masks; `nil` without a correction.
    public var importanceWeightMin: Double? { weighted.map(\.importance.minimum).min() }
    public var importanceWeightMean: Double? {
        mean(sum(\.importance.sum), over: importanceCount)
    }
    public var importanceWeightMax: Double? { weighted.map(\.importance.maximum).max() }
    /// Share of tokens whose weight the mask made 0.
    public var importanceMaskedShare: Double? {
        mean(Double(completions.reduce(0) { $0 + $1.importance.rejected }), over: importanceCount)
    }

    /// Share of tokens without a policy term because the policy moved too far (`dppo`,
    /// `off_policy_mask_threshold`).
    public var maskedShare: Double? {
        mean(Double(completions.reduce(0) { $0 + $1.maskedTokens }), over: tokenCount)
    }

    /// 1 − Var(R − V)/Var(R) over tokens; `nil` without values or where all rewards are equal.
    public var explainedVariance: Double? {
        let count = Double(completions.reduce(0) { $0 + $1.values.count })
        guard count > 0 else { return nil }
        func variance(_ square: Double, _ sum: Double) -> Double {
            square / count - sum / count * (sum / count)
        }
        let total = variance(sum(\.values.targetSquare), sum(\.values.target))
        let rest = variance(sum(\.values.errorSquare), sum(\.values.error))
        return total > 0 ? 1 - rest / total : nil
    }

    /// `clip_ratio/low_mean`: share of ratios below 1 − ε where A < 0.
    public var clipRatioLowMean: Double? { clippedShare { $0.clippedLow } }
    /// `clip_ratio/low_min`: the smallest such share in one completion.
    public var clipRatioLowMin: Double? { active.map { share($0.clippedLow, in: $0) }.min() }
    /// `clip_ratio/high_mean`: share of ratios above 1 + ε_high where A > 0.
    public var clipRatioHighMean: Double? { clippedShare { $0.clippedHigh } }
    /// `clip_ratio/high_max`: the largest such share in one completion.
    public var clipRatioHighMax: Double? { active.map { share($0.clippedHigh, in: $0) }.max() }
    /// `clip_ratio/region_mean`: either.
    public var clipRatioRegionMean: Double? { clippedShare { $0.clippedLow + $0.clippedHigh } }
    /// Share of ratios that the dual clip or `delta` bounded (verl's `pg_clipfrac_lower`).
    public var clipRatioCappedMean: Double? { clippedShare { $0.capped } }
}

extension ObjectiveStatistics {
    /// Completions with at least one token that counts.
    private var active: [CompletionStatistics] { completions.filter { $0.ratioCount > 0 } }
    private var weighted: [CompletionStatistics] {
        completions.filter { $0.importance.count > 0 }
    }
    private var importanceCount: Int { completions.reduce(0) { $0 + $1.importance.count } }
    private var ratioCount: Int { completions.reduce(0) { $0 + $1.ratioCount } }

    private func sum(_ value: (CompletionStatistics) -> Double) -> Double {
        completions.reduce(0) { $0 + value($1) }
    }

    private func mean(_ sum: Double, over count: Int) -> Double? {
        count == 0 ? nil : sum / Double(count)
    }

    private func clippedShare(_ count: (CompletionStatistics) -> Int) -> Double? {
        mean(Double(completions.reduce(0) { $0 + count($1) }), over: ratioCount)
    }

    private func share(_ count: Int, in completion: CompletionStatistics) -> Double {
        Double(count) / Double(completion.ratioCount)
    }
}
