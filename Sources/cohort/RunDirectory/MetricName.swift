/// The name of a metric. Where TRL has the metric the name is TRL's, letter by letter. All names
/// and families are listed in `MetricName.catalogue`; a metrics row keeps that order.
package struct MetricName: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    private init(_ name: String) { self.init(rawValue: name) }

    package var description: String { rawValue }

    // Training, as TRL has it.
    package static let loss = MetricName("loss")
    package static let policyLoss = MetricName("policy_loss")
    /// Ours: of ρ = π_θ/π_old over all inner steps of a batch.
    package static let ratioMin = MetricName("ratio/min")
    package static let ratioMean = MetricName("ratio/mean")
    package static let ratioMax = MetricName("ratio/max")
    package static let gradNorm = MetricName("grad_norm")
    package static let learningRate = MetricName("learning_rate")
    package static let epoch = MetricName("epoch")
    /// Prompt and completion tokens so far.
    package static let numTokens = MetricName("num_tokens")
    /// Seconds.
    /// Ours: seconds of a step spent waiting for its batch, and on optimiser steps.
    package static let waitTime = MetricName("time/wait_for_batch")
    package static let optimizeTime = MetricName("time/optimize")
    package static let stepTime = MetricName("step_time")
    package static let evaluateTime = MetricName("time/evaluate")
    package static let reward = MetricName("reward")
    /// Of the whole batch, unbiased.
    package static let rewardStd = MetricName("reward_std")
    /// Share of *completions* whose group had one reward only.
    package static let fracRewardZeroStd = MetricName("frac_reward_zero_std")
    /// Nats, mean over tokens.
    package static let kl = MetricName("kl")
    package static let entropy = MetricName("entropy")
    /// Ours: the other terms of the loss.
    package static let valueLoss = MetricName("value_loss")
    package static let explainedVariance = MetricName("value/explained_variance")
    package static let entropyLoss = MetricName("entropy_loss")
    package static let klLoss = MetricName("kl_loss")
    /// Ours: share of what has a weight that `importance_sampling_correction` masked.
    package static let importanceMaskedShare = MetricName("importance_weight/masked")
    package static let importanceWeightMin = MetricName("importance_weight/min")
    package static let importanceWeightMean = MetricName("importance_weight/mean")
    package static let importanceWeightMax = MetricName("importance_weight/max")
    package static let clipRatioCappedMean = MetricName("clip_ratio/capped_mean")
    /// Ours: share of completions that are right, in evaluations.
    package static let sampledAccuracy = MetricName("accuracy/sampled")
    package static let greedyAccuracy = MetricName("accuracy/greedy")
    package static let clipRatioLowMean = MetricName("clip_ratio/low_mean")
    package static let clipRatioLowMin = MetricName("clip_ratio/low_min")
    package static let clipRatioHighMean = MetricName("clip_ratio/high_mean")
    package static let clipRatioHighMax = MetricName("clip_ratio/high_max")
    package static let clipRatioRegionMean = MetricName("clip_ratio/region_mean")
    package static let meanLength = MetricName("completions/mean_length")
    package static let minLength = MetricName("completions/min_length")
    package static let maxLength = MetricName("completions/max_length")
    package static let meanTerminatedLength = MetricName("completions/mean_terminated_length")
    package static let minTerminatedLength = MetricName("completions/min_terminated_length")
    package static let maxTerminatedLength = MetricName("completions/max_terminated_length")
    package static let clippedRatio = MetricName("completions/clipped_ratio")
    package static let logprobDifferenceMean = MetricName("sampling/sampling_logp_difference/mean")
    package static let logprobDifferenceMax = MetricName("sampling/sampling_logp_difference/max")
    package static let samplingRatioMin = MetricName("sampling/importance_sampling_ratio/min")
    package static let samplingRatioMean = MetricName("sampling/importance_sampling_ratio/mean")
    package static let samplingRatioMax = MetricName("sampling/importance_sampling_ratio/max")
    package static let trainingTokensPerSecond = MetricName("training_tok/s")
    package static let generationTokensPerSecond = MetricName("generation_tok_per_s")
    /// Seconds.
    package static let weightSyncTime = MetricName("weight_sync_time_s")
    /// Milliseconds.
    package static let scoringTime = MetricName("scoring_time_ms")

    // What others lack.
    package static let groupsIssued = MetricName("groups/issued")
    package static let groupsLeased = MetricName("groups/leased")
    package static let groupsReceived = MetricName("groups/received")
    package static let groupsJournaled = MetricName("groups/journaled")
    package static let groupsConsumed = MetricName("groups/consumed")
    package static let groupsDuplicateCopies = MetricName("groups/duplicate_copies")
    package static let groupsReissued = MetricName("groups/reissued")
    package static let stalenessMean = MetricName("staleness/mean")
    package static let stalenessMax = MetricName("staleness/max")
    package static let bytesIn = MetricName("transport/bytes_in")
    package static let bytesOut = MetricName("transport/bytes_out")
    package static let credits = MetricName("transport/credits")
    package static let queueDepth = MetricName("transport/queue_depth")
    package static let roundTrip = MetricName("transport/rtt_ms")
    package static let workersLive = MetricName("workers/live")
    package static let workersLost = MetricName("workers/lost")
    package static let workersRejoined = MetricName("workers/rejoined")
    package static let snapshotVersion = MetricName("snapshot/version")
    package static let snapshotFetch = MetricName("snapshot/fetch_ms")
    package static let snapshotBytes = MetricName("snapshot/bytes")
    package static let checkpointSave = MetricName("checkpoint/save_ms")
    package static let checkpointBytes = MetricName("checkpoint/bytes")

    // Families.
    package static func rewardMean(_ function: String) -> MetricName {
        MetricName("rewards/\(function)/mean")
    }

    package static func rewardStd(_ function: String) -> MetricName {
        MetricName("rewards/\(function)/std")
    }

    /// Groups dropped for that cause so far.
    package static func groupsDropped(_ cause: String) -> MetricName {
        MetricName("groups/dropped/\(cause)")
    }

    /// Groups of the batch that lagged behind by that many versions.
    package static func stalenessHistogram(_ versions: Int) -> MetricName {
        MetricName("staleness/histogram/\(versions)")
    }

    /// The same quantity measured by an evaluation, as TRL's trackers expect it.
    package var evaluation: MetricName { MetricName("eval_" + rawValue) }
}
