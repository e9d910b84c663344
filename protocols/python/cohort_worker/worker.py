"""The loop: leases, snapshot, sampling, groups."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from .configuration import SamplingParameters, WorkerConfiguration
from .group import Completion, group_bytes
from .learner_messages import Ticket
from .link import LearnerLost, SnapshotGone, WorkerLink
from .values import RewardPlacement, Version


class Policy(Protocol):
    """What samples. `sampler.Sampler` is one; a sampler of one's own is another."""

    def load(self, image: bytes) -> None:
        """Takes the weights of a snapshot: a safetensors image with Hugging Face's names."""

    def sample(
        self, tickets: Sequence[Ticket], group_size: int, parameters: SamplingParameters, seed: int
    ) -> list[list[Completion]]:
        """A group for each ticket, in order."""


@dataclass
class Totals:
    """What came out, and what the time, in seconds, went into."""

    groups: int = 0
    tokens: int = 0
    snapshots: int = 0
    waiting: float = 0.0
    fetching: float = 0.0
    sampling: float = 0.0

    @property
    def tokens_per_second(self) -> float:
        """Of the time spent sampling."""
        return self.tokens / self.sampling if self.sampling else 0.0


class RolloutWorker:
    """Samples the groups that the learner asks for, until it has no more work."""

    def __init__(
        self, link: WorkerLink, make_policy: Callable[[WorkerConfiguration], Policy], batch: int
    ) -> None:
        """`batch`: tickets that are decoded together."""
        self.link = link
        self.make_policy = make_policy
        self.batch = batch
        self.totals = Totals()
        self._version: Version | None = None

    def run(self) -> Totals:
        """Raises `LearnerLost` where the learner is gone or refuses this worker."""
        configuration = self.link.configuration()
        self._check(configuration)
        policy = self.make_policy(configuration)
        while True:
            start = time.monotonic()
            tickets = self.link.leases(self.batch)
            self.totals.waiting += time.monotonic() - start
            if not tickets:
                return self.totals
            for version in dict.fromkeys(t.version for t in tickets):
                self._answer([t for t in tickets if t.version == version], policy, configuration)

    def _check(self, configuration: WorkerConfiguration) -> None:
        if configuration.reward_placement is not RewardPlacement.LEARNER:
            raise LearnerLost("this worker does not score: set reward.placement to learner there")
        length = configuration.sampling.max_completion_length
        needed = group_bytes(configuration.group_size, 1, length)
        welcome = self.link.session.welcome
        if welcome and needed > welcome.largest_group_bytes:
            most = welcome.largest_group_bytes
            raise LearnerLost(f"a full group has {needed} bytes, the learner takes at most {most}")

    def _answer(
        self, tickets: list[Ticket], policy: Policy, configuration: WorkerConfiguration
    ) -> None:
        if not self._adopt(tickets[0].version, policy):
            return
        start = time.monotonic()
        groups = policy.sample(
            tickets, configuration.group_size, configuration.sampling, configuration.seed
        )
        self.totals.sampling += time.monotonic() - start
        for ticket, completions in zip(tickets, groups, strict=True):
            self.totals.groups += 1
            self.totals.tokens += sum(len(c.tokens) for c in completions)
            self.link.push(ticket, completions)

    def _adopt(self, version: Version, policy: Policy) -> bool:
        """False if the learner keeps the version no longer: it has given the leases to others."""
        if version == self._version:
            return True
        start = time.monotonic()
        try:
            policy.load(self.link.snapshot(version))
        except SnapshotGone:
            return False
        finally:
            self.totals.fetching += time.monotonic() - start
        self._version = version
        self.totals.snapshots += 1
        return True
