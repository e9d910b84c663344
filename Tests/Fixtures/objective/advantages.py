"""Advantages by their formulas, in float64."""

from typing import Any

import torch

from golden import completions_of
from inputs import REWARD_NAMES, Objective

Words = dict[str, Any]


def group_advantages(rewards: list[torch.Tensor], words: Words) -> list[torch.Tensor]:
    """(r − baseline) / (scale + ε) of every group; `rewards` are 1-D tensors, NaN: not scorable."""
    everything = torch.cat(rewards)
    everything = everything[~everything.isnan()]
    return [_advantages(group, everything, words) for group in rewards]


def _advantages(rewards: torch.Tensor, batch: torch.Tensor, words: Words) -> torch.Tensor:
    scorable = ~rewards.isnan()
    result = torch.zeros_like(rewards)
    result[scorable] = _scorable_advantages(rewards[scorable], batch, words)
    return result


def _scorable_advantages(rewards: torch.Tensor, batch: torch.Tensor, words: Words) -> torch.Tensor:
    compares = words["advantage_baseline"] in ("mean", "leave_one_out")
    if len(rewards) == 1 and compares:
        return _single(rewards, words)
    constant = rewards.max() == rewards.min()
    if constant and compares and words["constant_group_advantage"] == "zero":
        return torch.zeros_like(rewards)
    centred = rewards - _baseline(rewards, batch, words["advantage_baseline"])
    match words["scale_rewards"]:
        case "none":
            return centred
        case "mean":
            mean = rewards.mean()
            return centred / (mean + words["advantage_epsilon"]) if mean > 0 else torch.zeros_like(rewards)
        case "batch":
            return centred / _with_epsilon(_deviation(batch, words), words)
        case "group":
            return _divided(centred, rewards, words)
    raise ValueError(words["scale_rewards"])


def _single(rewards: torch.Tensor, words: Words) -> torch.Tensor:
    """A group of one: nothing, or (verl) what mean 0 and deviation 1 give."""
    if words["single_generation"] != "reward":
        return torch.zeros_like(rewards)
    return rewards / (1 + words["advantage_epsilon"]) if words["scale_rewards"] == "group" else rewards.clone()


def _baseline(rewards: torch.Tensor, batch: torch.Tensor, baseline: str) -> torch.Tensor:
    match baseline:
        case "mean":
            return rewards.mean()
        case "leave_one_out":
            return (rewards.sum() - rewards) / (len(rewards) - 1)
        case "batch_mean":
            return batch.mean()
        case "none":
            return torch.zeros(())
    raise ValueError(baseline)


def _divided(centred: torch.Tensor, rewards: torch.Tensor, words: Words) -> torch.Tensor:
    if words["advantage_divisor"] == "leave_one_out":
        others = [torch.cat([rewards[:i], rewards[i + 1:]]) for i in range(len(rewards))]
        scale = torch.stack([o.std() if len(o) > 1 else torch.zeros(()) for o in others])
    else:
        scale = _deviation(rewards, words).expand_as(rewards)
    if words["advantage_epsilon_place"] == "nonzero":
        return torch.where(scale > 0, centred / (scale + words["advantage_epsilon"]), centred)
    return centred / _with_epsilon(scale, words)


def _deviation(rewards: torch.Tensor, words: Words) -> torch.Tensor:
    return rewards.std(unbiased=words["advantage_divisor"] != "biased")


def _with_epsilon(scale: torch.Tensor, words: Words) -> torch.Tensor:
    epsilon = words["advantage_epsilon"]
    match words["advantage_epsilon_place"]:
        case "outside":
            return scale + epsilon
        case "inside":
            return (scale.square() + epsilon).sqrt()
        case "floor":
            return scale.square().clamp(min=epsilon).sqrt() + epsilon
    raise ValueError(words["advantage_epsilon_place"])


def objective_advantages(objective: Objective, words: Words) -> list[torch.Tensor]:
    """Advantages of an objective file: a 1-D tensor a group, or a 1-D tensor a completion with values."""
    completions = completions_of(objective)
    sizes = [len(group["completions"]) for group in objective["groups"]]
    if words["multi_objective_aggregation"] == "normalize_then_sum" and "rewards" in completions[0]:
        return _normalized_then_summed(objective, sizes, words)
    return group_advantages(list(totals(objective, words).split(sizes)), words)


def totals(objective: Objective, words: Words) -> torch.Tensor:
    """(completions) rewards: the weighted sum, with what shapes it."""
    table, weights = _table(objective)
    rewards = (table * weights).nansum(dim=1)
    rewards[table.isnan().all(dim=1)] = torch.nan
    for index, completion in enumerate(completions_of(objective)):
        rewards[index] += overlong_penalty(objective, completion, words)
        if words["kl_placement"] == "reward" and words["beta"]:
            rewards[index] -= words["beta"] * _first_order_kl(completion)
    return rewards


def overlong_penalty(objective: Objective, completion: dict[str, Any], words: Words) -> float:
    """0 up to L − c tokens, then falling to −1 at L and beyond (DAPO, equation 13)."""
    if not words["overlong_buffer"]:
        return 0.0
    over = len(completion["logprobs"]) - (objective["max_completion_length"] - words["overlong_buffer"])
    return -words["overlong_penalty"] * min(max(over / words["overlong_buffer"], 0.0), 1.0)


def _first_order_kl(completion: dict[str, Any]) -> float:
    """Σ_t (ℓ_old − ℓ_ref) over the tokens that count."""
    old = completion.get("proximal_logprobs", completion["behavior_logprobs"])
    counts = completion.get("mask", [True] * len(old))
    return sum(o - r for o, r, m in zip(old, completion["reference_logprobs"], counts) if m)


def _table(objective: Objective) -> tuple[torch.Tensor, torch.Tensor]:
    """(completions, functions) rewards, NaN where a function does not apply, and the weights."""
    completions = completions_of(objective)
    if "rewards" not in completions[0]:
        return torch.tensor([[c["reward"]] for c in completions], dtype=torch.float64), torch.ones(1)
    rows = [[torch.nan if c["rewards"][n] is None else c["rewards"][n] for n in REWARD_NAMES]
            for c in completions]
    weights = objective.get("reward_weights", {})
    return torch.tensor(rows, dtype=torch.float64), torch.tensor([weights.get(n, 1.0) for n in REWARD_NAMES],
                                                                 dtype=torch.float64)


def _normalized_then_summed(objective: Objective, sizes: list[int], words: Words) -> list[torch.Tensor]:
    """GDPO: every function's z-score in its group, their weighted sum, its z-score over the batch."""
    table, weights = _table(objective)
    epsilon = words["advantage_epsilon"]
    parts = []
    for group in table.split(sizes):
        count = (~group.isnan()).sum(dim=0)
        centred = group - group.nanmean(dim=0)
        deviation = (centred.square().nansum(dim=0) / (count - 1)).sqrt()
        parts.append(centred / (deviation + epsilon))
    sums = (torch.cat(parts) * weights).nansum(dim=1)
    known = ~table.isnan().all(dim=1)
    result = torch.zeros_like(sums)
    result[known] = (sums[known] - sums[known].mean()) / (sums[known].std() + epsilon)
    return list(result.split(sizes))
