"""The commands of the learner. Section *Commands of the learner* of 1/ROLLOUT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from . import cohort_pb2 as pb
from . import limits
from .frames import FrameError, need
from .tensors import Tensors, tensor, vector
from .values import (
    DrainMode,
    DropCause,
    Farewell,
    Limits,
    Outcome,
    RejectCode,
    RewardPlacement,
    SnapshotReference,
    TicketKey,
    Version,
    closed,
    lease_ids,
    optional,
    other,
    required,
    sized,
    text,
)


@dataclass(frozen=True)
class Welcome:
    """Accepts a HELLO and starts a session."""

    KIND: ClassVar = 0x0181
    COMMAND: ClassVar = "WELCOME"
    HEADER: ClassVar = pb.Welcome

    run_id: bytes
    configuration_fingerprint: bytes
    numerics: str
    heartbeat_ms: int
    liveness_ms: int
    largest_group_bytes: int
    group_size: int
    reward_placement: RewardPlacement
    current: SnapshotReference
    acknowledged: int
    configuration: str | None = None
    """None where HELLO named its fingerprint."""
    limits: Limits | None = None

    @classmethod
    def read(cls, header: Any, tensors: Tensors) -> Welcome:
        need(header.run_id, "missing_field", "run_id")
        need(header.configuration_fingerprint, "missing_field", "configuration_fingerprint")
        run, configuration = sized(header.run_id, 16), sized(header.configuration_fingerprint, 32)
        placement = closed(RewardPlacement, header.reward_placement)
        current = SnapshotReference.read(required(header, "current"))
        need(text(header.numerics), "bad_field", "no numerics fingerprint")
        need(0 < header.heartbeat_ms < header.liveness_ms, "bad_field", "heartbeat or liveness")
        need(header.largest_group_bytes and header.group_size, "bad_field", "group size 0")
        need(
            header.largest_group_bytes <= limits.ROLLOUT_FRAME,
            "limit_exceeded",
            "largest_group_bytes",
        )
        need(header.group_size <= limits.COMPLETIONS, "limit_exceeded", "group_size")
        announced = optional(header, "limits")
        return cls(
            run,
            configuration,
            header.numerics,
            header.heartbeat_ms,
            header.liveness_ms,
            header.largest_group_bytes,
            header.group_size,
            placement,
            current,
            header.acknowledged,
            cls._configuration(tensors),
            None if announced is None else Limits.read(announced),
        )

    @staticmethod
    def _configuration(tensors: Tensors) -> str | None:
        if "configuration" not in tensors:
            return None
        data = vector(tensors, "configuration", "U8")
        need(data.size <= limits.CONFIGURATION, "limit_exceeded", "configuration")
        return _utf8(data)

    def write(self) -> tuple[Any, Tensors]:
        header = pb.Welcome(
            run_id=self.run_id,
            configuration_fingerprint=self.configuration_fingerprint,
            numerics=self.numerics,
            heartbeat_ms=self.heartbeat_ms,
            liveness_ms=self.liveness_ms,
            largest_group_bytes=self.largest_group_bytes,
            group_size=self.group_size,
            reward_placement=self.reward_placement,
            current=self.current.write(),
            acknowledged=self.acknowledged,
            limits=self.limits and self.limits.write(),
        )
        if self.configuration is None:
            return header, {}
        return header, dict(configuration=tensor("U8", self.configuration.encode()))


@dataclass(frozen=True)
class Ticket:
    """A leased ticket: sample a group for this prompt from that version."""

    lease: int
    key: TicketKey
    ordinal: int
    version: Version
    deadline_ms: int
    prompt: list[int]
    columns: str
    """What a reward needs, one JSON object, or nothing."""

    def write(self) -> Any:
        return pb.LeasedTicket(
            lease=self.lease,
            key=self.key.write(),
            ordinal=self.ordinal,
            version=self.version.write(),
            deadline_ms=self.deadline_ms,
        )


@dataclass(frozen=True)
class Lease:
    """Hands out tickets."""

    KIND: ClassVar = 0x0182
    COMMAND: ClassVar = "LEASE"
    HEADER: ClassVar = pb.Lease

    sequence: int
    tickets: list[Ticket]

    @classmethod
    def read(cls, header: Any, tensors: Tensors) -> Lease:
        count = len(header.tickets)
        need(header.sequence, "bad_field", "sequence 0")
        need(count and all(t.lease for t in header.tickets), "bad_field", "no ticket, or lease 0")
        need(count <= limits.TICKETS, "limit_exceeded", f"{count} tickets")
        need(len({t.lease for t in header.tickets}) == count, "bad_field", "a lease twice")
        prompts = _pieces(tensors, "prompt_lengths", "prompts", "I32", count)
        columns = _pieces(tensors, "column_lengths", "columns", "U8", count)
        rows = zip(header.tickets, prompts, columns)
        return cls(header.sequence, [cls._ticket(*row) for row in rows])

    @staticmethod
    def _ticket(found: Any, prompt: np.ndarray, columns: np.ndarray) -> Ticket:
        need(columns.size <= limits.COLUMNS, "limit_exceeded", "columns")
        need(prompt.size and prompt.min() >= 0, "bad_value", "a prompt")
        need(prompt.size <= limits.TOKENS, "limit_exceeded", f"a prompt of {prompt.size} tokens")
        key = TicketKey.read(required(found, "key"))
        version = Version.read(required(found, "version"))
        return Ticket(
            found.lease,
            key,
            found.ordinal,
            version,
            found.deadline_ms,
            prompt.tolist(),
            _utf8(columns),
        )

    def write(self) -> tuple[Any, Tensors]:
        header = pb.Lease(sequence=self.sequence, tickets=[t.write() for t in self.tickets])
        columns = [t.columns.encode() for t in self.tickets]
        tensors = dict(
            prompt_lengths=tensor("U32", [len(t.prompt) for t in self.tickets]),
            prompts=tensor("I32", [token for t in self.tickets for token in t.prompt]),
            column_lengths=tensor("U32", [len(c) for c in columns]),
            columns=tensor("U8", b"".join(columns)),
        )
        return header, tensors


@dataclass(frozen=True)
class Verdict:
    """What became of one GROUP."""

    sequence: int
    lease: int
    outcome: Outcome
    durable: bool | None = None
    """Of ACCEPTED only."""
    cause: DropCause | None = None
    """Of DROPPED only."""

    @classmethod
    def read(cls, header: Any) -> Verdict:
        need(header.sequence and header.lease, "bad_field", "sequence or lease 0")
        outcome = closed(Outcome, header.outcome)
        accepted, dropped = outcome is Outcome.ACCEPTED, outcome is Outcome.DROPPED
        need(accepted or not header.durable, "bad_field", f"durable, and {outcome.name}")
        need(dropped or not header.cause, "bad_field", f"a cause, and {outcome.name}")
        cause = other(DropCause, header.cause) if dropped else None
        return cls(
            header.sequence, header.lease, outcome, header.durable if accepted else None, cause
        )

    def write(self) -> Any:
        return pb.Verdict(
            sequence=self.sequence,
            lease=self.lease,
            outcome=self.outcome,
            durable=bool(self.durable),
            cause=self.cause or 0,
        )


@dataclass(frozen=True)
class Ack:
    """Verdicts on groups; all up to `acknowledged` have one."""

    KIND: ClassVar = 0x0183
    COMMAND: ClassVar = "ACK"
    HEADER: ClassVar = pb.Ack

    acknowledged: int
    verdicts: list[Verdict]

    @classmethod
    def read(cls, header: Any, _: Tensors) -> Ack:
        need(len(header.verdicts) <= limits.VERDICTS, "limit_exceeded", "verdicts")
        return cls(header.acknowledged, [Verdict.read(v) for v in header.verdicts])

    def write(self) -> tuple[Any, Tensors]:
        verdicts = [v.write() for v in self.verdicts]
        return pb.Ack(acknowledged=self.acknowledged, verdicts=verdicts), {}


@dataclass(frozen=True)
class Reject:
    """Refuses a message; `type` and `sequence` name it."""

    KIND: ClassVar = 0x0184
    COMMAND: ClassVar = "REJECT"
    HEADER: ClassVar = pb.Reject

    code: RejectCode
    reason: str
    type: int = 0
    sequence: int = 0

    @classmethod
    def read(cls, header: Any, _: Tensors) -> Reject:
        need(header.type < 1 << 16, "bad_field", f"type {header.type}")
        return cls(
            other(RejectCode, header.code), text(header.reason), header.type, header.sequence
        )

    def write(self) -> tuple[Any, Tensors]:
        fields = dict(code=self.code, reason=self.reason, type=self.type, sequence=self.sequence)
        return pb.Reject(**fields), {}


@dataclass(frozen=True)
class LearnerHeartbeat:
    """Says, absolutely, how far the learner is and what it counts as this worker's."""

    KIND: ClassVar = 0x0185
    COMMAND: ClassVar = "HEARTBEAT"
    HEADER: ClassVar = pb.LearnerHeartbeat

    sequence: int
    acknowledged: int
    held_leases: tuple[int, ...]
    current: SnapshotReference

    @classmethod
    def read(cls, header: Any, _: Tensors) -> LearnerHeartbeat:
        leases = lease_ids(header.held_leases)
        current = SnapshotReference.read(required(header, "current"))
        return cls(header.sequence, header.acknowledged, leases, current)

    def write(self) -> tuple[Any, Tensors]:
        header = pb.LearnerHeartbeat(
            sequence=self.sequence,
            acknowledged=self.acknowledged,
            held_leases=self.held_leases,
            current=self.current.write(),
        )
        return header, {}


@dataclass(frozen=True)
class Drain:
    """No more leases will come."""

    KIND: ClassVar = 0x0186
    COMMAND: ClassVar = "DRAIN"
    HEADER: ClassVar = pb.Drain

    sequence: int
    mode: DrainMode
    reason: str

    @classmethod
    def read(cls, header: Any, _: Tensors) -> Drain:
        need(header.sequence, "bad_field", "sequence 0")
        return cls(header.sequence, closed(DrainMode, header.mode), text(header.reason))

    def write(self) -> tuple[Any, Tensors]:
        return pb.Drain(sequence=self.sequence, mode=self.mode, reason=self.reason), {}


@dataclass(frozen=True)
class LearnerGoodbye:
    """The learner leaves."""

    KIND: ClassVar = 0x0187
    COMMAND: ClassVar = "GOODBYE"
    HEADER: ClassVar = pb.Goodbye

    farewell: Farewell
    reason: str

    @classmethod
    def read(cls, header: Any, _: Tensors) -> LearnerGoodbye:
        return cls(closed(Farewell, header.farewell), text(header.reason))

    def write(self) -> tuple[Any, Tensors]:
        return pb.Goodbye(farewell=self.farewell, reason=self.reason), {}


def _pieces(
    tensors: Tensors, lengths: str, values: str, dtype: str, count: int
) -> list[np.ndarray]:
    """A ragged tensor, cut."""
    sizes = vector(tensors, lengths, "U32", count).tolist()
    found = vector(tensors, values, dtype, sum(sizes))
    return np.split(found, np.cumsum(sizes)[:-1])


def _utf8(data: np.ndarray) -> str:
    try:
        return data.tobytes().decode()
    except UnicodeDecodeError:
        raise FrameError("bad_value", "not UTF-8") from None
