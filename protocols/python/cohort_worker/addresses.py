"""Where a learner listens: one endpoint for rollouts, one for snapshots."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True)
class LearnerAddress:
    """Two ZeroMQ endpoints."""

    rollouts: str
    snapshots: str

    @classmethod
    def parse(cls, rollouts: str, snapshots: str | None = None) -> LearnerAddress:
        """Snapshots are at the next port, or at the path with `-snapshots`, unless they are named."""
        if rollouts.startswith("ipc://"):
            return cls(rollouts, snapshots or rollouts + "-snapshots")
        host, _, port = rollouts.removeprefix("tcp://").rpartition(":")
        if not rollouts.startswith("tcp://") or not host or not port.isdecimal():
            raise ValueError(f"{rollouts}: expected tcp://HOST:PORT or ipc://PATH")
        if not 1 <= int(port) < 65_535:
            raise ValueError(f"{rollouts}: snapshots need the port after it")
        return cls(rollouts, snapshots or f"tcp://{host}:{int(port) + 1}")

    @property
    def is_local(self) -> bool:
        """Whether no other machine can listen in."""
        return all(_is_local(endpoint) for endpoint in (self.rollouts, self.snapshots))


def _is_local(endpoint: str) -> bool:
    if endpoint.startswith("ipc://"):
        return True
    host = endpoint.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
