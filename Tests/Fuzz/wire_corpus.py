"""Writes what the fuzzers of the wire start from: the valid vectors, as frames and as events.

    python3 Tests/Fuzz/wire_corpus.py .build/fuzz     # corpus-NAME folders in there
"""

import json
import sys
from pathlib import Path

VECTORS = Path(__file__).resolve().parents[2] / "protocols" / "vectors"
SENDERS = dict(worker="worker", learner="learner", fetcher="snapshot", holder="snapshot")
EVENTS = dict(worker="learner-events", learner="worker-events")
LONGEST = 1_500


def write(folder, name, data):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def event(frame, index):
    """As EventStream reads it."""
    return bytes([0, index % 4, 0, len(frame) & 0xFF, len(frame) >> 8]) + frame


def main(out):
    streams = {name: [] for name in EVENTS.values()}
    for file in ("rollout-valid", "snapshot-valid"):
        for index, vector in enumerate(json.loads((VECTORS / f"{file}.json").read_text())):
            frame, sender = bytes.fromhex(vector["frame"]), vector["from"]
            if len(frame) > LONGEST:
                continue
            write(out / f"corpus-{SENDERS[sender]}-frame", f"vector-{sender}-{index}", frame)
            if sender in EVENTS:
                streams[EVENTS[sender]].append(event(frame, index))
    for name, events in streams.items():
        for start in range(0, len(events), 8):
            write(out / f"corpus-{name}", f"vectors-{start}", b"".join(events[start : start + 8]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
