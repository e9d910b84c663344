internal import GRPO

/// The words of the algorithm as settings of `[grpo]`.
extension Setting {
    static let algorithm: [Setting] =
        advantage + ratio + divergence + aggregation + offPolicy + surroundings

    /// `range`: of numbers.
    private init(
        word name: String, _ relation: Relation, range: NumberRange = .atLeast(0), _ help: String
    ) {
        guard let word = try? AlgorithmWord.named(name) else {
            preconditionFailure("there is no word \(name)")
        }
        let plain: AllowedValues =
            switch word.kind {
            case .words(let words): .words(words)
            case .number: .numbers(range)
            case .count: .integers(1...1_000_000_000)
            case .flag: .boolean
            }
        let allowed: AllowedValues =
            switch plain {
            case .words(let words) where word.isOptional: .words(words + ["none"])
            default: word.isOptional ? .orNone(plain) : plain
            }
        self.init("grpo.\(name)", allowed, relation, help) { configuration in
            let value = word.value(in: configuration.grpo.algorithm)
            if case .number(let number)? = value, word.kind == .count {
                return .integer(Int64(number))
            }
            return value.map { SettingValue($0) } ?? .text("none")
        } write: { value, configuration in
            guard let value = WordValue(value) else { return false }
            do { try word.set(value, in: &configuration.grpo.algorithm) } catch { return false }
            return true
        }
    }

    private static let advantage: [Setting] = [
        Setting(
            word: "advantage_baseline", .ours,
            "What is subtracted from a reward: its group's mean, the mean of the others, the batch's, "
                + "nothing, or a learned value at each token or at the prompt's end."),
        Setting(
            word: "scale_rewards", .trl("\"mean\" is ours"),
            "What centred rewards are divided by: the deviation of group or batch, the group's mean "
                + "(MaxRL), or nothing."),
        Setting(
            word: "advantage_divisor", .ours,
            "Divisor of the variance: n - 1, n, or that of the other completions."),
        Setting(
            word: "advantage_epsilon", .ours, "Added to the deviation; TRL's fixed value is 1e-4."),
        Setting(word: "advantage_epsilon_place", .ours, "Where advantage_epsilon stands."),
        Setting(
            word: "constant_group_advantage", .ours,
            "Advantages of a group whose rewards are all equal: exactly 0, or what rounding leaves."),
        Setting(
            word: "single_generation", .ours, "What a group of one completion gets."),
        Setting(
            word: "multi_objective_aggregation", .trl(),
            "Whether several reward functions are summed before or after they are normalised."),
    ]

    private static let ratio: [Setting] = [
        Setting(
            word: "importance_sampling_level", .trl("TRL has \"token\" and \"sequence\""),
            "What a ratio is of: a token, the completion by its mean (GSPO), or its product."),
        Setting(
            word: "surrogate", .ours,
            "What is maximised; none: what loss_type implies, mostly the clipped ratio."),
        Setting(
            word: "epsilon", .trl(), range: .above(0),
            "Clip bound of the ratio below 1, and above where epsilon_high is none."),
        Setting(
            word: "epsilon_high", .trl(), range: .above(0),
            "Clip bound of the ratio above 1; none: the same as epsilon. With cispo_raw: the bound itself."),
        Setting(word: "delta", .trl(), range: .above(0), "Cap of the ratio on the unclipped branch."),
        Setting(
            word: "dual_clip", .ours, range: .above(1),
            "verl's clip_ratio_c: cap of the ratio where the advantage is negative."),
        Setting(
            word: "log_ratio_clamp", .ours,
            "Log-ratios are clamped to +- this many nats before exp; 0: not clamped."),
        Setting(
            word: "kl_tau", .ours, "Weight of the squared log-ratio to the sampler (prime-rl)."),
        Setting(word: "sapo_temperature_pos", .trl(), "SAPO's temperature for positive advantages."),
        Setting(word: "sapo_temperature_neg", .trl(), "SAPO's temperature for negative advantages."),
        Setting(word: "vespo_k_pos", .trl(), "VESPO's exponent for positive advantages."),
        Setting(word: "vespo_lambda_pos", .trl(), "VESPO's decay for positive advantages."),
        Setting(word: "vespo_k_neg", .trl(), "VESPO's exponent for negative advantages."),
        Setting(word: "vespo_lambda_neg", .trl(), "VESPO's decay for negative advantages."),
    ]

    private static let divergence: [Setting] = [
        Setting(
            word: "beta", .trl("default 0.0 there"),
            "Weight of the KL term to the reference policy; 0 loads no reference."),
        Setting(
            word: "kl_estimator", .ours,
            "Estimator of the KL term; full: the exact sum over the vocabulary."),
        Setting(
            word: "kl_placement", .ours, "Whether the KL term stands in the loss or in the reward."),
        Setting(
            word: "kl_level", .ours, "Whether it is of each token or of the whole completion."),
        Setting(
            word: "kl_input_clamp", .ours,
            "The log-ratio to the reference is clamped to +- this; 0: not clamped."),
        Setting(
            word: "kl_output_clamp", .ours, "The estimate is clamped to +- this; 0: not clamped."),
        Setting(
            word: "use_bias_correction_kl", .trl("default true there"),
            "Whether the estimate is multiplied by the ratio."),
        Setting(
            word: "sync_ref_model", .trl(), "Whether the reference follows the policy."),
        Setting(
            word: "ref_model_mixup_alpha", .trl(), range: .above(0, atMost: 1),
            "Share of the policy in a reference that follows it."),
        Setting(
            word: "ref_model_sync_steps", .trl(), "Optimiser steps between two such moves."),
    ]

    private static let aggregation: [Setting] = [
        Setting(
            word: "loss_type", .trl("the seq_mean and group words and \"original\" are ours"),
            "How token terms become one loss; dapo: their mean over the optimiser step."),
        Setting(
            word: "per_device_train_batch_size",
            .trl("only the micro-batch of local means here; default 8 there"),
            "Completions of a micro-batch, for bnpo and the entropy term; none: the whole step."),
        Setting(
            word: "constant_groups", .ours,
            "What a group of equal rewards does: count everywhere, be dropped, or count for KL only."),
        Setting(
            word: "mask_truncated_completions", .trl(),
            "Whether completions that were cut off count nowhere in the loss."),
        Setting(
            word: "entropy_coef", .trl(), range: .any, "Weight of the entropy bonus."),
        Setting(
            word: "top_entropy_quantile", .trl(), range: .above(0, atMost: 1),
            "Share of tokens, those of highest entropy, that have a policy term."),
        Setting(
            word: "vf_coef", .ours,
            "Weight of the value head's regression to the reward; a value baseline needs one."),
    ]

    private static let offPolicy: [Setting] = [
        Setting(
            word: "importance_sampling_correction", .ours,
            "Weight for the difference between sampler and learner, truncated or masked."),
        Setting(
            word: "importance_sampling_clip_max", .ours, "Upper bound of that weight."),
        Setting(
            word: "importance_sampling_clip_min", .ours, "Lower bound of that weight."),
        Setting(
            word: "rejected_tokens", .ours,
            "Whether what the weight masks stays in the denominators."),
        Setting(
            word: "off_policy_mask_threshold", .trl(),
            "Mean log-ratio beyond which completions of negative advantage are left out."),
        Setting(
            word: "proximal", .ours,
            "Whether ratios compare with what the sampler said or with what the learner computes at the "
                + "start of a batch."),
    ]

    private static let surroundings: [Setting] = [
        Setting(
            word: "dynamic_sampling", .ours,
            "Whether other prompts take the place of groups whose rewards are all equal (DAPO)."),
        Setting(
            "grpo.dynamic_sampling_budget", \.grpo.dynamicSamplingBudget, .integers(1...1000), .ours,
            "Prompts that may be tried in one group's place; the last is kept as it is."),
        Setting(
            word: "overlong_buffer", .ours,
            "Tokens before max_completion_length over which a penalty grows to 1; below 1: a share of it; "
                + "0: no penalty."),
        Setting(word: "overlong_penalty", .ours, "What that penalty is multiplied by."),
        Setting(
            word: "overlong_bounded", .ours, "Whether it stops at its full size beyond the limit."),
    ]
}
