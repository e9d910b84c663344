"""Values that several commands share, and how they are read from headers and written into them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, TypeVar

from . import cohort_pb2 as pb
from . import limits
from .frames import FrameError, need

E = TypeVar("E", bound=IntEnum)


class Farewell(IntEnum):
    FINISHED = 1
    RESTARTING = 2
    FAILED = 3


class RewardPlacement(IntEnum):
    """Who scores."""

    LEARNER = 1
    WORKER = 2


class Outcome(IntEnum):
    ACCEPTED = 1
    DUPLICATE = 2
    DROPPED = 3


class DrainMode(IntEnum):
    FINISH = 1
    STOP = 2


class DropCause(IntEnum):
    OTHER = 0
    STALE = 1
    EXPIRED = 2
    UNKNOWN_LEASE = 3
    TICKET_MISMATCH = 4
    INVALID = 5
    BAD_REWARD = 6
    NUMERICS = 7
    NOT_NEEDED = 8
    REWARD_FAILED = 9
    CONSTANT_REWARDS = 10


class RejectCode(IntEnum):
    OTHER = 0
    UNSUPPORTED_VERSION = 1
    MALFORMED = 2
    HELLO_REQUIRED = 3
    WRONG_RUN = 4
    FENCED = 5
    NUMERICS = 6
    NOT_AUTHORIZED = 7
    TOO_LARGE = 8
    FULL = 9
    STOPPING = 10
    SEQUENCE = 11
    BARRED = 12


class SnapshotRejectCode(IntEnum):
    OTHER = 0
    UNSUPPORTED_VERSION = 1
    MALFORMED = 2
    UNKNOWN_VERSION = 3
    NO_LONGER_KEPT = 4
    BAD_RANGE = 5
    BUSY = 6


@dataclass(frozen=True, order=True)
class Version:
    """Of the policy: the learner's incarnation and the number of snapshots published."""

    incarnation: int
    number: int

    @classmethod
    def read(cls, header: Any) -> Version:
        return cls(header.incarnation, header.number)

    def write(self) -> Any:
        return pb.Version(incarnation=self.incarnation, number=self.number)

    def __str__(self) -> str:
        return f"{self.incarnation}.{self.number}"


@dataclass(frozen=True)
class SnapshotReference:
    """A version and the digest of its weights, 32 bytes."""

    version: Version
    digest: bytes

    @classmethod
    def read(cls, header: Any) -> SnapshotReference:
        version = Version.read(required(header, "version"))
        need(header.digest, "missing_field", "digest")
        return cls(version, sized(header.digest, 32))

    def write(self) -> Any:
        return pb.SnapshotReference(version=self.version.write(), digest=self.digest)


@dataclass(frozen=True)
class TicketKey:
    """What makes a group unique: data pass, prompt and attempt."""

    pass_: int
    prompt_index: int
    attempt: int

    @classmethod
    def read(cls, header: Any) -> TicketKey:
        return cls(getattr(header, "pass"), header.prompt_index, header.attempt)

    def write(self) -> Any:
        fields = dict(prompt_index=self.prompt_index, attempt=self.attempt)
        return pb.TicketKey(**{"pass": self.pass_}, **fields)


@dataclass(frozen=True)
class Limits:
    """The most that a side takes (HELLO), or that any message of the run has (WELCOME). Since 1.1."""

    frame_bytes: int = limits.ROLLOUT_FRAME
    header_bytes: int = limits.HEADER
    string_bytes: int = limits.STRING
    prompt_tokens: int = limits.TOKENS
    completion_tokens: int = limits.TOKENS
    completions: int = limits.COMPLETIONS
    held_leases: int = limits.HELD_LEASES
    chunk_bytes: int = limits.CHUNK

    @classmethod
    def read(cls, header: Any) -> Limits:
        found = cls(**{field.name: getattr(header, field.name) for field in fields(cls)})
        for field in fields(cls):
            value = getattr(found, field.name)
            need(value, "bad_field", f"the limit {field.name} is 0")
            need(value <= field.default, "limit_exceeded", f"the limit {field.name} is {value}")
        return found

    def write(self) -> Any:
        return pb.Limits(**{field.name: getattr(self, field.name) for field in fields(self)})


def required(header: Any, field: str) -> Any:
    """A message-typed field that has to be there."""
    need(header.HasField(field), "missing_field", field)
    return getattr(header, field)


def optional(header: Any, field: str) -> Any | None:
    """A field with presence, or None."""
    return getattr(header, field) if header.HasField(field) else None


def sized(value: bytes, length: int) -> bytes:
    need(len(value) == length, "bad_field", f"{len(value)} bytes instead of {length}")
    return value


def text(value: str, limit: int = limits.STRING) -> str:
    need(len(value.encode()) <= limit, "limit_exceeded", "a string is too long")
    return value


def shortened(value: str, limit: int = limits.STRING) -> str:
    """As much of a sentence as a header takes."""
    return value.encode(errors="replace")[:limit].decode(errors="ignore")


def lease_ids(ids: Iterable[int]) -> tuple[int, ...]:
    """Ids as a set, in order."""
    found = list(ids)
    need(len(found) <= limits.HELD_LEASES, "limit_exceeded", f"{len(found)} leases")
    need(0 not in found, "bad_field", "lease 0")
    return tuple(sorted(set(found)))


def closed(enumeration: type[E], value: int) -> E:
    """A value that must be known."""
    try:
        return enumeration(value)
    except ValueError:
        raise FrameError("bad_field", f"{enumeration.__name__} {value}") from None


def other(enumeration: type[E], value: int) -> E:
    """A value that a newer peer may have added: OTHER where it is unknown."""
    return enumeration(value) if value in set(enumeration) else enumeration(0)
