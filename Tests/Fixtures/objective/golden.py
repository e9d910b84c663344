"""What a golden entry is, and how a file of them is written."""

import json
import math
import pathlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch

from inputs import Objective, Recipe, make_objective

Settings = dict[str, Any]
Expected = dict[str, Any]
Evaluate = Callable[[Objective, Settings], Expected]


@dataclass(frozen=True)
class Case:
    """One golden value to compute. `settings` are the configuration words that differ from `profile`."""

    name: str
    profile: str
    settings: Settings = field(default_factory=dict)
    recipe: Recipe = Recipe()
    edit: Callable[[Objective], None] | None = None  # last changes to the input


def entry(case: Case, source: str, evaluate: Evaluate, seed: int, held_out: bool) -> dict[str, Any]:
    """The golden entry of a case."""
    recipe = case.recipe.held_out() if held_out else case.recipe
    objective = make_objective(recipe, seed, case.name)
    if case.edit is not None:
        case.edit(objective)
    return {
        "name": case.name,
        "profile": case.profile,
        "settings": case.settings,
        "source": source,
        "input": objective,
        "expected": plain(evaluate(objective, case.settings)),
    }


def plain(value: Any) -> Any:
    """Tensors as lists and NaN as null, ready for JSON."""
    if isinstance(value, torch.Tensor):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None  # + 0.0 turns −0 into 0
    return value


def write(path: pathlib.Path, entries: Iterable[dict[str, Any]], versions: dict[str, str]) -> None:
    """One entry a line; floats in the shortest form that reads back to the same float64."""
    lines = ",\n".join(json.dumps(item, allow_nan=False, ensure_ascii=False) for item in entries)
    head = json.dumps(versions)
    path.write_text(f'{{"versions": {head}, "cases": [\n{lines}\n]}}\n')


def completions_of(objective: Objective) -> list[dict[str, Any]]:
    return [completion for group in objective["groups"] for completion in group["completions"]]


def padded(objective: Objective, key: str, fallback: str | None = None, padding: float = 0.0) -> torch.Tensor:
    """(completions, longest) float64 of a per-token list, padded on the right."""
    rows = [torch.tensor(c[key] if key in c else c[fallback], dtype=torch.float64)
            for c in completions_of(objective)]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=padding)


def loss_mask(objective: Objective) -> torch.Tensor:
    """(completions, longest) float64: 1 where a token counts, 0 for masked tokens and padding."""
    rows = [torch.tensor(c.get("mask", [True] * len(c["logprobs"])), dtype=torch.float64)
            for c in completions_of(objective)]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def nested(objective: Objective, values: torch.Tensor) -> list[Any]:
    """[group][completion] of one value a completion, or [group][completion][token] without the padding."""
    rows = iter(values)
    return [
        [row.tolist() if row.dim() == 0 else row[: len(c["logprobs"])].tolist()
         for c, row in zip(group["completions"], rows)]
        for group in objective["groups"]
    ]
