/// The knobs of the objective. Names in quotes are the configuration's words, TRL's (`GRPOConfig`) where
/// it has one. Defaults are the profile `cohort`.
public struct ObjectiveConfiguration: Hashable, Sendable, Codable {
    // Ratio and surrogate

    /// `importance_sampling_level`.
    public var importanceSamplingLevel = ImportanceSamplingLevel.token
    /// `surrogate`; `nil`: what `loss_type` implies, mostly `clip`.
    public var surrogate: Surrogate?
    /// `epsilon`: the ratio is clipped below at 1 − ε.
    public var epsilon = 0.2
    /// `epsilon_high`: the ratio is clipped above at 1 + ε_high; `nil`: as `epsilon`. DAPO: 0.28. For
    /// `cispo_raw` it is the bound itself.
    public var epsilonHigh: Double?
    /// `delta`: cap of the ratio in the unclipped branch; `nil`: none.
    public var delta: Double?
    /// `dual_clip`: verl's `clip_ratio_c`; `nil`: none.
    public var dualClip: Double?
    /// `log_ratio_clamp`: log-ratios are clamped to ± this before exp; 0: not clamped.
    public var logRatioClamp = LogClamp.standard
    /// `kl_tau`: weight of (ℓ − ℓ_behavior)² (prime-rl).
    public var klTau = 0.0
    public var sapo = SAPOTemperatures()
    public var vespo = VESPOShape()

    // KL to the reference policy

    /// `beta`: weight of the KL term to the reference policy; 0: no reference is needed. TRL's default is
    /// 0, ours is DeepSeekMath's.
    public var beta = 0.04
    /// `kl_estimator`.
    public var klEstimator = KLEstimator.k3
    /// `kl_placement`.
    public var klPlacement = KLPlacement.loss
    /// `kl_level`.
    public var klLevel = KLLevel.token
    /// `kl_input_clamp`: x is clamped to ± this; 0: not clamped.
    public var klInputClamp = LogClamp.standard
    /// `kl_output_clamp`: the estimate is clamped to ± this; 0: not clamped.
    public var klOutputClamp = 0.0
    /// `use_bias_correction_kl`: the estimate is multiplied by the (differentiated) ratio.
    public var useBiasCorrectionKL = false

    // Aggregation

    /// `loss_type`.
    public var lossType = LossType.dapo
    /// `per_device_train_batch_size`: completions of a micro-batch, over which `bnpo` and the entropy
    /// term take their means; `nil`: the step is one.
    public var perDeviceTrainBatchSize: Int?
    /// `constant_groups`.
    public var constantGroups = ConstantGroupPolicy.count
    /// `mask_truncated_completions`: completions that met the length limit count nowhere.
    public var maskTruncatedCompletions = false
    /// `entropy_coef`: weight of the mean entropy per token, which is subtracted.
    public var entropyCoef = 0.0
    /// `top_entropy_quantile`: share of tokens, those of highest entropy, that have a policy and an entropy
    /// term (arXiv 2506.01939); 1: all. The step's threshold is part of `StepExtent`.
    public var topEntropyQuantile = 1.0
    /// `vf_coef`: weight of ½(V − R)², the value head's regression to the completion's reward; a mean over
    /// tokens.
    public var vfCoef = 0.0

    // Off-policy

    /// `importance_sampling_correction`.
    public var importanceSamplingCorrection = ImportanceSamplingCorrection.none
    /// `importance_sampling_clip_max`; `nil`: no upper bound.
    public var importanceSamplingClipMax: Double? = 3
    /// `importance_sampling_clip_min`; `nil`: no lower bound.
    public var importanceSamplingClipMin: Double?
    /// `rejected_tokens`.
    public var rejectedTokens = RejectedTokens.count
    /// `off_policy_mask_threshold`: completions with A < 0 whose mean ℓ_behavior − ℓ is above it have no
    /// policy term (DeepSeek-V3.2, arXiv 2512.02556); `nil`: none.
    public var offPolicyMaskThreshold: Double?

    public init(
        epsilon: Double = 0.2, epsilonHigh: Double? = nil, beta: Double = 0.04,
        lossType: LossType = .dapo, importanceSamplingLevel: ImportanceSamplingLevel = .token
    ) {
        self.epsilon = epsilon
        self.epsilonHigh = epsilonHigh
        self.beta = beta
        self.lossType = lossType
        self.importanceSamplingLevel = importanceSamplingLevel
    }
}

extension ObjectiveConfiguration {
    /// The surrogate that holds.
    public var effectiveSurrogate: Surrogate { surrogate ?? lossType.surrogate }

    /// The clip's bounds in the scalar of the evaluation.
    public func bounds<Scalar>(_: Scalar.Type = Scalar.self) -> ClipBounds<Scalar> {
        ClipBounds(
            epsilon: epsilon, epsilonHigh: epsilonHigh ?? epsilon, delta: delta, dualClip: dualClip)
    }

    /// β of the loss: 0 where the KL term is in the reward.
    public var lossBeta: Double { klPlacement == .loss ? beta : 0 }
    /// Whether ℓ_ref of each token must be known for the loss.
    public var needsReferenceLogprobs: Bool {
        lossBeta != 0 && klEstimator.needsReferenceLogprobs
    }
    /// Whether the forward pass must compute the exact divergence at each token.
    public var needsDivergences: Bool { lossBeta != 0 && klEstimator == .full }
}
