extension AlgorithmWord {
    /// Every word, by subject.
    public static let all: [AlgorithmWord] =
        advantage + ratio + divergence + aggregation + offPolicy + surroundings

    /// Throws `WordError.unknownWord`.
    public static func named(_ name: String) throws(WordError) -> AlgorithmWord {
        guard let word = all.first(where: { $0.name == name }) else { throw .unknownWord(name) }
        return word
    }

    private static let advantage: [AlgorithmWord] = [
        .word("advantage_baseline", \.advantage.baseline),
        .word("scale_rewards", \.advantage.scaling),
        .word("advantage_divisor", \.advantage.divisor),
        .number("advantage_epsilon", \.advantage.epsilon),
        .word("advantage_epsilon_place", \.advantage.epsilonPlace),
        .word("constant_group_advantage", \.advantage.constantGroups),
        .word("single_generation", \.advantage.singleGeneration),
        .word("multi_objective_aggregation", \.advantage.aggregation),
    ]

    private static let ratio: [AlgorithmWord] = [
        .word("importance_sampling_level", \.objective.importanceSamplingLevel),
        .optionalWord("surrogate", \.objective.surrogate),
        .number("epsilon", \.objective.epsilon),
        .optionalNumber("epsilon_high", \.objective.epsilonHigh),
        .optionalNumber("delta", \.objective.delta),
        .optionalNumber("dual_clip", \.objective.dualClip),
        .number("log_ratio_clamp", \.objective.logRatioClamp),
        .number("kl_tau", \.objective.klTau),
        .number("sapo_temperature_pos", \.objective.sapo.positive),
        .number("sapo_temperature_neg", \.objective.sapo.negative),
        .number("vespo_k_pos", \.objective.vespo.positiveK),
        .number("vespo_lambda_pos", \.objective.vespo.positiveLambda),
        .number("vespo_k_neg", \.objective.vespo.negativeK),
        .number("vespo_lambda_neg", \.objective.vespo.negativeLambda),
    ]

    private static let divergence: [AlgorithmWord] = [
        .number("beta", \.objective.beta),
        .word("kl_estimator", \.objective.klEstimator),
        .word("kl_placement", \.objective.klPlacement),
        .word("kl_level", \.objective.klLevel),
        .number("kl_input_clamp", \.objective.klInputClamp),
        .number("kl_output_clamp", \.objective.klOutputClamp),
        .flag("use_bias_correction_kl", \.objective.useBiasCorrectionKL),
        .flag("sync_ref_model", \.run.syncRefModel),
        .number("ref_model_mixup_alpha", \.run.refModelMixupAlpha),
        .count("ref_model_sync_steps", \.run.refModelSyncSteps),
    ]

    private static let aggregation: [AlgorithmWord] = [
        .word("loss_type", \.objective.lossType),
        .optionalCount("per_device_train_batch_size", \.objective.perDeviceTrainBatchSize),
        .word("constant_groups", \.objective.constantGroups),
        .flag("mask_truncated_completions", \.objective.maskTruncatedCompletions),
        .number("entropy_coef", \.objective.entropyCoef),
        .number("top_entropy_quantile", \.objective.topEntropyQuantile),
        .number("vf_coef", \.objective.vfCoef),
    ]

    private static let offPolicy: [AlgorithmWord] = [
        .word("importance_sampling_correction", \.objective.importanceSamplingCorrection),
        .optionalNumber("importance_sampling_clip_max", \.objective.importanceSamplingClipMax),
        .optionalNumber("importance_sampling_clip_min", \.objective.importanceSamplingClipMin),
        .word("rejected_tokens", \.objective.rejectedTokens),
        .optionalNumber("off_policy_mask_threshold", \.objective.offPolicyMaskThreshold),
        .word("proximal", \.run.proximal),
    ]

    private static let surroundings: [AlgorithmWord] = [
        .flag("dynamic_sampling", \.run.dynamicSampling),
        .number("overlong_buffer", \.run.overlongBuffer),
        .number("overlong_penalty", \.run.overlongPenalty),
        .flag("overlong_bounded", \.run.overlongBounded),
        .optionalNumber("max_grad_norm", \.run.maxGradNorm),
    ]
}
