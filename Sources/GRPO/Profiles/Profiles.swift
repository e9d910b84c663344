extension Profile {
    public static let all: [Profile] = [
        cohort, trl110, trl116, trlAsync, verl08, drGRPO, dapo, gspo, cispoRaw, cispoDelta, rloo,
        original, primeRL,
    ]

    /// The default: token ratios, token mean, s + 1e-6, β = 0.04.
    public static let cohort = Profile("cohort", "the default of this system")

    /// DeepSeekMath read literally: plain z-score, the ratio of the whole completion, sums over group and
    /// tokens, mean over prompts. Gradients are about G times as large as `cohort`'s, or more: the gradient
    /// clip stays on, and the learning rate is to be chosen accordingly.
    public static let original = Profile(
        "original", "DeepSeekMath (arXiv 2402.03300) read literally",
        [
            "advantage_epsilon": 0, "importance_sampling_level": "sequence_product",
            "loss_type": "original", "max_grad_norm": 1,
        ])

    private static let trl110 = Profile(
        "trl-1.10", "TRL 1.10.0, GRPOTrainer",
        [
            "advantage_epsilon": 1e-4, "constant_group_advantage": "residue", "log_ratio_clamp": 0,
            "beta": 0, "kl_estimator": "k3_direct", "kl_input_clamp": 0,
            "use_bias_correction_kl": true, "importance_sampling_correction": "sequence_mask",
            "importance_sampling_clip_max": 3, "proximal": "recomputed",
        ])

    private static let trl116 = Profile(
        "trl-1.16", "TRL 1.16.0, GRPOTrainer",
        [
            "advantage_epsilon": 1e-4, "constant_group_advantage": "residue", "log_ratio_clamp": 0,
            "beta": 0, "kl_estimator": "k3_direct", "kl_input_clamp": 0,
            "use_bias_correction_kl": true, "importance_sampling_correction": "sequence_mask",
            "importance_sampling_clip_max": 3, "proximal": "recomputed",
        ])

    private static let trlAsync = Profile(
        "trl-async", "TRL, experimental AsyncGRPOTrainer",
        [
            "advantage_divisor": "biased", "advantage_epsilon": 1e-8,
            "constant_group_advantage": "residue", "log_ratio_clamp": 0, "beta": 0,
        ])

    private static let verl08 = Profile(
        "verl-0.8", "verl 0.8.0 with adv_estimator grpo",
        [
            "constant_group_advantage": "residue", "single_generation": "reward", "dual_clip": 3,
            "beta": 0, "kl_estimator": "low_var", "kl_output_clamp": 10,
        ])

    private static let drGRPO = Profile(
        "dr-grpo", "Dr. GRPO (arXiv 2503.20783)",
        ["scale_rewards": "none", "beta": 0, "loss_type": "dr_grpo"])

    private static let dapo = Profile(
        "dapo", "DAPO (arXiv 2503.14476)",
        [
            "epsilon_high": 0.28, "beta": 0, "loss_type": "dapo", "constant_groups": "drop",
            "dynamic_sampling": true, "overlong_buffer": 0.2,
        ])

    private static let gspo = Profile(
        "gspo", "GSPO (arXiv 2507.18071)",
        [
            "importance_sampling_level": "sequence", "epsilon": 3e-4, "epsilon_high": 4e-4, "beta": 0,
            "loss_type": "grpo",
        ])

    private static let cispoRaw = Profile(
        "cispo-raw", "CISPO (MiniMax-M1, arXiv 2506.13585) with TRL's bound: ratio ≤ epsilon_high",
        ["surrogate": "cispo_raw", "epsilon_high": 5, "beta": 0])

    private static let cispoDelta = Profile(
        "cispo-delta", "CISPO with verl's and SkyRL's bound: 1 − epsilon ≤ ratio ≤ 1 + epsilon_high",
        ["surrogate": "cispo_delta", "beta": 0])

    private static let rloo = Profile(
        "rloo", "RLOO (arXiv 2402.14740)",
        ["advantage_baseline": "leave_one_out", "scale_rewards": "none"])

    private static let primeRL = Profile(
        "prime-rl", "prime-rl 559b4477",
        [
            "scale_rewards": "none", "surrogate": "dppo", "log_ratio_clamp": 0, "kl_tau": 1e-3,
            "beta": 0, "constant_groups": "drop",
        ])
}
