"""Writes the test vectors beside this file: frames with what they decode to, or the error they give.

    python3 -m venv /tmp/vectors && /tmp/vectors/bin/pip install protobuf
    /tmp/vectors/bin/python protocols/vectors/make.py     # needs protoc

The frames are put together here from numbers and the generated protobuf classes, without any of the
Swift code and without check.py, so three readings of the protocol texts meet in these files. The output
is the same on every run.
"""

import json
from pathlib import Path

import frames
import groups
import learner
import snapshots
import worker
from building import invalid, valid

HERE = Path(__file__).parent


def write_files():
    for name, kinds, senders in (
        ("rollout", (0x01,), ("worker", "learner")),
        ("snapshot", (0x02,), ("fetcher", "holder")),
    ):
        for suffix, vectors in (
            ("valid", [v for k, v in valid if k >> 8 in kinds]),
            ("invalid", [v for s, v in invalid if s in senders]),
        ):
            names = [(v["from"], v["name"]) for v in vectors]
            assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
            lines = ",\n".join(json.dumps(v, ensure_ascii=True, allow_nan=False) for v in vectors)
            (HERE / f"{name}-{suffix}.json").write_text(f"[\n{lines}\n]\n")
            print(f"{name}-{suffix}.json: {len(vectors)}")


if __name__ == "__main__":
    for write in (
        groups.write_groups,
        groups.write_bad_groups,
        groups.write_bad_payloads,
        worker.write_hello,
        worker.write_worker,
        learner.write_welcome,
        learner.write_lease,
        learner.write_ack,
        learner.write_learner,
        snapshots.write_requests,
        snapshots.write_replies,
        frames.write_frames,
    ):
        write()
    write_files()
