"""The named profiles, spelled out in configuration words, for the formulas in `formulas.py`."""

from typing import Any

COHORT: dict[str, Any] = {
    # advantage
    "scale_rewards": "group", "advantage_baseline": "mean", "advantage_divisor": "unbiased",
    "advantage_epsilon": 1e-6, "advantage_epsilon_place": "outside", "constant_group_advantage": "zero",
    "single_generation": "refuse", "multi_objective_aggregation": "sum_then_normalize",
    "constant_groups": "count", "overlong_buffer": 0, "overlong_penalty": 1.0,
    # ratio
    "importance_sampling_level": "token", "surrogate": "clip", "epsilon": 0.2, "epsilon_high": 0.2,
    "delta": None, "dual_clip": None, "log_ratio_clamp": 20.0,
    # KL
    "beta": 0.04, "kl_estimator": "k3", "kl_placement": "loss", "kl_level": "token",
    "use_bias_correction_kl": False, "kl_input_clamp": 20.0, "kl_output_clamp": 0.0,
    # aggregation
    "loss_type": "dapo", "entropy_coef": 0.0, "vf_coef": 0.0, "mask_truncated_completions": False,
    "top_entropy_quantile": 1.0,
    # off-policy
    "importance_sampling_correction": "none", "importance_sampling_clip_max": 3.0,
    "importance_sampling_clip_min": None, "off_policy_mask_threshold": None,
}

TRL = COHORT | {
    "advantage_epsilon": 1e-4, "constant_group_advantage": "residue", "log_ratio_clamp": 0.0,
    "beta": 0.0, "kl_estimator": "k3_direct", "kl_input_clamp": 0.0, "use_bias_correction_kl": True,
    "importance_sampling_correction": "sequence_mask",
}

PROFILES: dict[str, dict[str, Any]] = {
    "cohort": COHORT,
    "trl-1.10": TRL,
    "trl-1.16": TRL,
    "trl-async": COHORT | {
        "advantage_divisor": "biased", "advantage_epsilon": 1e-8, "constant_group_advantage": "residue",
        "log_ratio_clamp": 0.0, "beta": 0.0,
    },
    "verl-0.8": COHORT | {
        "constant_group_advantage": "residue", "single_generation": "reward", "dual_clip": 3.0, "beta": 0.0,
        "kl_estimator": "low_var", "kl_output_clamp": 10.0,
    },
    "dr-grpo": COHORT | {"scale_rewards": "none", "loss_type": "dr_grpo", "beta": 0.0},
    "dapo": COHORT | {"epsilon_high": 0.28, "beta": 0.0, "constant_groups": "drop"},
    "gspo": COHORT | {
        "importance_sampling_level": "sequence", "epsilon": 3e-4, "epsilon_high": 4e-4, "loss_type": "grpo",
        "beta": 0.0,
    },
    "cispo-raw": COHORT | {"surrogate": "cispo_raw", "epsilon_high": 5.0, "beta": 0.0},
    "cispo-delta": COHORT | {"surrogate": "cispo_delta", "beta": 0.0},
    "rloo": COHORT | {"scale_rewards": "none", "advantage_baseline": "leave_one_out"},
    "original": COHORT | {
        "advantage_epsilon": 0.0, "importance_sampling_level": "sequence_product", "loss_type": "original",
    },
    "prime-rl": COHORT | {"scale_rewards": "none", "surrogate": "dppo", "log_ratio_clamp": 0.0, "beta": 0.0},
}
