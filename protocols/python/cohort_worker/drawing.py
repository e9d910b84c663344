"""Drawing tokens from logits, with PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .configuration import SamplingParameters


@dataclass(frozen=True)
class Drawn:
    """One token for each row."""

    tokens: torch.Tensor
    """(rows), int64."""
    logprobs: torch.Tensor
    """(rows), f32, nats: log_softmax(logits ÷ temperature) over the full vocabulary."""
    kept_log_masses: torch.Tensor
    """(rows), f32: ln of the mass that top-k and top-p kept; 0 where nothing was cut."""


def draw(logits: torch.Tensor, uniforms: torch.Tensor, parameters: SamplingParameters) -> Drawn:
    """The first token, in the order of ids, whose cumulative probability exceeds the uniform number.

    `logits`: (rows, vocabulary); `uniforms`: (rows), in [0, 1).
    """
    greedy = parameters.temperature == 0
    scaled = logits.float() / (1 if greedy else parameters.temperature)
    logprobs = torch.log_softmax(scaled, dim=-1)
    if greedy:
        tokens = logits.argmax(dim=-1)
        masses = torch.zeros_like(logprobs[:, 0])
    else:
        tokens, masses = _sampled(logprobs.double().exp(), uniforms, parameters)
    chosen = logprobs.gather(1, tokens[:, None])[:, 0].clamp(max=0)
    return Drawn(tokens, chosen, masses)


def _sampled(
    weights: torch.Tensor, uniforms: torch.Tensor, parameters: SamplingParameters
) -> tuple[torch.Tensor, torch.Tensor]:
    total = weights.sum(dim=-1)
    kept = _kept(weights, parameters)
    if kept is not None:
        weights = weights * kept
    running = weights.cumsum(dim=-1)
    mass = running[:, -1:]
    target = uniforms.to(weights)[:, None] * mass
    tokens = torch.searchsorted(running, target, right=True)[:, 0]
    # Rounding can leave the sum just short of the target: the last possible token, then.
    last = weights.shape[1] - 1 - (weights > 0).flip(1).to(torch.uint8).argmax(dim=1)
    tokens = torch.minimum(tokens, last)
    if kept is None:
        return tokens, torch.zeros_like(total, dtype=torch.float32)
    masses = (mass[:, 0] / total).log().clamp(max=0)
    return tokens, torch.where(kept.all(dim=-1), torch.zeros_like(masses), masses).float()


def _kept(weights: torch.Tensor, parameters: SamplingParameters) -> torch.Tensor | None:
    """Top-k first, then of what it left the smallest set whose mass reaches p. None: nothing is cut."""
    vocabulary = weights.shape[1]
    k = parameters.top_k if 0 < parameters.top_k < vocabulary else vocabulary
    if k == vocabulary and parameters.top_p >= 1:
        return None
    ordered, ids = weights.sort(dim=-1, descending=True, stable=True)
    ordered = ordered[:, :k]
    keeps = torch.ones_like(ordered, dtype=torch.bool)
    if parameters.top_p < 1:
        before = ordered.cumsum(dim=-1) - ordered
        keeps = before < parameters.top_p * ordered.sum(dim=-1, keepdim=True)
        keeps[:, 0] = True
    kept = torch.zeros_like(weights, dtype=torch.bool)
    return kept.scatter_(1, ids[:, :k], keeps)
