"""The other commands of the worker. Section *Commands of the worker* of 1/ROLLOUT."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from . import cohort_pb2 as pb
from . import limits
from .frames import need
from .tensors import Tensors
from .values import Farewell, Limits, SnapshotReference, closed, lease_ids, optional, sized, text

WORKER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*\Z")


@dataclass(frozen=True)
class Hello:
    """Opens a session."""

    KIND: ClassVar = 0x0101
    COMMAND: ClassVar = "HELLO"
    HEADER: ClassVar = pb.Hello

    worker: str
    sequence: int
    acknowledged: int
    numerics: str
    held_leases: tuple[int, ...]
    free_slots: int
    run_id: bytes | None = None
    configuration_fingerprint: bytes | None = None
    held: SnapshotReference | None = None
    limits: Limits | None = None

    @classmethod
    def read(cls, header: Any, _: Tensors) -> Hello:
        worker = text(header.worker, limits.WORKER_NAME)
        numerics = text(header.numerics)
        leases = lease_ids(header.held_leases)
        need(WORKER_NAME.match(worker), "bad_field", "the worker's name")
        need(numerics, "bad_field", "no numerics fingerprint")
        need(header.acknowledged <= header.sequence, "bad_field", "acknowledged > sequence")
        run, configuration = (
            optional(header, "run_id"),
            optional(header, "configuration_fingerprint"),
        )
        return cls(
            worker,
            header.sequence,
            header.acknowledged,
            numerics,
            leases,
            header.free_slots,
            None if run is None else sized(run, 16),
            None if configuration is None else sized(configuration, 32),
            read_held(header),
            read_limits(header),
        )

    def write(self) -> tuple[Any, Tensors]:
        header = pb.Hello(
            worker=self.worker,
            run_id=self.run_id,
            sequence=self.sequence,
            acknowledged=self.acknowledged,
            configuration_fingerprint=self.configuration_fingerprint,
            numerics=self.numerics,
            held_leases=self.held_leases,
            free_slots=self.free_slots,
            held=self.held and self.held.write(),
            limits=self.limits and self.limits.write(),
        )
        return header, {}


@dataclass(frozen=True)
class WorkerHeartbeat:
    """Says, absolutely, how far the worker is and what it holds."""

    KIND: ClassVar = 0x0103
    COMMAND: ClassVar = "HEARTBEAT"
    HEADER: ClassVar = pb.WorkerHeartbeat

    sequence: int
    acknowledged: int
    held_leases: tuple[int, ...]
    free_slots: int
    held: SnapshotReference | None = None

    @classmethod
    def read(cls, header: Any, _: Tensors) -> WorkerHeartbeat:
        leases = lease_ids(header.held_leases)
        return cls(
            header.sequence, header.acknowledged, leases, header.free_slots, read_held(header)
        )

    def write(self) -> tuple[Any, Tensors]:
        header = pb.WorkerHeartbeat(
            sequence=self.sequence,
            acknowledged=self.acknowledged,
            held_leases=self.held_leases,
            free_slots=self.free_slots,
            held=self.held and self.held.write(),
        )
        return header, {}


@dataclass(frozen=True)
class Drained:
    """The worker holds no unanswered lease and has sent every GROUP up to `sequence`."""

    KIND: ClassVar = 0x0104
    COMMAND: ClassVar = "DRAINED"
    HEADER: ClassVar = pb.Drained

    sequence: int
    reason: str

    @classmethod
    def read(cls, header: Any, _: Tensors) -> Drained:
        return cls(header.sequence, text(header.reason))

    def write(self) -> tuple[Any, Tensors]:
        return pb.Drained(sequence=self.sequence, reason=self.reason), {}


@dataclass(frozen=True)
class WorkerGoodbye:
    """The worker leaves."""

    KIND: ClassVar = 0x0105
    COMMAND: ClassVar = "GOODBYE"
    HEADER: ClassVar = pb.Goodbye

    farewell: Farewell
    reason: str

    @classmethod
    def read(cls, header: Any, _: Tensors) -> WorkerGoodbye:
        return cls(closed(Farewell, header.farewell), text(header.reason))

    def write(self) -> tuple[Any, Tensors]:
        return pb.Goodbye(farewell=self.farewell, reason=self.reason), {}


def read_held(header: Any) -> SnapshotReference | None:
    held = optional(header, "held")
    return None if held is None else SnapshotReference.read(held)


def read_limits(header: Any) -> Limits | None:
    found = optional(header, "limits")
    return None if found is None else Limits.read(found)
