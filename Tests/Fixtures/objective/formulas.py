"""Losses by their formulas, differentiated by autograd in float64.

One reading of the configuration words, written from the papers and from the documentation of the systems;
it shares nothing with the Swift code. `check.py` compares it with what the upstream code itself computes.
"""

from typing import Any

import torch

from advantages import Words, objective_advantages, totals
from golden import Expected, Settings, completions_of, nested
from inputs import Objective
from profiles import PROFILES


def evaluate(profile: str, objective: Objective, settings: Settings) -> Expected:
    """Advantages, loss, terms and gradients of an objective file."""
    words = PROFILES[profile] | settings
    leaves = [_leaves(completion) for completion in completions_of(objective)]
    advantages = _token_advantages(objective, words)
    terms = _terms(objective, words, leaves, advantages)
    loss = sum(terms.values())
    result: Expected = {"advantages": _nested_advantages(objective, advantages, words), "loss": loss.item()}
    result |= {name: term.item() for name, term in terms.items()}
    for name, key in GRADIENTS.items():
        if key in leaves[0] and (key == "logprobs" or key in _differentiated(words)):
            result[name] = _gradient(objective, loss, [leaf[key] for leaf in leaves])
    return result


GRADIENTS = {"gradient": "logprobs", "entropy_gradient": "entropies",
             "divergence_gradient": "divergences", "value_gradient": "values"}


def _leaves(completion: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Per-token tensors; those that a loss may be differentiated by require a gradient."""
    keys = {"logprobs", "behavior_logprobs", "proximal_logprobs", "reference_logprobs", "entropies",
            "divergences", "values"}
    result = {key: torch.tensor(completion[key], dtype=torch.float64) for key in keys & completion.keys()}
    for key in GRADIENTS.values():
        if key in result:
            result[key].requires_grad_()
    result["mask"] = torch.tensor(completion.get("mask", [True] * len(completion["logprobs"])))
    result["old"] = result.get("proximal_logprobs", result["behavior_logprobs"])
    return result


def _differentiated(words: Words) -> set[str]:
    keys = set()
    if words["entropy_coef"]:
        keys.add("entropies")
    if words["beta"] and words["kl_estimator"] == "full":
        keys.add("divergences")
    if words["vf_coef"]:
        keys.add("values")
    return keys


def _token_advantages(objective: Objective, words: Words) -> list[torch.Tensor]:
    """(tokens) of every completion."""
    completions = completions_of(objective)
    if "advantages" in completions[0]:
        return [torch.tensor(c["advantages"], dtype=torch.float64) for c in completions]
    if "advantage" in completions[0]:
        flat = torch.tensor([c["advantage"] for c in completions], dtype=torch.float64)
    elif words["advantage_baseline"] in ("value", "value_prompt"):
        return _value_advantages(objective, words)
    else:
        flat = torch.cat(objective_advantages(objective, words))
    return [a.expand(len(c["logprobs"])) for a, c in zip(flat, completions)]


def _value_advantages(objective: Objective, words: Words) -> list[torch.Tensor]:
    """R − V(s_t) at every token, or R − V(s_0) for the whole completion; V is a constant here."""
    result = []
    for reward, completion in zip(totals(objective, words), completions_of(objective)):
        values = torch.tensor(completion["values"], dtype=torch.float64)
        if words["advantage_baseline"] == "value_prompt":
            values = values[0].expand_as(values)
        result.append(reward - values)
    return result


def _nested_advantages(objective: Objective, advantages: list[torch.Tensor], words: Words) -> list[Any]:
    per_token = "advantages" in completions_of(objective)[0] or words["advantage_baseline"] == "value"
    rows = advantages if per_token else [a[0] for a in advantages]
    return nested(objective, rows)


def _gradient(objective: Objective, loss: torch.Tensor, leaves: list[torch.Tensor]) -> list[Any]:
    gradients = torch.autograd.grad(loss, leaves, retain_graph=True, allow_unused=True,
                                    materialize_grads=True)
    return nested(objective, gradients)


def _terms(
    objective: Objective, words: Words, leaves: list[dict[str, torch.Tensor]], advantages: list[torch.Tensor]
) -> dict[str, torch.Tensor]:
    """The terms of the loss: they add up to it."""
    counts = _counted(objective, words)
    policy = [_policy_terms(leaf, a, words, m) for leaf, a, m in zip(leaves, advantages, counts)]
    chosen = _high_entropy(leaves, counts, words)
    policy = [p * c for p, c in zip(policy, chosen)]
    policy = [p * _weight(leaf, m, a, words)
              for p, leaf, m, a in zip(policy, leaves, counts, advantages)]
    if words["loss_type"] == "original" and words["importance_sampling_level"] != "token":
        policy = [p / m.sum().clamp(min=1) for p, m in zip(policy, counts)]  # one term a completion
    terms = {"policy_loss": _aggregate(policy, _policy_counted(objective, counts, words), objective, words)}
    if words["beta"] and words["kl_placement"] == "loss":
        kl = [words["beta"] * _kl_terms(leaf, words, m) for leaf, m in zip(leaves, counts)]
        terms["kl_loss"] = _aggregate(kl, counts, objective, words)
    if words["surrogate"] == "dppo":
        penalty = [1e-3 * (leaf["logprobs"] - leaf["old"]).square() for leaf in leaves]
        terms["kl_loss"] = _aggregate(penalty, counts, objective, words)
    if words["entropy_coef"]:
        active = [m & c.bool() for m, c in zip(counts, chosen)]
        bonus = _aggregate([leaf["entropies"] for leaf in leaves], active, objective, words | {"loss_type": "bnpo"})
        terms["entropy_loss"] = -words["entropy_coef"] * bonus
    if words["vf_coef"]:
        rewards = totals(objective, words)
        errors = [0.5 * (leaf["values"] - r).square() for leaf, r in zip(leaves, rewards)]
        terms["value_loss"] = words["vf_coef"] * _aggregate(errors, counts, objective, words)
    return terms


def _counted(objective: Objective, words: Words) -> list[torch.Tensor]:
    """The loss mask of every completion, after truncated completions and dropped groups are out."""
    masks = []
    for group in objective["groups"]:
        dropped = words["constant_groups"] == "drop" and _is_constant(group)
        for completion in group["completions"]:
            truncated = words["mask_truncated_completions"] and completion.get("finish_reason") == "length"
            mask = torch.tensor(completion.get("mask", [True] * len(completion["logprobs"])))
            masks.append(mask & (not dropped) & (not truncated))
    return masks


def _policy_counted(objective: Objective, counts: list[torch.Tensor], words: Words) -> list[torch.Tensor]:
    """The tokens of the policy term: with `kl_only`, constant groups have none."""
    if words["constant_groups"] != "kl_only":
        return counts
    constant = [_is_constant(group) for group in objective["groups"] for _ in group["completions"]]
    return [mask & (not c) for mask, c in zip(counts, constant)]


def _is_constant(group: dict[str, Any]) -> bool:
    return "reward" in group["completions"][0] and len({c["reward"] for c in group["completions"]}) == 1


def _policy_terms(
    leaf: dict[str, torch.Tensor], advantages: torch.Tensor, words: Words, mask: torch.Tensor
) -> torch.Tensor:
    """(tokens) loss of the surrogate; a sequence ratio gives every token the same term."""
    current, epsilon, high = leaf["logprobs"], words["epsilon"], words["epsilon_high"]
    ratio = _ratio(leaf, words, mask)
    match words["surrogate"]:
        case "clip":
            return _clipped(ratio, advantages, words)
        case "unclipped":
            return -ratio * advantages
        case "cispo_raw":
            return -ratio.clamp(max=high).detach() * advantages * current
        case "cispo_delta":
            return -ratio.clamp(1 - epsilon, 1 + high).detach() * advantages * current
        case "probability":
            return -current.exp() * advantages
        case "dppo":
            return _difference_masked(leaf, ratio, advantages, epsilon, high)
    raise ValueError(words["surrogate"])


def _clipped(ratio: torch.Tensor, advantages: torch.Tensor, words: Words) -> torch.Tensor:
    clipped = ratio.clamp(1 - words["epsilon"], 1 + words["epsilon_high"])
    if words["delta"] is not None:
        ratio = ratio.clamp(max=words["delta"])
    surrogate = torch.minimum(ratio * advantages, clipped * advantages)
    if words["dual_clip"] is not None:
        bounded = torch.maximum(surrogate, words["dual_clip"] * advantages)
        surrogate = torch.where(advantages < 0, bounded, surrogate)
    return -surrogate


def _difference_masked(
    leaf: dict[str, torch.Tensor], ratio: torch.Tensor, advantages: torch.Tensor, low: float, high: float
) -> torch.Tensor:
    """A token is out when its probability moved too far in the direction of its advantage."""
    moved = (leaf["logprobs"].exp() - leaf["old"].exp()).detach()
    out = torch.where(advantages > 0, moved > high, moved < -low)
    return -ratio * advantages * ~out


def _ratio(leaf: dict[str, torch.Tensor], words: Words, mask: torch.Tensor) -> torch.Tensor:
    difference = leaf["logprobs"] - leaf["old"]
    match words["importance_sampling_level"]:
        case "sequence":
            difference = ((difference * mask).sum() / mask.sum().clamp(min=1)).expand_as(difference)
        case "sequence_product":
            difference = (difference * mask).sum().expand_as(difference)
    limit = words["log_ratio_clamp"]
    return (difference.clamp(-limit, limit) if limit else difference).exp()


def _weight(
    leaf: dict[str, torch.Tensor], mask: torch.Tensor, advantages: torch.Tensor, words: Words
) -> torch.Tensor:
    """Constant factors of the policy term: the sampler's mismatch and the off-policy mask."""
    weight = torch.ones_like(leaf["old"])
    correction = words["importance_sampling_correction"]
    if correction != "none" and "proximal_logprobs" in leaf:
        weight = _correction(leaf, mask, correction, words)
    if words["off_policy_mask_threshold"] is not None:
        drift = ((leaf["behavior_logprobs"] - leaf["logprobs"].detach()) * mask).sum() / mask.sum().clamp(min=1)
        weight = weight * ((advantages >= 0) | (drift <= words["off_policy_mask_threshold"]))
    return weight


def _correction(
    leaf: dict[str, torch.Tensor], mask: torch.Tensor, correction: str, words: Words
) -> torch.Tensor:
    mismatch = leaf["proximal_logprobs"] - leaf["behavior_logprobs"]
    low, high = words["importance_sampling_clip_min"], words["importance_sampling_clip_max"]
    low, high = -torch.inf if low is None else low, torch.inf if high is None else high
    if correction == "geometric_mask":
        mean = ((mismatch * mask).sum() / mask.sum().clamp(min=1)).exp()
        return mismatch.exp() * ((mean >= low) & (mean <= high))
    if correction.startswith("geometric_weight"):
        mismatch = ((mismatch * mask).sum() / mask.sum().clamp(min=1)).expand_as(mismatch)
    if correction.startswith("sequence"):
        mismatch = (mismatch * mask).sum().expand_as(mismatch)
    weight = mismatch.exp()
    if correction.endswith("truncate"):
        return weight.clamp(low, high)
    return torch.where((weight >= low) & (weight <= high), weight, 0.0)


def _kl_terms(leaf: dict[str, torch.Tensor], words: Words, mask: torch.Tensor) -> torch.Tensor:
    """(tokens) divergence from the reference; for `kl_level` sequence, all of it at the first token."""
    if words["kl_estimator"] == "full":
        return leaf["divergences"]
    x = leaf["reference_logprobs"] - leaf["logprobs"]
    if words["kl_level"] == "sequence":
        x = (x * mask).sum()
    kl = estimate(x, words)
    if words["use_bias_correction_kl"]:
        kl = kl * _ratio(leaf, words, mask)
    if words["kl_level"] == "sequence":
        first = torch.zeros(len(mask), dtype=torch.float64)
        first[int(mask.float().argmax())] = 1
        kl = kl * first
    return kl


def estimate(x: torch.Tensor, words: Words) -> torch.Tensor:
    """An estimator of KL(π_θ ‖ π_ref) from x = ℓ_ref − ℓ."""
    limit, bound = words["kl_input_clamp"], words["kl_output_clamp"]
    if limit and not words["kl_estimator"].endswith("_plus"):
        x = x.clamp(-limit, limit)
    match words["kl_estimator"]:
        case "k1":
            kl = -x
        case "k2":
            kl = 0.5 * x.square()
        case "k3":
            kl = torch.expm1(x) - x
        case "k3_direct" | "low_var":
            kl = torch.exp(x) - x - 1
        case "abs":
            kl = x.abs()
        case "k1_plus" | "k3_plus":  # the value of one estimator with the gradient of k2
            value = estimate(x, words | {"kl_estimator": {"k1_plus": "k1", "k3_plus": "low_var"}[words["kl_estimator"]]})
            return value.detach() + 0.5 * x.square() - 0.5 * x.square().detach()
        case _:
            raise ValueError(words["kl_estimator"])
    return kl.clamp(-bound, bound) if bound else kl


def _high_entropy(
    leaves: list[dict[str, torch.Tensor]], counts: list[torch.Tensor], words: Words
) -> list[torch.Tensor]:
    """1 for the tokens whose entropy is among the highest of the batch."""
    if words["top_entropy_quantile"] == 1:
        return [torch.ones(len(m), dtype=torch.float64) for m in counts]
    entropies = [leaf["entropies"].detach() for leaf in leaves]
    pool = torch.cat([e[m] for e, m in zip(entropies, counts)])
    threshold = torch.quantile(pool, 1 - words["top_entropy_quantile"])
    return [((e >= threshold) & m).double() for e, m in zip(entropies, counts)]


def _aggregate(
    terms: list[torch.Tensor], counts: list[torch.Tensor], objective: Objective, words: Words
) -> torch.Tensor:
    """The terms of all tokens as one number, by `loss_type`."""
    sums = torch.stack([torch.where(m, t, 0.0).sum() for t, m in zip(terms, counts)])
    lengths = torch.tensor([float(m.sum()) for m in counts], dtype=torch.float64)
    completions = completions_of(objective)
    step = objective.get("step", {})
    share = len(completions) / step.get("completions", len(completions))
    limit = objective.get("max_completion_length", max(len(c["logprobs"]) for c in completions))
    present = (lengths > 0).sum().clamp(min=1)
    match words["loss_type"]:
        case "grpo":
            return (sums / lengths.clamp(min=1)).mean() * share
        case "bnpo":
            return sums.sum() / lengths.sum().clamp(min=1) * share
        case "dapo":
            return sums.sum() / step.get("tokens", lengths.sum().clamp(min=1))
        case "dr_grpo":
            return sums.sum() / (len(sums) * limit) * share
        case "seq_mean_token_mean":
            return (sums / (lengths + 1e-8)).sum() / present
        case "seq_mean_token_sum":
            return sums.sum() / present
        case "seq_mean_token_sum_norm":
            return sums.sum() / present / limit
        case "original":
            return sums.sum() / step.get("prompts", len(objective["groups"]))
    raise ValueError(words["loss_type"])
