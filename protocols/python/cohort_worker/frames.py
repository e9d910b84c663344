"""Frames: prelude, header bytes, payload. Section *Framing* of 1/ROLLOUT.

Nothing here knows a command. Every function is total: hostile bytes give `FrameError`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

from . import limits
from .crc import crc32c

Sender = Literal["worker", "learner", "fetcher", "holder"]

MAGIC = b"COHT"
MAJOR = 1
MINOR = 1
"""The newest that this package speaks."""
OLDEST_MINOR = 0
BASES: dict[Sender, int] = dict(worker=0x0100, learner=0x0180, fetcher=0x0200, holder=0x0280)
"""The bits 0xFF80 of a type say who may send it."""


class FrameError(Exception):
    """Why a frame does not decode. `code` is the name that the protocol's table gives the error."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


def need(condition: object, code: str, detail: str = "") -> None:
    """Raises `FrameError` unless `condition` holds."""
    if not condition:
        raise FrameError(code, detail)


@dataclass(frozen=True)
class Frame:
    """A frame whose prelude is sound. The payload is not checked yet."""

    kind: int
    minor: int
    header: bytes
    payload: memoryview


def payload_limit(sender: Sender) -> int:
    """The longest payload, in bytes, of the protocol that `sender` speaks."""
    return limits.ROLLOUT_PAYLOAD if sender in ("worker", "learner") else limits.SNAPSHOT_PAYLOAD


def split(data: bytes, sender: Sender) -> Frame:
    """Checks a frame up to its type, in the order of the table *Order of checks*."""
    longest = limits.PRELUDE + limits.HEADER + payload_limit(sender)
    need(len(data) <= longest, "limit_exceeded", f"the frame has {len(data)} bytes")
    need(len(data) >= limits.PRELUDE, "truncated", f"the frame has {len(data)} bytes")
    need(data[:4] == MAGIC, "bad_magic")
    major, minor, kind, length, checksum = struct.unpack_from("<BBHII", data, 4)
    need(length <= limits.HEADER, "header_too_large", f"{length} bytes")
    end = limits.PRELUDE + length
    need(len(data) >= end, "truncated", f"the header has {length} bytes, the frame {len(data)}")
    header = bytes(data[limits.PRELUDE : end])
    need(crc32c(data[:12] + header) == checksum, "header_checksum")
    spoken = f"the peer speaks {major}.{minor}, this side {MAJOR}.{MINOR}"
    need(major == MAJOR, "unsupported_major", f"{spoken}; run the same release on both")
    need(kind & 0xFF80 == BASES[sender], "unknown_type", f"type 0x{kind:04x} from a {sender}")
    return Frame(kind, minor, header, memoryview(data)[end:])


def join(kind: int, header: bytes, payload: bytes, minor: int = MINOR) -> bytes:
    """The frame of a header and a payload."""
    start = MAGIC + struct.pack("<BBHI", MAJOR, minor, kind, len(header))
    return start + struct.pack("<I", crc32c(start + header)) + header + payload


def ends_in_a_group(header: bytes) -> bool:
    """Whether an end of a group stands in a header where none began.

    Some releases of protobuf take that for the end of the message and ignore what follows. False
    for anything else, sound or not.
    """
    place, depth = 0, 0
    try:
        while place < len(header) and depth >= 0:
            tag, place = _varint(header, place)
            kind = tag & 7
            if kind == 0:
                _, place = _varint(header, place)
            elif kind == 2:
                length, place = _varint(header, place)
                place += length
            else:
                place += {1: 8, 5: 4}.get(kind, 0)
                depth += {3: 1, 4: -1}.get(kind, 0)
    except IndexError:
        return False
    return depth < 0


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
