"""What the learner tells its workers: the JSON object in WELCOME. Section *Configuration* of 1/ROLLOUT."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .values import RewardPlacement


@dataclass(frozen=True)
class SamplingParameters:
    """How tokens are drawn."""

    temperature: float
    """0: the token of the highest logit."""
    top_k: int
    """0: off."""
    top_p: float
    """1: off."""
    max_completion_length: int
    stop_tokens: tuple[int, ...]


@dataclass(frozen=True)
class WorkerConfiguration:
    """What a worker has to know of a run."""

    seed: int
    model: dict[str, Any]
    """The model's `config.json`."""
    dtype: str
    """What products are computed in: float32 or bfloat16."""
    group_size: int
    sampling: SamplingParameters
    reward_placement: RewardPlacement

    @classmethod
    def parse(cls, text: str) -> WorkerConfiguration:
        """Raises `ValueError` with a sentence where the object is not what a learner sends."""
        try:
            return cls._parsed(json.loads(text))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the learner's configuration cannot be read: {error!r}") from error

    @classmethod
    def _parsed(cls, found: dict[str, Any]) -> WorkerConfiguration:
        sampling = found["sampling"]
        parameters = SamplingParameters(
            float(sampling["temperature"]),
            int(sampling["topK"]),
            float(sampling["topP"]),
            int(sampling["maxCompletionLength"]),
            tuple(int(token) for token in sampling["stopTokens"]),
        )
        return cls(
            int(found["seed"]),
            json.loads(found["model"]),
            str(found["dtype"]),
            int(found["groupSize"]),
            parameters,
            RewardPlacement[found["rewardPlacement"].upper()],
        )
