"""GROUP: the completions of one prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from . import cohort_pb2 as pb
from . import limits
from .frames import need
from .tensors import Tensors, matrix, tensor, vector
from .values import TicketKey, Version, optional, required, text


@dataclass(frozen=True)
class Completion:
    """One completion of N tokens."""

    tokens: list[int]
    behavior_logprobs: list[float]
    """ln π_old of each token, nats, at the sampling temperature over the full vocabulary."""
    kept_log_masses: list[float]
    """ln of the mass that top-k and top-p kept, at each token; 0 where nothing was cut."""
    finish_reason: int
    """0: a stop token, which is the last of `tokens`; 1: the length limit."""
    reward: float | None = None
    rewards: list[float | None] | None = None
    """By reward function; None where one does not apply."""


@dataclass(frozen=True)
class Group:
    """Answers a lease; the fields are the ticket's."""

    KIND: ClassVar = 0x0102
    COMMAND: ClassVar = "GROUP"
    HEADER: ClassVar = pb.Group

    key: TicketKey
    version: Version
    sequence: int
    lease: int
    ordinal: int
    prompt: list[int]
    completions: list[Completion]
    scoring_failure: str | None = None

    @classmethod
    def read(cls, header: Any, tensors: Tensors) -> Group:
        key = TicketKey.read(required(header, "key"))
        version = Version.read(required(header, "version"))
        need(header.sequence and header.lease, "bad_field", "sequence or lease 0")
        lengths = _lengths(tensors)
        prompt = vector(tensors, "prompt", "I32")
        completions = _completions(tensors, lengths, prompt)
        failure = optional(header, "scoring_failure")
        if failure is not None:
            need(text(failure) and "rewards" not in tensors, "bad_field", "scoring_failure")
        return cls(
            key,
            version,
            header.sequence,
            header.lease,
            header.ordinal,
            prompt.tolist(),
            completions,
            failure,
        )

    def write(self) -> tuple[Any, Tensors]:
        header = pb.Group(
            key=self.key.write(),
            version=self.version.write(),
            sequence=self.sequence,
            lease=self.lease,
            ordinal=self.ordinal,
            scoring_failure=self.scoring_failure,
        )
        return header, self._tensors()

    def _tensors(self) -> Tensors:
        def flat(field: str) -> list[Any]:
            return [value for c in self.completions for value in getattr(c, field)]

        tensors = dict(
            prompt=tensor("I32", self.prompt),
            lengths=tensor("U32", [len(c.tokens) for c in self.completions]),
            tokens=tensor("I32", flat("tokens")),
            behavior_logprobs=tensor("F32", flat("behavior_logprobs")),
            kept_log_masses=tensor("F32", flat("kept_log_masses")),
            finish_reasons=tensor("U8", [c.finish_reason for c in self.completions]),
        )
        if not any(tensors["kept_log_masses"].data):
            del tensors["kept_log_masses"]
        rewards = [c.reward for c in self.completions if c.reward is not None]
        if rewards:
            tensors["rewards"] = tensor("F64", rewards)
        return tensors | self._function_rewards()

    def _function_rewards(self) -> Tensors:
        rows = [c.rewards for c in self.completions if c.rewards is not None]
        if not rows:
            return {}
        values = [[0.0 if value is None else value for value in row] for row in rows]
        applies = [[value is not None for value in row] for row in rows]
        tensors = dict(function_rewards=tensor("F64", values))
        if not np.all(applies):
            tensors["reward_applies"] = tensor("U8", applies)
        return tensors


def _lengths(tensors: Tensors) -> list[int]:
    lengths = vector(tensors, "lengths", "U32").tolist()
    need(lengths, "bad_tensor", "no completions")
    need(len(lengths) <= limits.COMPLETIONS, "limit_exceeded", f"{len(lengths)} completions")
    for length in lengths:
        need(length > 0, "bad_value", "an empty completion")
        need(length <= limits.TOKENS, "limit_exceeded", f"a completion of {length} tokens")
    return lengths


def _completions(tensors: Tensors, lengths: list[int], prompt: np.ndarray) -> list[Completion]:
    group, total = len(lengths), sum(lengths)
    tokens = vector(tensors, "tokens", "I32", total)
    logprobs = vector(tensors, "behavior_logprobs", "F32", total)
    masses = np.zeros(total, np.float32)
    if "kept_log_masses" in tensors:
        masses = vector(tensors, "kept_log_masses", "F32", total)
    reasons = vector(tensors, "finish_reasons", "U8", group)
    rewards = vector(tensors, "rewards", "F64", group).tolist() if "rewards" in tensors else None
    by_function = _read_function_rewards(tensors, group)
    need(reasons.max() <= 1, "bad_value", "a finish reason")
    for logs in (logprobs, masses):
        need(np.isfinite(logs).all() and (logs <= 0).all(), "bad_value", "a log-probability")
    need(prompt.size and prompt.min() >= 0, "bad_value", "the prompt")
    need(prompt.size <= limits.TOKENS, "limit_exceeded", f"a prompt of {prompt.size} tokens")
    need(tokens.min() >= 0, "bad_value", "a token")
    ends = np.cumsum(lengths).tolist()
    spans = [slice(end - length, end) for end, length in zip(ends, lengths)]
    return [
        Completion(
            tokens[span].tolist(),
            logprobs[span].tolist(),
            masses[span].tolist(),
            int(reasons[index]),
            None if rewards is None else rewards[index],
            None if by_function is None else by_function[index],
        )
        for index, span in enumerate(spans)
    ]


def _read_function_rewards(tensors: Tensors, group: int) -> list[list[float | None]] | None:
    if "function_rewards" not in tensors:
        return None
    values = matrix(tensors, "function_rewards", "F64", group)
    functions = values.shape[1]
    need(functions, "bad_tensor", "no reward function")
    need(functions <= limits.REWARD_FUNCTIONS, "limit_exceeded", f"{functions} reward functions")
    applies = np.ones((group, functions), np.uint8)
    if "reward_applies" in tensors:
        applies = matrix(tensors, "reward_applies", "U8", group, functions)
    need(applies.max() <= 1, "bad_value", "reward_applies")
    need(not values.view(np.uint64)[applies == 0].any(), "bad_value", "function_rewards")
    need("rewards" in tensors, "bad_tensor", "function_rewards without rewards")
    return [
        [value if mark else None for value, mark in zip(row, marks)]
        for row, marks in zip(values.tolist(), applies.tolist())
    ]


def group_bytes(group_size: int, prompt: int, completion: int, functions: int = 0) -> int:
    """An upper bound of a GROUP frame's length: prelude, header and payload."""
    per_completion = 4 + 1 + 12 * completion + (8 + 9 * functions if functions else 0)
    return limits.PRELUDE + 1_024 + 4 * prompt + group_size * per_completion
