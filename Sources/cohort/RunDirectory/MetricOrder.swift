extension MetricName {
    /// Every fixed name and, as a prefix that ends in "/", every family: the order of a row.
    static let catalogue: [MetricName] = training + sampling + accounting + system

    private static let training: [MetricName] = [
        loss, policyLoss, gradNorm, learningRate, epoch, numTokens, stepTime, reward, rewardStd,
        family("rewards/"), fracRewardZeroStd, sampledAccuracy, greedyAccuracy, kl, klLoss, entropy,
        entropyLoss, valueLoss, explainedVariance, importanceWeightMin, importanceWeightMean,
        importanceWeightMax, importanceMaskedShare, clipRatioLowMean, clipRatioLowMin,
        clipRatioHighMean, clipRatioHighMax, clipRatioRegionMean, clipRatioCappedMean,
    ]

    private static let sampling: [MetricName] = [
        meanLength, minLength, maxLength, meanTerminatedLength, minTerminatedLength,
        maxTerminatedLength, clippedRatio, logprobDifferenceMean, logprobDifferenceMax,
        samplingRatioMin, samplingRatioMean, samplingRatioMax, trainingTokensPerSecond,
        generationTokensPerSecond, weightSyncTime, scoringTime,
    ]

    private static let accounting: [MetricName] = [
        groupsIssued, groupsLeased, groupsReceived, groupsJournaled, groupsConsumed,
        family("groups/dropped/"), groupsDuplicateCopies, stalenessMean, stalenessMax,
        family("staleness/histogram/"),
    ]

    private static let system: [MetricName] = [
        bytesIn, bytesOut, credits, queueDepth, roundTrip, workersLive, workersLost,
        workersRejoined, snapshotVersion, snapshotFetch, snapshotBytes, checkpointSave,
        checkpointBytes,
    ]

    private static func family(_ prefix: String) -> MetricName { MetricName(rawValue: prefix) }

    private static let places = Dictionary(
        uniqueKeysWithValues: catalogue.enumerated().map { ($1.rawValue, $0) })
    private static let families = catalogue.map(\.rawValue).filter { $0.hasSuffix("/") }
    private static let evaluationPrefix = "eval_"

    /// Place in the catalogue, then unknown names, then evaluations in the same order again.
    private var place: Int {
        if rawValue.hasPrefix(Self.evaluationPrefix) {
            let inner = MetricName(
                rawValue: String(rawValue.dropFirst(Self.evaluationPrefix.count)))
            return Self.catalogue.count + 1 + inner.place
        }
        if let place = Self.places[rawValue] { return place }
        let family = Self.families.first { rawValue.hasPrefix($0) }
        return family.flatMap { Self.places[$0] } ?? Self.catalogue.count
    }

    /// The order of names in a row; by name within a family.
    static func precedes(_ first: MetricName, _ second: MetricName) -> Bool {
        (first.place, first.rawValue) < (second.place, second.rawValue)
    }
}
