"""The cases that only a formula answers: what no upstream function computes in one piece."""

from dataclasses import replace

from golden import Case, completions_of
from inputs import Objective, Recipe

PLAIN = Recipe(rewards="constant")
WITH_KL = Recipe(reference=True)
MASKED = Recipe(sizes=(3, 3), mask=True, reference=True)
WIDE = Recipe(sizes=(5, 5), spread="wide", longest=6, reference=True)
VALUES = Recipe(sizes=(3, 3), values=True)
CONTROL = {"beta": 0.0}


def formula_cases() -> list[Case]:
    return [*profile_defaults(), *original(), *ratios(), *divergence(), *shaping(), *baselines(), *systems()]


def profile_defaults() -> list[Case]:
    """Each profile as it is, on a plain file and on one with extreme log-ratios and masks."""
    recipes = {
        "cohort": (PLAIN, WIDE, MASKED), "trl-async": (PLAIN,), "dr-grpo": (PLAIN, MASKED), "dapo": (Recipe(), MASKED),
        "gspo": (PLAIN, WIDE, MASKED), "cispo-raw": (PLAIN, WIDE), "cispo-delta": (PLAIN, WIDE), "rloo": (PLAIN, WIDE),
        "original": (PLAIN, MASKED),
    }
    names = {PLAIN: "default", Recipe(): "default", WIDE: "default, log-ratios beyond 20", MASKED: "default, masked tokens"}
    cases = [
        Case(f"{profile} {names[recipe]}", profile, {}, replace(recipe, reference=True, limit=8))
        for profile, some in recipes.items() for recipe in some
    ]
    return [*cases, Case("cohort, small log-ratios", "cohort", {}, replace(WITH_KL, spread="close"))]


def original() -> list[Case]:
    return [
        Case("original, KL of the whole output", "original", {"kl_level": "sequence"}, replace(WITH_KL, sizes=(3, 3))),
        Case("original, token ratio", "original", {"importance_sampling_level": "token"}, WITH_KL),
        Case("original, log-ratio of the whole output beyond 20", "original", {}, replace(WIDE, sizes=(4,))),
        Case("original without KL", "original", CONTROL, PLAIN),
    ]


def ratios() -> list[Case]:
    return [
        Case("raw probability", "cohort", {**CONTROL, "surrogate": "probability"}, PLAIN),
        Case("unclipped ratio", "cohort", {**CONTROL, "surrogate": "unclipped"}, WIDE),
        Case("product ratio, token mean", "cohort", {**CONTROL, "importance_sampling_level": "sequence_product"}, PLAIN),
        Case("delta and dual clip", "cohort", {**CONTROL, "delta": 4.0, "dual_clip": 2.0}, replace(WIDE, spread="wide")),
        Case("several of them at once", "cohort",
             {"epsilon_high": 0.28, "dual_clip": 3.0, "entropy_coef": 0.01, "loss_type": "grpo",
              "importance_sampling_correction": "token_truncate", "importance_sampling_clip_max": 2.0},
             replace(MASKED, proximal=0.4, entropies=True)),
    ]


def divergence() -> list[Case]:
    cases = []
    for estimator in ("k1", "k2", "k3", "k3_direct"):
        settings = {"beta": 0.3, "kl_estimator": estimator}
        cases.append(Case(f"{estimator} in the loss", "cohort", settings, replace(WITH_KL, sizes=(3, 3))))
    corrected = {"beta": 0.3, "use_bias_correction_kl": True}
    return [
        *cases,
        Case("k3 with bias correction", "cohort", corrected, replace(WITH_KL, sizes=(3, 3))),
        Case("k3 of small log-ratios", "cohort", {"beta": 1.0}, replace(WITH_KL, spread="close", rewards="constant")),
        Case("low-variance KL, clamped", "cohort",
             {"beta": 0.3, "kl_estimator": "low_var", "kl_output_clamp": 10.0}, replace(WIDE, sizes=(4,))),
        Case("exact KL", "cohort", {"beta": 0.3, "kl_estimator": "full"}, Recipe(sizes=(3, 3), divergences=True)),
        Case("exact KL, mean of completions", "cohort", {"beta": 0.3, "kl_estimator": "full", "loss_type": "grpo"},
             Recipe(sizes=(3, 3), divergences=True, mask=True)),
        Case("KL in the reward", "cohort", {"beta": 0.1, "kl_estimator": "k1", "kl_placement": "reward"},
             replace(MASKED, sizes=(4, 4))),
        Case("KL in the reward, leave-one-out", "rloo", {"beta": 0.1, "kl_estimator": "k1", "kl_placement": "reward"},
             replace(WITH_KL, proximal=0.3)),
    ]


def shaping() -> list[Case]:
    lengths = (2, 5, 6, 7, 8, 9, 4, 3)
    return [
        Case("dapo, soft overlong penalty", "dapo", {"overlong_buffer": 4, "overlong_penalty": 1.0},
             Recipe(lengths=lengths, limit=8)),
        Case("dapo, overlong penalty halved", "dapo", {"overlong_buffer": 3, "overlong_penalty": 0.5},
             Recipe(lengths=lengths, limit=9)),
        Case("dapo drops constant groups", "dapo", {}, replace(PLAIN, sizes=(3, 3, 3))),
        Case("constant groups count", "dapo", {"constant_groups": "count"}, replace(PLAIN, sizes=(3, 3, 3))),
        Case("constant groups in the KL only", "cohort", {"constant_groups": "kl_only"},
             replace(WITH_KL, rewards="constant", sizes=(3, 3, 3))),
        Case("truncated completions masked", "cohort", {"mask_truncated_completions": True},
             replace(WITH_KL, truncated=True)),
        Case("part of a step", "cohort", {}, replace(WITH_KL, sizes=(4,)), part_of_step),
        Case("part of a step, original", "original", {}, replace(WITH_KL, sizes=(4,)), part_of_step),
        Case("entropy bonus", "cohort", {"entropy_coef": 0.01}, replace(MASKED, entropies=True)),
    ]


def part_of_step(objective: Objective) -> None:
    objective["step"] = {"prompts": 3, "completions": 3 * len(completions_of(objective)), "tokens": 57}


def baselines() -> list[Case]:
    raw = {**CONTROL, "advantage_baseline": "none", "scale_rewards": "none"}
    value = {**CONTROL, "scale_rewards": "none"}
    return [
        Case("raw reward", "cohort", raw, PLAIN),
        Case("value baseline per token", "cohort", {**value, "advantage_baseline": "value"}, VALUES),
        Case("value baseline and its loss", "cohort", {**value, "advantage_baseline": "value", "vf_coef": 0.1},
             replace(VALUES, mask=True)),
        Case("value of the prompt", "cohort", {**value, "advantage_baseline": "value_prompt"}, VALUES),
        Case("divided by the mean (MaxRL)", "cohort", {**CONTROL, "scale_rewards": "mean", "advantage_epsilon": 0.0}, PLAIN),
        Case("leave-one-out mean and deviation (NeMo-RL)", "cohort",
             {**CONTROL, "advantage_baseline": "leave_one_out", "advantage_divisor": "leave_one_out",
              "advantage_epsilon_place": "nonzero"}, PLAIN),
    ]


def systems() -> list[Case]:
    pipeline = {"advantage_baseline": "leave_one_out", "advantage_epsilon": 1e-4, "log_ratio_clamp": 0.0,
                "loss_type": "seq_mean_token_sum"}
    return [
        Case("PipelineRL ppo", "cohort",
             {**pipeline, "beta": 0.1, "kl_estimator": "k3_direct", "kl_input_clamp": 10.0}, replace(WIDE, sizes=(4,))),
        Case("PipelineRL reinforce", "cohort",
             {**pipeline, **CONTROL, "scale_rewards": "none", "surrogate": "cispo_raw", "epsilon_high": 1.02}, PLAIN),
        Case("trl-async, groups of 3", "trl-async", {}, Recipe(sizes=(3, 3))),
    ]
