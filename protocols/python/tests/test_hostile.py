"""Mutated frames with right checksums: nothing but `FrameError` may come out of the reader."""

import json
import random
import struct
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError

from cohort_worker.crc import crc32c
from cohort_worker.frames import FrameError
from cohort_worker.messages import BODIES, decode, encode

VECTORS = Path(__file__).resolve().parents[2] / "vectors"


def corpus():
    found = (v for file in sorted(VECTORS.glob("*.json")) for v in json.loads(file.read_text()))
    return [(bytes.fromhex(v["frame"]), v["from"]) for v in found if len(v["frame"]) < 3_000]


def mutated(frame, draw):
    frame = bytearray(frame)
    for _ in range(draw.randrange(1, 4)):
        at = draw.randrange(len(frame) + 1)
        kind = draw.randrange(3)
        if kind == 0:
            frame[at : at + 1] = bytes([draw.choice([0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)])])
        elif kind == 1:
            frame[at:at] = draw.randbytes(draw.randrange(1, 5))
        else:
            del frame[at : at + draw.randrange(1, 5)]
    return bytes(frame)


def repaired(frame):
    """With the checksums, and the header's length, that the rest of the frame asks for."""
    if len(frame) < 16:
        return frame
    kind, length = struct.unpack_from("<HI", frame, 6)
    header, payload = frame[16 : 16 + length], frame[16 + length :]
    if kind in BODIES:
        try:
            message = BODIES[kind].HEADER.FromString(header)
        except DecodeError:
            return frame
        if message.HasField("payload"):
            message.payload.crc32c = crc32c(payload)
        header = message.SerializeToString()
    start = frame[:8] + struct.pack("<I", len(header))
    return start + struct.pack("<I", crc32c(start + header)) + header + payload


@pytest.mark.parametrize("seed", range(8))
def test_a_mutated_frame_decodes_or_is_an_error_of_the_protocol(seed):
    draw = random.Random(seed)
    frames = corpus()
    decoded = 0
    for _ in range(4_000):
        frame, sender = draw.choice(frames)
        try:
            message = decode(repaired(mutated(frame, draw)), sender)
        except FrameError:
            continue
        decoded += 1
        # What decodes can be said again.
        decode(encode(message), sender)
    assert decoded > 20
