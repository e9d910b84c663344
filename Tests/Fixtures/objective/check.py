"""Compares golden files with `formulas.py`: python3 check.py FILE.json ...

Prints, a case a line, the largest error of any quantity: max|a − b| / max(max|b|, mean absolute term).
"""

import json
import sys
from typing import Any

import formulas

COMPARED = ("advantages", "loss", "policy_loss", "kl_loss", "entropy_loss", "value_loss", "gradient",
            "entropy_gradient", "divergence_gradient", "value_gradient")


def flat(value: Any) -> list[float]:
    if isinstance(value, list):
        return [number for item in value for number in flat(item)]
    return [value]


def error(ours: Any, theirs: Any, scale: float) -> float:
    """max|ours − theirs| relative to the largest of theirs, or to `scale` where that is larger."""
    a, b = flat(ours), flat(theirs)
    if len(a) != len(b):
        return float("inf")
    size = max(scale, max((abs(x) for x in b), default=0.0))
    difference = max((abs(x - y) for x, y in zip(a, b)), default=0.0)
    return difference / size if size else difference


def largest_error(case: dict[str, Any]) -> tuple[float, str]:
    ours = formulas.evaluate(case["profile"], case["input"], case["settings"])
    theirs = case["expected"]
    gradient = flat(theirs["gradient"])
    # A loss is a sum that may cancel; ∂loss/∂ℓ has the size of its terms, as ∂(ρA)/∂ℓ = ρA.
    scale = sum(abs(g) for g in gradient) / max(1, len(gradient))
    return max((error(ours[key], theirs[key], scale if key != "advantages" else 0.0), key)
               for key in COMPARED if key in theirs and key in ours)


def main() -> None:
    worst = 0.0
    for path in sys.argv[1:]:
        for case in json.load(open(path))["cases"]:
            size, quantity = largest_error(case)
            worst = max(worst, size)
            print(f"{size:8.1e} {quantity:18} {case['profile']}: {case['name']}")
    print(f"{worst:8.1e} largest")


if __name__ == "__main__":
    main()
