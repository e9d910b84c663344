extension ObjectiveConfiguration {
    /// Throws `ObjectiveError.badParameter` for a number outside its range, and `.badCombination` for
    /// words that have no meaning together.
    public func validate() throws(ObjectiveError) {
        let notNegative: [(String, Double?)] = [
            ("epsilon", epsilon), ("epsilon_high", epsilonHigh ?? epsilon), ("beta", beta),
            ("log_ratio_clamp", logRatioClamp), ("kl_tau", klTau),
            ("kl_input_clamp", klInputClamp), ("kl_output_clamp", klOutputClamp),
            ("vf_coef", vfCoef), ("importance_sampling_clip_max", importanceSamplingClipMax),
            ("importance_sampling_clip_min", importanceSamplingClipMin), ("delta", delta),
            ("off_policy_mask_threshold", offPolicyMaskThreshold),
            ("sapo_temperature_pos", sapo.positive), ("sapo_temperature_neg", sapo.negative),
            ("vespo_k_pos", vespo.positiveK), ("vespo_lambda_pos", vespo.positiveLambda),
            ("vespo_k_neg", vespo.negativeK), ("vespo_lambda_neg", vespo.negativeLambda),
        ]
        for case (let name, let value?) in notNegative where !(value.isFinite && value >= 0) {
            throw .badParameter(name: name, value: value)
        }
        // A negative coefficient of the entropy is a penalty, which some want.
        guard entropyCoef.isFinite else {
            throw .badParameter(name: "entropy_coef", value: entropyCoef)
        }
        if let dualClip, !(dualClip.isFinite && dualClip > 1) {
            throw .badParameter(name: "dual_clip", value: dualClip)
        }
        guard topEntropyQuantile > 0, topEntropyQuantile <= 1 else {
            throw .badParameter(name: "top_entropy_quantile", value: topEntropyQuantile)
        }
        if let size = perDeviceTrainBatchSize, size < 1 {
            throw .badParameter(name: "per_device_train_batch_size", value: Double(size))
        }
        if let problem = combinationProblem { throw .badCombination(problem) }
    }

    private var combinationProblem: String? {
        let surrogate = effectiveSurrogate
        if surrogate == .cispoRaw, epsilonHigh == nil {
            return "surrogate \"cispo_raw\" needs epsilon_high, which is the bound of the ratio itself"
        }
        if surrogate == .dppo, importanceSamplingLevel != .token {
            return "surrogate \"dppo\" looks at token probabilities; "
                + "set importance_sampling_level = \"token\""
        }
        if klPlacement == .reward, beta != 0, klEstimator == .full {
            return "kl_placement \"reward\" adds up estimates from the tokens that were sampled, which "
                + "kl_estimator \"full\" is not; set another estimator, such as \"k1\", or "
                + "kl_placement = \"loss\""
        }
        if klLevel == .sequence, lossBeta != 0 {
            if klEstimator == .full {
                return "kl_estimator \"full\" is a sum over positions; set kl_level = \"token\""
            }
            if useBiasCorrectionKL, !importanceSamplingLevel.isShared {
                return "use_bias_correction_kl with kl_level \"sequence\" needs the ratio of the "
                    + "completion; set importance_sampling_level to \"sequence\" or \"sequence_product\""
            }
        }
        if lossType == .original, importanceSamplingLevel.isShared, importanceSamplingCorrection.isOfToken {
            return "loss_type \"original\" counts a completion once; "
                + "importance_sampling_correction must be of the sequence"
        }
        if lossType == .bnpo, constantGroups == .klOnly {
            return "loss_type \"bnpo\" has one mean per micro-batch; "
                + "set constant_groups to \"count\" or \"drop\""
        }
        return nil
    }
}
