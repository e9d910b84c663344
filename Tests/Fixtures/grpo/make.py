"""Writes objective.json, advantage.json and random.json, the golden values of GRPOTests.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python make.py

Losses are written here straight from their formulas and differentiated by autograd in float64; nothing
is shared with the Swift code. Log-probabilities are rounded to float32 first, so both sides start from
the same numbers.
"""

import json
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
LIMIT = 20.0


def f32(values):
    """float64 tensor whose values float32 can hold."""
    return torch.as_tensor(values, dtype=torch.float32).to(torch.float64)


def zscore(rewards, epsilon):
    rewards = torch.tensor(rewards, dtype=torch.float64)
    if rewards.max() == rewards.min():
        return torch.zeros_like(rewards)
    return (rewards - rewards.mean()) / (rewards.std(unbiased=True) + epsilon)


def loss_terms(completion, leaf, config):
    """(policy terms, k3 per token); to be summed and divided by the step's normaliser."""
    advantage = completion["advantage"]
    log_ratio = leaf - completion["behavior"]
    if config["importance_sampling_level"] == "sequence_product":
        log_ratio = log_ratio.sum(0, keepdim=True)
    ratio = log_ratio.clamp(-LIMIT, LIMIT).exp()
    clipped = ratio.clamp(1 - config["epsilon"], 1 + config["epsilon_high"])
    surrogate = torch.minimum(ratio * advantage, clipped * advantage)
    if config["importance_sampling_level"] == "sequence_product" and config["loss_type"] == "dapo":
        surrogate = surrogate.expand(len(leaf))  # broadcast to the tokens, as TRL does
    x = (completion["reference"] - leaf).clamp(-LIMIT, LIMIT)
    return -surrogate, torch.expm1(x) - x


def step(groups, config):
    """Loss, gradients and metrics of one optimiser step over whole groups."""
    completions = [completion for group in groups for completion in group]
    if config["loss_type"] == "dapo":
        normalizer = sum(len(c["current"]) for c in completions)
    else:
        normalizer = len(groups)
    leaves = [c["current"].clone().requires_grad_(True) for c in completions]
    policy, kl, tokens = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.float64), 0
    for completion, leaf in zip(completions, leaves):
        surrogate, k3 = loss_terms(completion, leaf, config)
        policy, kl, tokens = policy + surrogate.sum(), kl + k3.sum(), tokens + len(leaf)
    loss = (policy + config["beta"] * kl) / normalizer
    loss.backward()
    result = {
        "loss": loss.item(),
        "policy_loss": (policy / normalizer).item(),
        "gradient": torch.cat([leaf.grad for leaf in leaves]).tolist(),
        "metrics": metrics(completions, config),
    }
    if config["beta"] != 0:
        result["metrics"]["kl"] = (kl / tokens).item()
    return result


def metrics(completions, config):
    """The clip and ratio metrics by their definitions."""
    ratios, lows, highs, gaps = [], [], [], []
    for c in completions:
        gap = c["current"] - c["behavior"]
        gaps.append(gap.abs())
        if config["importance_sampling_level"] == "sequence_product":
            gap = gap.sum(0, keepdim=True)
        ratio = gap.clamp(-LIMIT, LIMIT).exp()
        ratios.append(ratio)
        lows.append(((ratio < 1 - config["epsilon"]) & (c["advantage"] < 0)).double())
        highs.append(((ratio > 1 + config["epsilon_high"]) & (c["advantage"] > 0)).double())
    low, high, ratio, gap = (torch.cat(values) for values in (lows, highs, ratios, gaps))
    return {
        "clip_ratio/low_mean": low.mean().item(),
        "clip_ratio/low_min": min(value.mean().item() for value in lows),
        "clip_ratio/high_mean": high.mean().item(),
        "clip_ratio/high_max": max(value.mean().item() for value in highs),
        "clip_ratio/region_mean": (low + high).mean().item(),
        "ratio/min": ratio.min().item(),
        "ratio/mean": ratio.mean().item(),
        "ratio/max": ratio.max().item(),
        "difference/mean": gap.mean().item(),
        "difference/max": gap.max().item(),
    }


def normal(length, generator):
    return torch.randn(length, generator=generator, dtype=torch.float64)


def make_groups(generator, sizes, spread, epsilon):
    """Groups of completions of 1 to 7 tokens whose log-ratios have standard deviation `spread`."""
    groups = []
    for size in sizes:
        rewards = torch.rand(size, generator=generator, dtype=torch.float64)
        if size == 3:
            rewards = torch.full_like(rewards, 0.35)  # a constant group: only the KL term is left
        group = []
        for advantage in zscore(rewards.tolist(), epsilon).tolist():
            length = int(torch.randint(1, 8, (1,), generator=generator))
            behavior = f32(-normal(length, generator).abs() * 2)
            current = f32(behavior + spread * normal(length, generator))
            group.append({
                "advantage": advantage,
                "behavior": behavior,
                "current": current,
                "reference": f32(current + 0.5 * spread * normal(length, generator)),
            })
        groups.append(group)
    return groups


def plain(completion):
    return {k: v if isinstance(v, float) else v.tolist() for k, v in completion.items()}


def case(seed, sizes, spread, config):
    generator = torch.Generator().manual_seed(seed)
    epsilon = 0.0 if config["loss_type"] == "original" else 1e-6
    groups = make_groups(generator, sizes, spread, epsilon)
    count = len(groups)
    splits = [[count], [1] * count, [1, count - 1]]
    steps = []
    for split in splits:
        start, minibatches = 0, []
        for length in split:
            minibatches.append(step(groups[start:start + length], config))
            start += length
        steps.append({"groups_per_step": split, "steps": minibatches})
    return {
        "config": config,
        "groups": [[plain(c) for c in group] for group in groups],
        "splits": steps,
    }


def objective():
    cases, seed = [], 0
    for loss_type in ("dapo", "original"):
        for level in ("token", "sequence_product"):
            for beta, spread, high in ((0.04, 0.3, 0.2), (0.0, 0.3, 0.28), (1.5, 9.0, 0.2)):
                seed += 1
                cases.append(case(seed, [4, 3, 2], spread, {
                    "loss_type": loss_type, "importance_sampling_level": level,
                    "epsilon": 0.2, "epsilon_high": high, "beta": beta,
                }))
    return cases


def advantage():
    generator = torch.Generator().manual_seed(7)
    cases = []
    for size in (2, 3, 4, 8, 17, 64):
        rewards = torch.randn(size, generator=generator, dtype=torch.float64).tolist()
        cases.append({
            "rewards": rewards,
            "cohort": zscore(rewards, 1e-6).tolist(),
            "original": zscore(rewards, 0.0).tolist(),
        })
    groups = [c["rewards"] for c in cases]
    deviation = torch.tensor(sum(groups, []), dtype=torch.float64).std(unbiased=True) + 1e-6
    for c in cases:
        rewards = torch.tensor(c["rewards"], dtype=torch.float64)
        c["batch"] = ((rewards - rewards.mean()) / deviation).tolist()
        c["none"] = (rewards - rewards.mean()).tolist()
    return cases


def philox(counter, key):
    """Philox 4x32-10 (Salmon et al., SC 2011), on plain integers."""
    (a, b, c, d), (k, l) = counter, key
    for round_ in range(10):
        if round_:
            k, l = (k + 0x9E3779B9) % 2**32, (l + 0xBB67AE85) % 2**32
        (hi0, lo0), (hi1, lo1) = divmod(0xD2511F53 * a, 2**32), divmod(0xCD9E8D57 * c, 2**32)
        a, b, c, d = hi1 ^ b ^ k, lo1, hi0 ^ d ^ l, lo0
    return a, b, c, d


def random():
    """uniform(): the pass and the attempt are mixed into the key by one block of the cipher."""
    cases = []
    for seed, pass_, prompt, attempt, sample, position in (
        (0, 0, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0), (2**40 + 5, 0, 0, 0, 0, 1), (7, 1, 0, 0, 0, 0),
        (7, 0, 1, 0, 0, 0), (7, 0, 0, 1, 0, 0), (7, 0, 0, 0, 1, 0), (7, 0, 0, 0, 0, 1),
        (2**64 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1),
    ):
        mixed = philox((pass_, attempt, 0x434F484F, 0x52540001), (seed % 2**32, seed >> 32))
        word = philox((prompt, sample, position, mixed[2]), mixed[:2])[0]
        cases.append({
            "seed": str(seed), "pass": pass_, "prompt": prompt, "attempt": attempt,
            "sample": sample, "position": position, "uniform": (word >> 8) / 2**24,
        })
    return cases


def write(name, value):
    (HERE / name).write_text(json.dumps({"torch": torch.__version__.split("+")[0], "cases": value}) + "\n")


write("objective.json", objective())
write("advantage.json", advantage())
write("random.json", random())
