"""The behaviour policy: any causal language model of Transformers, sampled with PyTorch."""

from __future__ import annotations

import inspect
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
import transformers

from .configuration import SamplingParameters
from .drawing import draw
from .group import Completion
from .learner_messages import Ticket
from .randomness import uniforms


class WeightsError(ValueError):
    """A snapshot does not fit the model."""


class Sampler:
    """Samples groups of completions; all sequences of a call are decoded as one batch."""

    def __init__(self, config: dict[str, Any] | Path, device: str, dtype: str) -> None:
        """`config`: the contents of a `config.json`, or the directory that has one."""
        self.device = torch.device(device)
        found = _read_config(config)
        found.use_cache = True
        self.model = transformers.AutoModelForCausalLM.from_config(
            found, dtype=getattr(torch, dtype)
        )
        self.model.to(self.device).eval().requires_grad_(False)
        self.cache_argument = _cache_argument(self.model)
        self.positions: int | None = getattr(found, "max_position_embeddings", None)

    def load(self, image: bytes) -> None:
        """Takes the weights of a snapshot, a safetensors image whose digest was verified."""
        tensors = safetensors.torch.load(image)
        result = self.model.load_state_dict(tensors, strict=False)
        # A tied output head is not in the image: its storage is that of the embeddings.
        state = self.model.state_dict()
        loaded = {state[name].data_ptr() for name in tensors if name in state}
        missing = [name for name in result.missing_keys if state[name].data_ptr() not in loaded]
        if missing or result.unexpected_keys:
            raise WeightsError(
                f"the snapshot does not fit the model: it lacks {missing[:3]} and has "
                f"{result.unexpected_keys[:3]} that the model does not know"
            )

    @torch.inference_mode()
    def sample(
        self, tickets: Sequence[Ticket], group_size: int, parameters: SamplingParameters, seed: int
    ) -> list[list[Completion]]:
        """A group for each ticket, in order."""
        self._check(tickets, parameters)
        length = parameters.max_completion_length
        numbers = [uniforms(seed, t.key, group_size, length) for t in tickets]
        batch = _Batch(self, tickets, group_size, parameters, np.concatenate(numbers))
        completions = batch.run()
        return [completions[i : i + group_size] for i in range(0, len(completions), group_size)]

    def _check(self, tickets: Sequence[Ticket], parameters: SamplingParameters) -> None:
        longest = max(len(t.prompt) for t in tickets) + parameters.max_completion_length
        if self.positions is not None and longest > self.positions:
            raise ValueError(
                f"a sequence of {longest} tokens; the model has {self.positions} positions"
            )


class _Batch:
    """One call of `sample`. Rows are sequences, ticket by ticket; finished ones leave."""

    def __init__(
        self,
        sampler: Sampler,
        tickets: Sequence[Ticket],
        group_size: int,
        parameters: SamplingParameters,
        numbers: np.ndarray,
    ) -> None:
        self.sampler, self.device = sampler, sampler.device
        self.tickets, self.group_size, self.parameters = tickets, group_size, parameters
        self.stops = set(parameters.stop_tokens)
        self.cache = transformers.DynamicCache(config=sampler.model.config)
        self.numbers = torch.from_numpy(numbers).to(self.device)
        self.completions = [Completion([], [], [], 1) for _ in range(len(tickets) * group_size)]
        self.rows = list(range(len(self.completions)))
        """The completion of each row that is still under way."""

    def run(self) -> list[Completion]:
        logits = self._prefill()
        for position in range(self.parameters.max_completion_length):
            drawn = draw(logits, self.numbers[self.rows, position], self.parameters)
            tokens = drawn.tokens.tolist()
            self._append(tokens, drawn.logprobs.tolist(), drawn.kept_log_masses.tolist())
            going = [i for i, token in enumerate(tokens) if token not in self.stops]
            if not going or position + 1 == self.parameters.max_completion_length:
                break
            logits = self._advance(drawn.tokens, going)
        return self.completions

    def _prefill(self) -> torch.Tensor:
        """Every prompt once, padded on the left; then one row for each completion."""
        longest = max(len(t.prompt) for t in self.tickets)
        prompts = torch.zeros((len(self.tickets), longest), dtype=torch.long)
        mask = torch.zeros_like(prompts)
        for row, ticket in enumerate(self.tickets):
            prompts[row, longest - len(ticket.prompt) :] = torch.tensor(ticket.prompt)
            mask[row, longest - len(ticket.prompt) :] = 1
        prompts, mask = prompts.to(self.device), mask.to(self.device)
        positions = (mask.cumsum(dim=-1) - 1).clamp(min=0)
        logits = self._logits(prompts, mask, positions)
        self.cache.batch_repeat_interleave(self.group_size)
        self.mask = mask.repeat_interleave(self.group_size, dim=0)
        return logits.repeat_interleave(self.group_size, dim=0)

    def _advance(self, tokens: torch.Tensor, going: list[int]) -> torch.Tensor:
        """The logits of the rows `going`, after their tokens; the other rows leave."""
        if len(going) < len(self.rows):
            index = torch.tensor(going, device=self.device)
            self.cache.batch_select_indices(index)
            tokens, self.mask = tokens[index], self.mask[index]
            self.rows = [self.rows[i] for i in going]
        self.mask = torch.cat([self.mask, torch.ones_like(self.mask[:, :1])], dim=1)
        positions = self.mask.sum(dim=-1, keepdim=True) - 1
        return self._logits(tokens[:, None], self.mask, positions)

    def _logits(
        self, tokens: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor
    ) -> torch.Tensor:
        """Of the last position: (rows, vocabulary)."""
        found = self.sampler.model(
            input_ids=tokens,
            attention_mask=mask,
            position_ids=positions,
            use_cache=True,
            **{self.sampler.cache_argument: self.cache},
        )
        return found.logits[:, -1]

    def _append(self, tokens: list[int], logprobs: list[float], masses: list[float]) -> None:
        for row, token, logprob, mass in zip(self.rows, tokens, logprobs, masses):
            found = self.completions[row]
            found.tokens.append(token)
            found.behavior_logprobs.append(logprob)
            found.kept_log_masses.append(mass)
            if token in self.stops:
                self.completions[row] = Completion(
                    found.tokens, found.behavior_logprobs, found.kept_log_masses, 0
                )


def fingerprint(device: str) -> str:
    """What HELLO says of this worker's numerics."""
    return f"torch={torch.__version__} transformers={transformers.__version__} device={device}"


def _cache_argument(model: torch.nn.Module) -> str:
    """What this version of Transformers calls the cache."""
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"


def _read_config(config: dict[str, Any] | Path) -> Any:
    if isinstance(config, Path):
        return transformers.AutoConfig.from_pretrained(config)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(config))
        return transformers.AutoConfig.from_pretrained(folder)
