"""Random objective files: small groups with everything that makes an objective wrong.

An objective file is the JSON object that `cohort objective` reads. All log-probabilities, entropies,
divergences and values are rounded to float32, so that a float32 and a float64 evaluation start from the
same numbers. A recipe and a seed give the same file on every machine (Python's own generator).
"""

import random
import struct
from dataclasses import dataclass, replace
from typing import Any

Objective = dict[str, Any]
"""The JSON object of an objective file."""

LOG_RATIO_SCALES = {
    "close": (1e-6, 1e-4, 1e-2),
    "usual": (0.02, 0.3, 1.0),
    "wide": (1e-6, 0.3, 4.0, 23.0),
}
REWARD_NAMES = ("accuracy", "format", "length")


@dataclass(frozen=True)
class Recipe:
    """What an objective file holds. `sizes` are the group sizes; lengths are 1 ... `longest` tokens."""

    sizes: tuple[int, ...] = (4, 4)
    longest: int = 5
    spread: str = "usual"  # log-ratios of the current to the behaviour policy
    proximal: float = 0.0  # standard deviation of proximal − behaviour; 0: no proximal policy
    reference: bool = False
    entropies: bool = False
    divergences: bool = False
    values: bool = False
    mask: bool = False  # some tokens masked; the last completion entirely
    truncated: bool = False  # about a third end by length
    on_policy: bool = False  # current = behaviour, to the bit
    rewards: str = "plain"  # plain | constant (last group) | several | unscorable
    weights: tuple[float, ...] = ()  # of several rewards
    given_advantages: str = ""  # "" | completion | token
    lengths: tuple[int, ...] = ()  # fixed lengths, in the order of the completions
    limit: int | None = None  # max_completion_length

    def held_out(self) -> "Recipe":
        """The same recipe with other shapes: another number of prompts, other sizes, longer completions."""
        if self.lengths:
            return self
        sizes = tuple(size + 1 for size in self.sizes) + (self.sizes[0] + 1,)
        limit = None if self.limit is None else self.limit + 6
        return replace(self, sizes=sizes, longest=self.longest + 6, limit=limit)


def float32(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


def make_objective(recipe: Recipe, seed: int, name: str) -> Objective:
    """The objective file of a recipe; `name` makes the files of different cases independent."""
    generator = random.Random(f"{seed}:{name}")
    lengths = iter(recipe.lengths)
    groups = []
    for index, size in enumerate(recipe.sizes):
        completions = [
            _completion(recipe, next(lengths, 0) or generator.randint(1, recipe.longest), generator)
            for _ in range(size)
        ]
        last = index == len(recipe.sizes) - 1
        _add_rewards(recipe, completions, last, generator)
        groups.append({"id": f"g{index}", "completions": completions})
    if recipe.mask:
        last_completion = groups[-1]["completions"][-1]
        last_completion["mask"] = [False] * len(last_completion["logprobs"])
    if recipe.truncated:
        groups[0]["completions"][0]["finish_reason"] = "length"
    result: Objective = {"groups": groups}
    if recipe.weights:
        result["reward_weights"] = dict(zip(REWARD_NAMES, recipe.weights))
    if recipe.limit is not None:
        result["max_completion_length"] = recipe.limit
    return result


def _completion(recipe: Recipe, length: int, generator: random.Random) -> dict[str, Any]:
    tokens = [_token(recipe, generator) for _ in range(length)]
    result: dict[str, Any] = {
        "logprobs": [token["current"] for token in tokens],
        "behavior_logprobs": [token["behavior"] for token in tokens],
    }
    if recipe.proximal:
        result["proximal_logprobs"] = [token["proximal"] for token in tokens]
    if recipe.reference:
        result["reference_logprobs"] = [token["reference"] for token in tokens]
    if recipe.entropies:
        result["entropies"] = [float32(generator.uniform(0.01, 2.5)) for _ in tokens]
    if recipe.divergences:
        result["divergences"] = [float32(generator.uniform(0, 0.5) ** 2) for _ in tokens]
    if recipe.values:
        result["values"] = [float32(generator.uniform(-0.2, 1.2)) for _ in tokens]
    if recipe.mask:
        result["mask"] = [generator.random() > 0.3 for _ in tokens]
    if recipe.truncated and generator.random() < 0.3:
        result["finish_reason"] = "length"
    return result


def _token(recipe: Recipe, generator: random.Random) -> dict[str, float]:
    """Log-probabilities of one token under every policy, all below zero."""
    current = -abs(generator.gauss(0, 2)) - 0.01
    behavior = current if recipe.on_policy else current - _log_ratio(recipe, generator)
    proximal = behavior + recipe.proximal * generator.gauss(0, 1)
    reference = current + _log_ratio(recipe, generator)
    shift = max(0.0, max(current, behavior, proximal, reference) + 0.01)
    values = {"current": current, "behavior": behavior, "proximal": proximal, "reference": reference}
    return {policy: float32(value - shift) for policy, value in values.items()}


def _log_ratio(recipe: Recipe, generator: random.Random) -> float:
    scale = generator.choice(LOG_RATIO_SCALES[recipe.spread])
    if scale > 20:
        return generator.choice((-1, 1)) * generator.uniform(20.5, scale)
    return scale * generator.gauss(0, 1)


def _add_rewards(
    recipe: Recipe, completions: list[dict[str, Any]], last: bool, generator: random.Random
) -> None:
    for index, completion in enumerate(completions):
        if recipe.given_advantages == "completion":
            completion["advantage"] = round(generator.gauss(0, 1), 3)
        elif recipe.given_advantages == "token":
            completion["advantages"] = [round(generator.gauss(0, 1), 3) for _ in completion["logprobs"]]
        elif recipe.rewards in ("several", "unscorable"):
            absent = recipe.rewards == "unscorable" and last and index == 0
            completion["rewards"] = {
                name: None if absent else _reward(name, index, generator) for name in REWARD_NAMES
            }
        elif recipe.rewards == "constant" and last:
            completion["reward"] = 0.35
        else:
            completion["reward"] = round(generator.uniform(-0.5, 1.5), 3)


def _reward(name: str, index: int, generator: random.Random) -> float | None:
    """The first reward function applies everywhere, the others to at least the first two completions."""
    if name != REWARD_NAMES[0] and index >= 2 and generator.random() < 0.4:
        return None
    return round(generator.uniform(0, 1), 3)
