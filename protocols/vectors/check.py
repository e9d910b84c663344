"""Holds the Python reader and writer, protocols/python, to the vectors beside this file.

    python3 -m venv /tmp/vectors && /tmp/vectors/bin/pip install numpy protobuf
    /tmp/vectors/bin/python protocols/vectors/check.py

Decodes every valid frame and compares with what stands beside it, encodes it again and compares the
bytes where the frame is canonical, checks that every invalid one gives the error it names, and that every
proper prefix and every changed byte of a short valid frame gives some error. Exits with 1 where anything
differs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))

from cohort_worker.frames import FrameError  # noqa: E402
from cohort_worker.messages import Message, decode, describe, encode  # noqa: E402

Report = Callable[[str], None]


def outcome(frame: bytes, sender: Any) -> Message | str:
    """The message, or the error's name."""
    try:
        return decode(frame, sender)
    except FrameError as error:
        return error.code


def damaged(frame: bytes) -> Iterator[bytes]:
    """Every proper prefix, and every byte changed in three ways."""
    for length in range(len(frame)):
        yield frame[:length]
    for index, byte in enumerate(frame):
        for mask in (0x01, 0x80, 0xFF):
            yield frame[:index] + bytes([byte ^ mask]) + frame[index + 1 :]


def check(vector: dict[str, Any], report: Report) -> int:
    """How many damaged frames were tried."""
    frame, sender, name = bytes.fromhex(vector["frame"]), vector["from"], vector["name"]
    found = outcome(frame, sender)
    if "error" in vector:
        if found != vector["error"]:
            report(f"{name}: {found} instead of {vector['error']}")
        return 0
    expected = dict(vector["decoded"])
    canonical = expected.pop("canonical", True)
    if isinstance(found, str) or describe(found) != expected:
        report(f"{name}: {found} instead of {expected}")
        return 0
    again = encode(found)
    if canonical and again != frame:
        report(f"{name}: encoded as {again.hex()}")
    if describe(decode(again, sender)) != expected:
        report(f"{name}: another meaning after encoding")
    attempts = list(damaged(frame)) if len(frame) <= 1000 else []
    for attempt in attempts:
        if not isinstance(outcome(attempt, sender), str):
            report(f"{name}: damaged, it still decodes: {attempt.hex()}")
    return len(attempts)


def main() -> None:
    problems: list[str] = []
    attempts = 0
    for file in sorted(HERE.glob("*.json")):
        vectors = json.loads(file.read_text())
        attempts += sum(check(v, problems.append) for v in vectors)
        print(f"{file.name}: {len(vectors)} vectors")
    print(f"{attempts} damaged frames")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
