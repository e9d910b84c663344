import GRPO
import Ports
import Training

/// One line of `metrics.jsonl`: what a step's report says under TRL's names.
///
/// Metrics of the objective are of all inner steps of the batch, each weighted by its tokens; the
/// `sampling/*` ones of the first inner step only, where the policy is still the one that sampled.
struct StepMetrics {
    private let report: StepReport
    private let rewardNames: [String]
    private let objective: ObjectiveConfiguration

    init(
        _ report: StepReport, rewardNames: [String], objective: ObjectiveConfiguration = .init()
    ) {
        self.objective = objective
        self.report = report
        self.rewardNames = rewardNames
    }

    /// `time` in seconds since the run started.
    func row(time: Double) -> MetricsRow {
        var row = MetricsRow(step: report.step + 1, time: time)
        recordRewards(&row)
        recordLengths(&row)
        recordObjective(&row)
        recordSampling(&row)
        recordProgress(&row)
        recordGroups(&row)
        recordEvaluation(&row)
        return row
    }

    private func recordEvaluation(_ row: inout MetricsRow) {
        guard let evaluation = report.evaluation else { return }
        row.record(MetricName.reward.evaluation, evaluation.reward)
        row.record(MetricName.sampledAccuracy.evaluation, evaluation.sampledAccuracy)
        row.record(MetricName.greedyAccuracy.evaluation, evaluation.greedyAccuracy)
        row.record(MetricName.meanLength.evaluation, evaluation.meanLength)
        row.record(.evaluateTime, report.time.evaluating)
    }

    private func recordRewards(_ row: inout MetricsRow) {
        let all = report.rewards.flatMap { $0 }
        row.record(.reward, mean(all))
        row.record(.rewardStd, standardDeviation(all))
        let completions = report.batch.flatMap(\.completions)
        for (place, name) in rewardNames.enumerated() {
            // As TRL has it, over the completions that the function applies to.
            let own = completions.compactMap { $0.rewards.indices.contains(place) ? $0.rewards[place] : nil }
            // A function that applies to none has said nothing, which is no error.
            if let mean = mean(own) { row.record(.rewardMean(name), mean) }
            if let deviation = standardDeviation(own) { row.record(.rewardStd(name), deviation) }
        }
        let constant = report.rewards.filter { isConstant($0) }.reduce(0) { $0 + $1.count }
        row.record(.fracRewardZeroStd, Double(constant) / Double(max(1, all.count)))
    }

    private func recordLengths(_ row: inout MetricsRow) {
        let lengths = report.lengths.map(Double.init)
        row.record(.meanLength, mean(lengths))
        row.record(.minLength, lengths.min())
        row.record(.maxLength, lengths.max())
        let ended = zip(lengths, report.terminated).filter(\.1).map(\.0)
        row.record(.meanTerminatedLength, mean(ended))
        row.record(.minTerminatedLength, ended.min())
        row.record(.maxTerminatedLength, ended.max())
        row.record(.clippedRatio, 1 - Double(ended.count) / Double(max(1, lengths.count)))
    }

    private func recordObjective(_ row: inout MetricsRow) {
        row.record(.loss, overSteps(\.loss))
        row.record(.policyLoss, overSteps(\.policyLoss))
        row.record(.entropy, overSteps(\.entropy))
        row.record(.clipRatioLowMean, overSteps(\.clipRatioLowMean))
        row.record(.clipRatioLowMin, report.statistics.compactMap(\.clipRatioLowMin).min())
        row.record(.clipRatioHighMean, overSteps(\.clipRatioHighMean))
        row.record(.clipRatioHighMax, report.statistics.compactMap(\.clipRatioHighMax).max())
        row.record(.clipRatioRegionMean, overSteps(\.clipRatioRegionMean))
        row.record(.ratioMin, report.statistics.compactMap(\.ratioMin).min())
        row.record(.ratioMean, overSteps(\.ratioMean))
        row.record(.ratioMax, report.statistics.compactMap(\.ratioMax).max())
        recordTerms(&row)
        row.record(.gradNorm, report.gradNorm)
        row.record(.learningRate, report.learningRate)
    }

    /// Of terms and weights that the objective has.
    private func recordTerms(_ row: inout MetricsRow) {
        if objective.lossBeta != 0 {
            row.record(.kl, overSteps(\.kl))
            row.record(.klLoss, overSteps(\.klLoss))
        }
        if objective.entropyCoef != 0 { row.record(.entropyLoss, overSteps(\.entropyLoss)) }
        if objective.vfCoef != 0 {
            row.record(.valueLoss, overSteps(\.valueLoss))
            row.record(.explainedVariance, overSteps(\.explainedVariance))
        }
        if objective.delta != nil || objective.dualClip != nil {
            row.record(.clipRatioCappedMean, overSteps(\.clipRatioCappedMean))
        }
        guard objective.importanceSamplingCorrection != .none else { return }
        row.record(.importanceWeightMin, report.statistics.compactMap(\.importanceWeightMin).min())
        row.record(.importanceWeightMean, overSteps(\.importanceWeightMean))
        row.record(.importanceWeightMax, report.statistics.compactMap(\.importanceWeightMax).max())
        row.record(.importanceMaskedShare, overSteps(\.importanceMaskedShare))
    }

    private func recordSampling(_ row: inout MetricsRow) {
        guard let first = report.statistics.first else { return }
        row.record(.logprobDifferenceMean, first.logprobDifferenceMean)
        row.record(.logprobDifferenceMax, first.logprobDifferenceMax)
        row.record(.samplingRatioMin, first.samplingRatioMin)
        row.record(.samplingRatioMean, first.samplingRatioMean)
        row.record(.samplingRatioMax, first.samplingRatioMax)
    }

    private func recordProgress(_ row: inout MetricsRow) {
        row.record(.numTokens, report.tokens)
        row.record(.stepTime, report.time.step)
        row.record(.waitTime, report.time.waiting)
        row.record(.optimizeTime, report.time.optimizing)
        row.record(.weightSyncTime, report.time.publishing)
        let generated = Double(report.lengths.reduce(0, +))
        row.record(.generationTokensPerSecond, generated / max(report.time.step, 1e-9))
        row.record(.workersLive, report.liveWorkers)
    }

    private func recordGroups(_ row: inout MetricsRow) {
        let groups = report.accounting
        row.record(.groupsIssued, groups.issued)
        row.record(.groupsLeased, groups.leased)
        row.record(.groupsReceived, groups.received)
        row.record(.groupsJournaled, groups.journaled)
        row.record(.groupsConsumed, groups.consumed)
        row.record(.groupsReissued, groups.reissued)
        row.record(.groupsDuplicateCopies, groups.duplicateCopies)
        for (cause, count) in groups.dropped.sorted(by: { $0.key < $1.key }) {
            row.record(.groupsDropped(cause), count)
        }
        let staleness = report.staleness.map(Double.init)
        row.record(.stalenessMean, mean(staleness))
        row.record(.stalenessMax, staleness.max())
    }

    /// The mean over the inner steps that have a value, each weighted by its tokens.
    private func overSteps(_ value: (ObjectiveStatistics) -> Double?) -> Double? {
        let known = report.statistics.compactMap { step in
            value(step).map { ($0, Double(step.tokenCount)) }
        }
        let weight = known.reduce(0) { $0 + $1.1 }
        return weight == 0 ? nil : known.reduce(0) { $0 + $1.0 * $1.1 } / weight
    }
}

private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

/// Unbiased; `nil` for fewer than two values.
private func standardDeviation(_ values: [Double]) -> Double? {
    guard values.count > 1, let mean = mean(values) else { return nil }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
}
