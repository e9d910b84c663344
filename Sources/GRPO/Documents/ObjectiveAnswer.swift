/// What an objective document comes to: `cohort objective` prints it.
public struct ObjectiveAnswer: Hashable, Sendable {
    public var profile: String
    /// [group][completion].
    public var advantages: [[CompletionAdvantage]]
    public var statistics: ObjectiveStatistics
    /// [group][completion][token] each; empty where the loss does not depend on that number.
    public var gradient: [[[Double]]]
    public var entropyGradient: [[[Double]]]
    public var divergenceGradient: [[[Double]]]
    public var valueGradient: [[[Double]]]
    /// Learner's version − group's version, where the document gives both.
    public var staleness: [Int]
    /// Mean |reward|, the size of what advantages are differences of.
    public var rewardScale: Double
}

extension ObjectiveAnswer {
    /// Terms of the loss by their names in the output; a term that the loss does not have is absent.
    public var terms: [(name: String, value: Double)] {
        var result = [("loss", statistics.loss), ("policy_loss", statistics.policyLoss)]
        let divergence = statistics.klLoss + statistics.samplerLoss
        if statistics.beta != 0 || divergence != 0 { result.append(("kl_loss", divergence)) }
        if !entropyGradient.isEmpty { result.append(("entropy_loss", statistics.entropyLoss)) }
        if !valueGradient.isEmpty { result.append(("value_loss", statistics.valueLoss)) }
        return result
    }

    /// Figures in groups of names, without those that have no value.
    public var figures: [(name: String, values: [(name: String, value: Double)])] {
        let groups: [(String, [(String, Double?)])] = [
            (
                "clip_ratio",
                [
                    ("low_mean", statistics.clipRatioLowMean),
                    ("low_min", statistics.clipRatioLowMin),
                    ("high_mean", statistics.clipRatioHighMean),
                    ("high_max", statistics.clipRatioHighMax),
                    ("region_mean", statistics.clipRatioRegionMean),
                    ("capped_mean", statistics.clipRatioCappedMean),
                ]
            ),
            (
                "ratio",
                [
                    ("min", statistics.ratioMin), ("mean", statistics.ratioMean),
                    ("max", statistics.ratioMax),
                ]
            ),
            (
                "importance_weight",
                [
                    ("min", statistics.importanceWeightMin),
                    ("mean", statistics.importanceWeightMean),
                    ("max", statistics.importanceWeightMax),
                    ("masked", statistics.importanceMaskedShare),
                ]
            ),
        ]
        return groups.compactMap { name, values in
            let known = values.compactMap { item in item.1.map { (name: item.0, value: $0) } }
            return known.isEmpty ? nil : (name, known)
        }
    }
}
