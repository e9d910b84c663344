"""Messages: what a frame says, and the frame that says it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, ClassVar, Protocol

from google.protobuf.message import DecodeError

from . import learner_messages as learner
from . import snapshot_messages as snapshot
from . import worker_messages as worker
from .earlier import spoken
from .frames import (
    MINOR,
    FrameError,
    Sender,
    ends_in_a_group,
    join,
    need,
    payload_limit,
    split,
)
from .group import Group
from .tensors import Tensors
from .tensors import read as read_tensors
from .tensors import write as write_tensors


class Body(Protocol):
    """A command's fields. `read` raises `FrameError`; `write` gives a header and its tensors."""

    KIND: ClassVar[int]
    COMMAND: ClassVar[str]
    HEADER: ClassVar[Any]

    @classmethod
    def read(cls, header: Any, tensors: Tensors) -> Body: ...

    def write(self) -> tuple[Any, Tensors]: ...


BODIES: dict[int, type[Body]] = {
    body.KIND: body
    for body in (
        worker.Hello,
        Group,
        worker.WorkerHeartbeat,
        worker.Drained,
        worker.WorkerGoodbye,
        learner.Welcome,
        learner.Lease,
        learner.Ack,
        learner.Reject,
        learner.LearnerHeartbeat,
        learner.Drain,
        learner.LearnerGoodbye,
        snapshot.ManifestRequest,
        snapshot.ChunkRequest,
        snapshot.Announce,
        snapshot.Manifest,
        snapshot.Chunk,
        snapshot.SnapshotReject,
    )
}


@dataclass(frozen=True)
class Message:
    """A decoded frame."""

    body: Body
    incarnation: int | None = None
    """The sender's; None in 2/SNAPSHOT, whose headers have none."""
    minor: int = MINOR


def decode(data: bytes, sender: Sender) -> Message:
    """What `data`, which came from a `sender`, says. Raises `FrameError` and nothing else."""
    frame = split(data, sender)
    need(frame.kind in BODIES, "unknown_type", f"type 0x{frame.kind:04x}")
    body = BODIES[frame.kind]
    try:
        need(not ends_in_a_group(frame.header), "malformed_header", "a group ends that never began")
        header = body.HEADER.FromString(frame.header)
    except DecodeError as error:
        raise FrameError("malformed_header", str(error)) from None
    tensors = read_tensors(header.payload, frame.payload)
    need(len(frame.payload) <= payload_limit(sender), "limit_exceeded", "the payload")
    incarnation = None
    if sender in ("worker", "learner"):
        incarnation = header.incarnation
        allowed = incarnation > 0 if sender == "worker" else incarnation < 1 << 32
        need(allowed, "bad_field", f"incarnation {incarnation}")
    return Message(body.read(header, tensors), incarnation, frame.minor)


def encode(message: Message) -> bytes:
    """The frame in canonical form, in the words of its minor version."""
    header, tensors = spoken(message.body, message.minor).write()
    if message.incarnation is not None:
        header.incarnation = message.incarnation
    payload = b""
    if tensors:
        description, payload = write_tensors(tensors)
        header.payload.CopyFrom(description)
    data = header.SerializeToString(deterministic=True)
    return join(message.body.KIND, data, payload, message.minor)


def describe(message: Message) -> dict[str, Any]:
    """The message as the vectors write it: the JSON object beside a frame."""
    shown = dict(command=message.body.COMMAND, minor=message.minor)
    if message.incarnation is not None:
        shown["incarnation"] = message.incarnation
    return shown | _shown(message.body)


def _shown(value: Any) -> Any:
    if is_dataclass(value):
        found = ((f.name.rstrip("_"), getattr(value, f.name)) for f in fields(value))
        return {name: _shown(v) for name, v in found if v is not None}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [_shown(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
