"""The cases that TRL's own code answers."""

from dataclasses import replace

from golden import Case, completions_of
from inputs import Objective, Recipe

PLAIN = Recipe(rewards="constant")
MASKED = Recipe(sizes=(3, 3, 3), mask=True)
WITH_KL = Recipe(reference=True)
WITH_SAMPLER = Recipe(sizes=(4, 4), proximal=0.4, spread="usual")
LEVELS = ("token", "sequence")
LOSS_TYPES = ("grpo", "bnpo", "dapo", "dr_grpo")
CORRECTIONS = ("token_truncate", "token_mask", "sequence_truncate", "sequence_mask")


def grpo_cases(profile: str) -> list[Case]:
    """GRPOTrainer: every loss type and every switch that our configuration words cover."""
    return [
        Case("default", profile, {}, PLAIN),
        Case("default, on-policy", profile, {}, replace(PLAIN, on_policy=True)),
        *aggregation(profile),
        *surrogate(profile),
        *kl(profile),
        *advantage(profile),
        *mismatch(profile),
        *masks_and_entropy(profile),
    ]


def aggregation(profile: str) -> list[Case]:
    cases = []
    for loss_type in LOSS_TYPES:
        for level in LEVELS:
            recipe = replace(MASKED if level == "token" else PLAIN, limit=7)
            settings = {"loss_type": loss_type, "importance_sampling_level": level}
            cases.append(Case(f"{loss_type}, {level} ratio", profile, settings, recipe))
    cases.append(Case("sequence ratio with masked tokens", profile,
                      {"loss_type": "grpo", "importance_sampling_level": "sequence"}, MASKED))
    for loss_type in ("dapo", "grpo"):
        cases.append(Case(f"{loss_type}, the file is a quarter of the step", profile,
                          {"loss_type": loss_type}, Recipe(sizes=(4,)), quarter_of_step))
    return cases


def quarter_of_step(objective: Objective) -> None:
    """The file becomes one of four micro-batches; the others hold 50 tokens."""
    completions = completions_of(objective)
    objective["step"] = {
        "prompts": 4 * len(objective["groups"]),
        "completions": 4 * len(completions),
        "tokens": 50 + sum(len(c["logprobs"]) for c in completions),
    }


def all_truncated(objective: Objective) -> None:
    for completion in completions_of(objective):
        completion["finish_reason"] = "length"


def surrogate(profile: str) -> list[Case]:
    wide = Recipe(sizes=(5, 5), spread="wide", longest=6)
    tie = {"epsilon": 0.0, "epsilon_high": 0.0}
    cispo = {"surrogate": "cispo_raw", "epsilon_high": 5.0}
    return [
        Case("log-ratios from 1e-6 to beyond 20, no clamp", profile, {}, wide),
        Case("small log-ratios", profile, {}, replace(PLAIN, spread="close")),
        Case("higher upper clip", profile, {"epsilon": 0.1, "epsilon_high": 0.28}, PLAIN),
        Case("delta", profile, {"delta": 1.5}, Recipe(sizes=(6, 6))),
        Case("delta below the clip", profile, {"delta": 1.1, "epsilon_high": 0.4}, Recipe(sizes=(6, 6))),
        Case("delta, sequence ratio", profile,
             {"delta": 1.3, "importance_sampling_level": "sequence", "loss_type": "grpo"}, PLAIN),
        Case("tie at both clip edges", profile, tie, replace(PLAIN, on_policy=True)),
        Case("cispo", profile, cispo, replace(PLAIN, spread="wide")),
        Case("cispo, sequence ratio", profile, {**cispo, "importance_sampling_level": "sequence"}, PLAIN),
        Case("cispo, low bound", profile, {**cispo, "epsilon_high": 1.1}, MASKED),
    ]


def kl(profile: str) -> list[Case]:
    cases = []
    for corrected in (False, True):
        word = "with" if corrected else "without"
        for level in LEVELS:
            settings = {"beta": 0.04, "use_bias_correction_kl": corrected, "importance_sampling_level": level}
            cases.append(Case(f"k3 {word} bias correction, {level} ratio", profile, settings, WITH_KL))
        settings = {"beta": 0.04, "use_bias_correction_kl": corrected}
        cases.append(Case(f"k3 {word} bias correction, log-ratios beyond 20", profile, settings,
                          replace(WITH_KL, spread="wide", sizes=(4,))))
        cases.append(Case(f"cispo and k3 {word} bias correction", profile,
                          {**settings, "surrogate": "cispo_raw", "epsilon_high": 5.0}, WITH_KL))
    for loss_type in LOSS_TYPES:
        settings = {"beta": 0.5, "loss_type": loss_type, "use_bias_correction_kl": False}
        cases.append(Case(f"k3, {loss_type}", profile, settings,
                          replace(MASKED, reference=True, limit=9, sizes=(3, 3))))
    cases.append(Case("k3 default bias correction", profile, {"beta": 0.1}, replace(WITH_KL, sizes=(4,))))
    cases.append(Case("k3 of small log-ratios", profile, {"beta": 1.0, "use_bias_correction_kl": False},
                      replace(WITH_KL, spread="close", rewards="constant", sizes=(4,))))
    return cases


def advantage(profile: str) -> list[Case]:
    short = {"longest": 2}
    several = Recipe(sizes=(4, 4), rewards="several", weights=(1.0, 0.5, -0.25), **short)
    cases = [
        Case(f"groups of {size}", profile, {}, Recipe(sizes=(size,) * 2, rewards="constant", **short))
        for size in (2, 3, 8)
    ]
    for scale in ("batch", "none"):
        cases.append(Case(f"scale_rewards {scale}", profile, {"scale_rewards": scale},
                          Recipe(sizes=(4, 4, 4), rewards="constant", **short)))
    for aggregation_ in ("sum_then_normalize", "normalize_then_sum"):
        settings = {"multi_objective_aggregation": aggregation_}
        cases.append(Case(f"several rewards, {aggregation_}", profile, settings, several))
        cases.append(Case(f"unscorable completion, {aggregation_}", profile, settings,
                          replace(several, rewards="unscorable", weights=())))
    cases.append(Case("several rewards, batch scale", profile, {"scale_rewards": "batch"}, several))
    for given in ("completion", "token"):
        cases.append(Case(f"given advantages, one a {given}", profile, {},
                          replace(PLAIN, given_advantages=given)))
    return cases


def mismatch(profile: str) -> list[Case]:
    cases = [Case("sampler mismatch, default", profile, {}, WITH_SAMPLER)]
    for correction in CORRECTIONS:
        settings = {"importance_sampling_correction": correction, "importance_sampling_clip_max": 1.5}
        cases.append(Case(f"{correction}, upper bound", profile, settings, WITH_SAMPLER))
        cases.append(Case(f"{correction}, both bounds", profile,
                          {**settings, "importance_sampling_clip_min": 0.7}, WITH_SAMPLER))
    truncate = {"importance_sampling_correction": "token_truncate", "importance_sampling_clip_max": 1.5}
    cases += [
        Case("the weight leaves the KL alone", profile,
             {**truncate, "beta": 0.3, "use_bias_correction_kl": False}, replace(WITH_SAMPLER, reference=True)),
        Case("sequence weight with masked tokens", profile,
             {"importance_sampling_correction": "sequence_truncate", "importance_sampling_clip_max": 1.5},
             replace(MASKED, proximal=0.4)),
        Case("token weight on a sequence ratio", profile,
             {**truncate, "importance_sampling_level": "sequence", "loss_type": "grpo"}, WITH_SAMPLER),
        Case("off-policy mask", profile, {"off_policy_mask_threshold": 0.05}, Recipe(sizes=(6, 6))),
        Case("off-policy mask measures the sampler", profile,
             {"off_policy_mask_threshold": 0.05, **truncate}, replace(WITH_SAMPLER, sizes=(6, 6))),
    ]
    return cases


def masks_and_entropy(profile: str) -> list[Case]:
    truncated = Recipe(sizes=(4, 4), truncated=True, limit=5)
    entropies = replace(MASKED, entropies=True)
    cases = [
        Case(f"truncated completions masked, {loss_type}", profile,
             {"mask_truncated_completions": True, "loss_type": loss_type}, truncated)
        for loss_type in LOSS_TYPES
    ]
    cases += [
        Case(f"everything truncated and masked, {loss_type}", profile,
             {"mask_truncated_completions": True, "loss_type": loss_type}, Recipe(sizes=(2,)), all_truncated)
        for loss_type in ("dapo", "grpo")
    ]
    cases += [
        Case(f"entropy bonus, {loss_type}", profile, {"entropy_coef": 0.02, "loss_type": loss_type}, entropies)
        for loss_type in ("dapo", "grpo")
    ]
    cases += [
        Case("entropy bonus beside the KL", profile,
             {"entropy_coef": 0.02, "beta": 0.1, "use_bias_correction_kl": False},
             replace(entropies, reference=True)),
        Case("only the tokens of highest entropy", profile, {"top_entropy_quantile": 0.37}, entropies),
        Case("entropy bonus on the tokens of highest entropy", profile,
             {"top_entropy_quantile": 0.37, "entropy_coef": 0.1}, entropies),
    ]
    return cases


def later_cases(profile: str) -> list[Case]:
    """What a later TRL version is checked with: one case for each part of the loss."""
    chosen = {
        "default", "grpo, sequence ratio", "dr_grpo, token ratio", "delta", "cispo", "k3 default bias correction",
        "k3 without bias correction, token ratio", "scale_rewards batch", "sampler mismatch, default",
        "several rewards, normalize_then_sum", "unscorable completion, sum_then_normalize",
        "token_truncate, both bounds", "off-policy mask", "entropy bonus, dapo",
        "only the tokens of highest entropy", "truncated completions masked, grpo",
    }
    return [case for case in grpo_cases(profile) if case.name in chosen]


def rloo_cases() -> list[Case]:
    """RLOOTrainer: ratio of the whole completion, mean over completions, k1 inside the reward."""
    settings = {"importance_sampling_level": "sequence_product", "loss_type": "grpo"}
    reward_kl = {**settings, "beta": 0.05, "kl_estimator": "k1", "kl_placement": "reward"}
    return [
        Case("rloo trainer without KL", "rloo", {**settings, "beta": 0.0}, PLAIN),
        Case("rloo trainer, KL in the reward", "rloo", reward_kl, replace(WITH_KL, sizes=(3, 3))),
        Case("rloo trainer, groups of 2", "rloo", reward_kl, replace(WITH_KL, sizes=(2, 2), on_policy=True)),
        Case("rloo trainer, several rewards", "rloo", reward_kl,
             Recipe(sizes=(4, 4), reference=True, rewards="several")),
    ]


def optional_cases(profile: str) -> list[Case]:
    """Loss types of TRL that are no part of the GRPO family proper."""
    cases = []
    for loss_type in ("sapo", "luspo", "vespo"):
        for level in LEVELS:
            settings = {"loss_type": loss_type, "importance_sampling_level": level}
            cases.append(Case(f"{loss_type}, {level} ratio", profile, settings, replace(PLAIN, sizes=(3, 3))))
    return cases
