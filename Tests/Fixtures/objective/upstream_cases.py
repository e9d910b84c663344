"""The cases that verl's, OpenRLHF's, AReaL's and prime-rl's own code answers."""

from dataclasses import replace

from golden import Case
from inputs import Recipe

PLAIN = Recipe(rewards="constant")
WIDE = Recipe(sizes=(5, 5), spread="wide", longest=6)
MASKED = Recipe(sizes=(3, 3), mask=True)
WITH_KL = Recipe(reference=True)
WITH_SAMPLER = Recipe(proximal=0.4)


def verl_cases() -> list[Case]:
    profile = "verl-0.8"
    kl = {"beta": 0.001, "kl_estimator": "low_var"}
    correction = {"importance_sampling_clip_max": 1.5}
    return [
        Case("verl default", profile, {}, PLAIN),
        Case("verl default, log-ratios beyond 20 and dual clip", profile, {}, WIDE),
        Case("verl, tighter dual clip", profile, {"dual_clip": 1.5}, Recipe(sizes=(6, 6))),
        Case("verl, a group of one keeps its reward", profile, {}, Recipe(sizes=(1, 3))),
        Case("verl, not divided by the deviation", profile, {"scale_rewards": "none"}, PLAIN),
        *[Case(f"verl, {loss_type}", profile, {"loss_type": loss_type}, MASKED)
          for loss_type in ("dapo", "seq_mean_token_mean", "seq_mean_token_sum", "seq_mean_token_sum_norm")],
        Case("verl, low-variance KL", profile, kl, WITH_KL),
        Case("verl, low-variance KL, log-ratios beyond 20", profile, {**kl, "beta": 1.0}, replace(WITH_KL, spread="wide")),
        Case("verl, k1 in the loss", profile, {"beta": 0.01, "kl_estimator": "k1"}, WITH_KL),
        Case("verl, k2 in the loss", profile, {"beta": 0.01, "kl_estimator": "k2", "kl_input_clamp": 0.0,
                                               "kl_output_clamp": 0.0}, WITH_KL),
        Case("verl gspo", profile, {"importance_sampling_level": "sequence", "epsilon": 3e-4, "epsilon_high": 4e-4,
                                    "loss_type": "seq_mean_token_mean", "dual_clip": None}, MASKED),
        Case("verl gspo, wider clip", profile, {"importance_sampling_level": "sequence", "loss_type":
                                                "seq_mean_token_mean", "dual_clip": None}, PLAIN),
        Case("verl cispo", profile, {"surrogate": "cispo_delta", "dual_clip": None}, replace(WIDE, sizes=(4, 4))),
        Case("verl, token weight truncated", profile,
             {**correction, "importance_sampling_correction": "token_truncate"}, WITH_SAMPLER),
        Case("verl, sequence weight truncated", profile,
             {**correction, "importance_sampling_correction": "sequence_truncate"}, WITH_SAMPLER),
        Case("verl, token weight masked (IcePop)", profile,
             {**correction, "importance_sampling_correction": "token_mask", "importance_sampling_clip_min": 0.7},
             WITH_SAMPLER),
    ]


def openrlhf_cases() -> list[Case]:
    base = {"beta": 0.0, "advantage_epsilon": 1e-9}
    bounds = {"importance_sampling_clip_min": 0.7, "importance_sampling_clip_max": 1.4}
    return [
        Case("OpenRLHF default", "cohort", base, Recipe()),
        Case("OpenRLHF, dual clip", "cohort", {**base, "dual_clip": 3.0}, WIDE),
        Case("OpenRLHF, mean of completions", "cohort", {**base, "loss_type": "seq_mean_token_mean"}, MASKED),
        Case("OpenRLHF gspo", "cohort", {**base, "importance_sampling_level": "sequence", "epsilon": 0.02,
                                         "epsilon_high": 0.03, "loss_type": "seq_mean_token_mean"}, MASKED),
        Case("OpenRLHF tis", "cohort", {**base, **bounds, "importance_sampling_correction": "token_truncate"},
             WITH_SAMPLER),
        Case("OpenRLHF IcePop", "cohort", {**base, **bounds, "importance_sampling_correction": "token_mask"},
             WITH_SAMPLER),
        Case("OpenRLHF geometric filter", "cohort",
             {**base, "importance_sampling_clip_min": 0.9, "importance_sampling_clip_max": 1.15,
              "importance_sampling_correction": "geometric_mask"}, replace(WITH_SAMPLER, sizes=(6, 6))),
        Case("OpenRLHF, k3 with clamped output", "cohort",
             {**base, "beta": 0.1, "kl_estimator": "k3_direct", "kl_input_clamp": 0.0, "kl_output_clamp": 10.0},
             replace(WITH_KL, spread="wide", sizes=(4,))),
    ]


def areal_cases() -> list[Case]:
    base = {"beta": 0.0, "log_ratio_clamp": 0.0, "advantage_epsilon": 1e-5}
    batch = {**base, "advantage_baseline": "batch_mean", "scale_rewards": "batch"}
    bounds = {"importance_sampling_clip_max": 1.5}
    return [
        Case("AReaL, batch mean and deviation", "cohort", batch, Recipe(sizes=(4, 4, 4))),
        Case("AReaL, leave-one-out mean", "cohort", {**base, "advantage_baseline": "leave_one_out",
                                                     "scale_rewards": "none"}, Recipe(sizes=(4, 4))),
        Case("AReaL decoupled, weight truncated", "cohort",
             {**batch, **bounds, "importance_sampling_correction": "token_truncate"}, WITH_SAMPLER),
        Case("AReaL decoupled, weight masked", "cohort",
             {**batch, **bounds, "importance_sampling_correction": "token_mask"}, replace(WITH_SAMPLER, mask=True)),
        Case("AReaL decoupled, dual clip", "cohort",
             {**batch, **bounds, "importance_sampling_correction": "token_truncate", "dual_clip": 1.5},
             replace(WITH_SAMPLER, sizes=(6, 6))),
        Case("AReaL, sequence ratio", "cohort", {**batch, "importance_sampling_level": "sequence"}, MASKED),
    ]


def prime_rl_cases() -> list[Case]:
    return [
        Case("prime-rl default", "prime-rl", {}, PLAIN),
        Case("prime-rl, masked tokens", "prime-rl", {}, replace(MASKED, sizes=(4, 4))),
        Case("prime-rl, log-ratios beyond 20", "prime-rl", {}, WIDE),
        Case("prime-rl, small log-ratios", "prime-rl", {}, Recipe(spread="close")),
    ]


def verl_optional_cases() -> list[Case]:
    """Estimators of verl that take their value from one formula and their gradient from k2."""
    base = {"beta": 0.1}
    return [
        Case("verl, value of k3 with the gradient of k2", "verl-0.8", {**base, "kl_estimator": "k3_plus"}, WITH_KL),
        Case("verl, value of k1 with the gradient of k2", "verl-0.8", {**base, "kl_estimator": "k1_plus"}, WITH_KL),
        Case("verl, |x|", "verl-0.8", {**base, "kl_estimator": "abs"}, WITH_KL),
    ]


def areal_optional_cases() -> list[Case]:
    """AReaL's sequence weight: the geometric mean itself, not the token's weight."""
    base = {"beta": 0.0, "log_ratio_clamp": 0.0, "advantage_epsilon": 1e-5, "advantage_baseline": "batch_mean",
            "scale_rewards": "batch", "importance_sampling_clip_max": 1.2}
    recipe = replace(WITH_SAMPLER, sizes=(6, 6))
    return [
        Case("AReaL, geometric weight masked", "cohort",
             {**base, "importance_sampling_correction": "geometric_weight_mask"}, recipe),
        Case("AReaL, geometric weight truncated", "cohort",
             {**base, "importance_sampling_correction": "geometric_weight_truncate"}, recipe),
    ]
