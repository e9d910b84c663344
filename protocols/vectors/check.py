"""A second reader of 1/ROLLOUT and 2/SNAPSHOT, and what it finds in the vectors beside this file.

    python3 -m venv /tmp/vectors && /tmp/vectors/bin/pip install protobuf
    /tmp/vectors/bin/python protocols/vectors/check.py    # needs protoc

Decodes every valid frame and compares with what stands beside it, checks that every invalid one gives
the error it names, and that every proper prefix and every changed byte of a short valid frame gives some
error. Exits with 1 where anything differs.
"""

import json
import math
import struct
import sys
from pathlib import Path

from google.protobuf.message import DecodeError
from schema import crc32c, schema

pb = schema()
MIB = 1 << 20
SIZES = dict(
    BOOL=1, U8=1, I8=1, U16=2, I16=2, F16=2, BF16=2, U32=4, I32=4, F32=4, U64=8, I64=8, F64=8
)
FORMATS = dict(U8="B", U32="I", I32="i", F32="f", F64="d")
BASES = dict(worker=0x0100, learner=0x0180, fetcher=0x0200, holder=0x0280)
HEADERS = {
    0x0101: ("HELLO", "Hello"),
    0x0102: ("GROUP", "Group"),
    0x0103: ("HEARTBEAT", "WorkerHeartbeat"),
    0x0104: ("DRAINED", "Drained"),
    0x0105: ("GOODBYE", "Goodbye"),
    0x0181: ("WELCOME", "Welcome"),
    0x0182: ("LEASE", "Lease"),
    0x0183: ("ACK", "Ack"),
    0x0184: ("REJECT", "Reject"),
    0x0185: ("HEARTBEAT", "LearnerHeartbeat"),
    0x0186: ("DRAIN", "Drain"),
    0x0187: ("GOODBYE", "Goodbye"),
    0x0201: ("MANIFEST-REQUEST", "ManifestRequest"),
    0x0202: ("CHUNK-REQUEST", "ChunkRequest"),
    0x0281: ("ANNOUNCE", "Announce"),
    0x0282: ("MANIFEST", "Manifest"),
    0x0283: ("CHUNK", "Chunk"),
    0x0284: ("REJECT", "SnapshotReject"),
}


class Bad(Exception):
    """The error's name is its only argument."""


def need(condition, error):
    if not condition:
        raise Bad(error)


def decode(frame: bytes, sender: str) -> dict:
    payload_limit = MIB if sender in ("fetcher", "holder") else 64 * MIB
    need(len(frame) <= 16 + 65536 + payload_limit, "limit_exceeded")
    need(len(frame) >= 16, "truncated")
    need(frame[:4] == b"COHT", "bad_magic")
    major, minor, kind, length, crc = struct.unpack_from("<BBHII", frame, 4)
    need(length <= 65536, "header_too_large")
    need(len(frame) >= 16 + length, "truncated")
    header, payload = frame[16 : 16 + length], frame[16 + length :]
    need(crc32c(frame[:12] + header) == crc, "header_checksum")
    need(major == 1, "unsupported_major")
    need(kind & 0xFF80 == BASES[sender] and kind in HEADERS, "unknown_type")
    command, name = HEADERS[kind]
    try:
        message = getattr(pb, name).FromString(header)
    except DecodeError:
        raise Bad("malformed_header") from None
    tensors = read_payload(message.payload, payload)
    need(len(payload) <= payload_limit, "limit_exceeded")
    out = dict(command=command, minor=minor)
    if kind < 0x0200:
        out["incarnation"] = message.incarnation
        need(
            message.incarnation > 0 if sender == "worker" else message.incarnation < 1 << 32,
            "bad_field",
        )
    out.update(globals()[f"read_{name}"](message, tensors))
    return out


def read_payload(description, payload):
    need(len(description.tensors) <= 64, "bad_descriptor")
    tensors, offset, total = {}, 0, sum(t.bytes for t in description.tensors)
    for t in description.tensors:
        need(
            1 <= len(t.name.encode()) <= 64 and t.name not in tensors and t.dtype in SIZES,
            "bad_descriptor",
        )
        need(len(t.shape) <= 4 and all(extent < 1 << 63 for extent in t.shape), "bad_descriptor")
        product = SIZES[t.dtype]
        for extent in t.shape:
            product *= extent
            need(product < 1 << 64, "bad_descriptor")
        need(product == t.bytes and product < 1 << 63, "bad_descriptor")
        tensors[t.name] = (
            t.dtype,
            list(t.shape),
            payload[offset : offset + t.bytes] if total == len(payload) else b"",
        )
        offset += t.bytes
    need(total == len(payload), "payload_length")
    need(crc32c(payload) == description.crc32c, "payload_checksum")
    return tensors


def vector(tensors, name, dtype, count=None):
    need(name in tensors, "bad_tensor")
    found, shape, data = tensors[name]
    need(found == dtype and len(shape) == 1 and count in (None, shape[0]), "bad_tensor")
    return list(struct.unpack(f"<{shape[0]}{FORMATS[dtype]}", data))


def matrix(tensors, name, dtype, rows, columns=None):
    need(name in tensors, "bad_tensor")
    found, shape, data = tensors[name]
    need(found == dtype and len(shape) == 2 and shape[0] == rows, "bad_tensor")
    need(columns in (None, shape[1]), "bad_tensor")
    values = struct.unpack(f"<{shape[0] * shape[1]}{FORMATS[dtype]}", data)
    return [list(values[i * shape[1] : (i + 1) * shape[1]]) for i in range(rows)]


def shown_reward(r):
    return r if math.isfinite(r) else "NaN" if r != r else "Infinity" if r > 0 else "-Infinity"


def function_rewards(tensors, completions):
    """By completion, None where a function does not apply; None where there are no such tensors."""
    if "function_rewards" not in tensors:
        return None
    values = matrix(tensors, "function_rewards", "F64", completions)
    functions = len(values[0])
    need(functions, "bad_tensor")
    need(functions <= 64, "limit_exceeded")
    applies = [[1] * functions] * completions
    if "reward_applies" in tensors:
        applies = matrix(tensors, "reward_applies", "U8", completions, functions)
    rows = []
    for row, marks in zip(values, applies):
        for value, mark in zip(row, marks):
            need(mark == 1 or mark == 0 and struct.pack("<d", value) == bytes(8), "bad_value")
        rows.append([shown_reward(v) if mark else None for v, mark in zip(row, marks)])
    need("rewards" in tensors, "bad_tensor")
    return rows


def text(value, limit=4096):
    need(len(value.encode()) <= limit, "limit_exceeded")
    return value


def version(v):
    return dict(incarnation=v.incarnation, number=v.number)


def required(message, field):
    need(message.HasField(field), "missing_field")
    return getattr(message, field)


def snapshot(reference):
    required(reference, "version")
    need(reference.digest, "missing_field")
    need(len(reference.digest) == 32, "bad_field")
    return dict(version=version(reference.version), digest=reference.digest.hex())


def key(k):
    return {"pass": getattr(k, "pass"), "prompt_index": k.prompt_index, "attempt": k.attempt}


def leases(ids):
    need(len(ids) <= 4096, "limit_exceeded")
    need(0 not in ids, "bad_field")
    return sorted(set(ids))


def sized(value, length):
    need(len(value) == length, "bad_field")
    return value.hex()


def choice(enum, value, closed):
    """The enumeration's name without its prefix; a value that is not one is OTHER or an error."""
    names = {v.number: v.name for v in enum.DESCRIPTOR.values}
    need(not closed or value in names and value != 0, "bad_field")
    name = names.get(value, names[0])
    prefix = names[0].removesuffix("OTHER").removesuffix("UNSPECIFIED")
    return name.removeprefix(prefix)


def tokens(values, limit=MIB):
    need(values and min(values) >= 0, "bad_value")
    need(len(values) <= limit, "limit_exceeded")
    return values


def utf8(data):
    try:
        return bytes(data).decode()
    except UnicodeDecodeError:
        raise Bad("bad_value") from None


def read_Hello(m, _):
    out = dict(
        worker=text(m.worker, 128),
        sequence=m.sequence,
        acknowledged=m.acknowledged,
        numerics=text(m.numerics),
        held_leases=leases(m.held_leases),
        free_slots=m.free_slots,
    )
    name = m.worker.replace("@", "a").replace("-", "a").replace("_", "a").replace(".", "a")
    need(name.isascii() and name.isalnum() and m.worker[0].isalnum(), "bad_field")
    need(m.numerics and m.acknowledged <= m.sequence, "bad_field")
    if m.HasField("run_id"):
        out["run_id"] = sized(m.run_id, 16)
    if m.HasField("configuration_fingerprint"):
        out["configuration_fingerprint"] = sized(m.configuration_fingerprint, 32)
    return with_held(out, m)


def with_held(out, m):
    if m.HasField("held"):
        out["held"] = snapshot(m.held)
    return out


def read_Group(m, tensors):
    out = dict(
        key=key(required(m, "key")),
        version=version(required(m, "version")),
        sequence=m.sequence,
        lease=m.lease,
        ordinal=m.ordinal,
    )
    need(m.sequence and m.lease, "bad_field")
    lengths = vector(tensors, "lengths", "U32")
    need(lengths, "bad_tensor")
    need(len(lengths) <= 4096, "limit_exceeded")
    for length in lengths:
        need(length > 0, "bad_value")
        need(length <= MIB, "limit_exceeded")
    g, n = len(lengths), sum(lengths)
    prompt, ids = vector(tensors, "prompt", "I32"), vector(tensors, "tokens", "I32", n)
    logprobs = vector(tensors, "behavior_logprobs", "F32", n)
    masses = (
        vector(tensors, "kept_log_masses", "F32", n) if "kept_log_masses" in tensors else [0.0] * n
    )
    reasons = vector(tensors, "finish_reasons", "U8", g)
    rewards = vector(tensors, "rewards", "F64", g) if "rewards" in tensors else None
    by_function = function_rewards(tensors, g)
    need(
        max(reasons) <= 1 and all(v <= 0 and math.isfinite(v) for v in logprobs + masses),
        "bad_value",
    )
    out.update(prompt=tokens(prompt), completions=[])
    tokens(ids, math.inf)
    for i, length in enumerate(lengths):
        start = sum(lengths[:i])
        span = slice(start, start + length)
        completion = dict(
            tokens=ids[span],
            behavior_logprobs=logprobs[span],
            kept_log_masses=masses[span],
            finish_reason=reasons[i],
        )
        if rewards is not None:
            completion["reward"] = shown_reward(rewards[i])
        if by_function is not None:
            completion["rewards"] = by_function[i]
        out["completions"].append(completion)
    if m.HasField("scoring_failure"):
        out["scoring_failure"] = text(m.scoring_failure)
        need(rewards is None and m.scoring_failure, "bad_field")
    return out


def read_WorkerHeartbeat(m, _):
    return with_held(
        dict(
            sequence=m.sequence,
            acknowledged=m.acknowledged,
            held_leases=leases(m.held_leases),
            free_slots=m.free_slots,
        ),
        m,
    )


def read_Drained(m, _):
    return dict(sequence=m.sequence, reason=text(m.reason))


def read_Goodbye(m, _):
    return dict(farewell=choice(pb.Farewell, m.farewell, True), reason=text(m.reason))


def read_Welcome(m, tensors):
    need(m.run_id and m.configuration_fingerprint, "missing_field")
    out = dict(
        run_id=sized(m.run_id, 16),
        configuration_fingerprint=sized(m.configuration_fingerprint, 32),
        numerics=text(m.numerics),
        heartbeat_ms=m.heartbeat_ms,
        liveness_ms=m.liveness_ms,
        largest_group_bytes=m.largest_group_bytes,
        group_size=m.group_size,
        reward_placement=choice(pb.RewardPlacement, m.reward_placement, True),
        current=snapshot(required(m, "current")),
        acknowledged=m.acknowledged,
    )
    need(
        m.numerics
        and 0 < m.heartbeat_ms < m.liveness_ms
        and m.largest_group_bytes
        and m.group_size,
        "bad_field",
    )
    need(m.largest_group_bytes <= 16 + 65536 + 64 * MIB and m.group_size <= 4096, "limit_exceeded")
    if "configuration" in tensors:
        data = vector(tensors, "configuration", "U8")
        need(len(data) <= 65536, "limit_exceeded")
        out["configuration"] = utf8(data)
    return out


def read_Lease(m, tensors):
    count = len(m.tickets)
    need(m.sequence and count and all(t.lease for t in m.tickets), "bad_field")
    need(count <= 512, "limit_exceeded")
    need(len({t.lease for t in m.tickets}) == count, "bad_field")
    prompt_lengths = vector(tensors, "prompt_lengths", "U32", count)
    column_lengths = vector(tensors, "column_lengths", "U32", count)
    prompts = vector(tensors, "prompts", "I32", sum(prompt_lengths))
    columns = vector(tensors, "columns", "U8", sum(column_lengths))
    out = dict(sequence=m.sequence, tickets=[])
    for t, prompt, column in zip(m.tickets, prompt_lengths, column_lengths):
        need(column <= MIB, "limit_exceeded")
        out["tickets"].append(
            dict(
                lease=t.lease,
                key=key(required(t, "key")),
                ordinal=t.ordinal,
                version=version(required(t, "version")),
                deadline_ms=t.deadline_ms,
                prompt=tokens(prompts[:prompt]),
                columns=utf8(columns[:column]),
            )
        )
        prompts, columns = prompts[prompt:], columns[column:]
    return out


def read_Ack(m, _):
    need(len(m.verdicts) <= 512, "limit_exceeded")
    out = dict(acknowledged=m.acknowledged, verdicts=[])
    for v in m.verdicts:
        need(v.sequence and v.lease, "bad_field")
        verdict = dict(
            sequence=v.sequence, lease=v.lease, outcome=choice(pb.Outcome, v.outcome, True)
        )
        need(verdict["outcome"] == "ACCEPTED" or not v.durable, "bad_field")
        need(verdict["outcome"] == "DROPPED" or v.cause == 0, "bad_field")
        if verdict["outcome"] == "ACCEPTED":
            verdict["durable"] = v.durable
        if verdict["outcome"] == "DROPPED":
            verdict["cause"] = choice(pb.DropCause, v.cause, False)
        out["verdicts"].append(verdict)
    return out


def read_Reject(m, _):
    need(m.type < 1 << 16, "bad_field")
    return dict(
        code=choice(pb.RejectCode, m.code, False),
        reason=text(m.reason),
        type=m.type,
        sequence=m.sequence,
    )


def read_LearnerHeartbeat(m, _):
    return dict(
        sequence=m.sequence,
        acknowledged=m.acknowledged,
        held_leases=leases(m.held_leases),
        current=snapshot(required(m, "current")),
    )


def read_Drain(m, _):
    need(m.sequence, "bad_field")
    return dict(sequence=m.sequence, mode=choice(pb.DrainMode, m.mode, True), reason=text(m.reason))


def read_ManifestRequest(m, _):
    return dict(version=version(m.version)) if m.HasField("version") else {}


def read_ChunkRequest(m, _):
    need(m.count, "bad_field" if m.HasField("version") else "missing_field")
    need(m.count <= 64 and m.first + m.count <= 32768, "limit_exceeded")
    return dict(version=version(required(m, "version")), first=m.first, count=m.count)


def image_bytes(count):
    need(count, "bad_field")
    need(count <= 32768 * MIB, "limit_exceeded")
    return count


def read_Announce(m, _):
    return dict(snapshot=snapshot(required(m, "snapshot")), bytes=image_bytes(m.bytes))


def read_Manifest(m, tensors):
    required(m, "snapshot")
    need("chunk_digests" in tensors, "bad_tensor")
    dtype, shape, data = tensors["chunk_digests"]
    need(dtype == "U8" and len(shape) == 2 and shape[1] == 32, "bad_tensor")
    need(m.chunk_bytes, "bad_field")
    need(m.chunk_bytes <= MIB, "limit_exceeded")
    count = -(-image_bytes(m.bytes) // m.chunk_bytes)
    need(count <= 32768, "limit_exceeded")
    need(shape[0] == count, "bad_tensor")
    return dict(
        snapshot=snapshot(m.snapshot),
        bytes=m.bytes,
        chunk_bytes=m.chunk_bytes,
        chunk_digests=[data[i : i + 32].hex() for i in range(0, len(data), 32)],
    )


def read_Chunk(m, tensors):
    required(m, "version")
    data = vector(tensors, "chunk", "U8")
    need(data, "bad_tensor")
    need(m.index < 32768 and len(data) <= MIB, "limit_exceeded")
    return dict(version=version(m.version), index=m.index, bytes=bytes(data).hex())


def read_SnapshotReject(m, _):
    out = dict(code=choice(pb.SnapshotRejectCode, m.code, False), reason=text(m.reason))
    if m.HasField("version"):
        out["version"] = version(m.version)
    return out


def outcome(frame, sender):
    try:
        return decode(frame, sender), None
    except Bad as error:
        return None, error.args[0]


def check(vector_, report):
    frame, sender, name = bytes.fromhex(vector_["frame"]), vector_["from"], vector_["name"]
    decoded, error = outcome(frame, sender)
    if "error" in vector_:
        if error != vector_["error"]:
            report(f"{name}: {error or 'decoded'} instead of {vector_['error']}")
        return 0
    expected = {k: v for k, v in vector_["decoded"].items() if k != "canonical"}
    if decoded != expected:
        report(f"{name}: {error or decoded} instead of {expected}")
    damaged = (
        []
        if len(frame) > 1000
        else [frame[:i] for i in range(len(frame))]
        + [
            frame[:i] + bytes([frame[i] ^ mask]) + frame[i + 1 :]
            for i in range(len(frame))
            for mask in (0x01, 0x80, 0xFF)
        ]
    )
    for bytes_ in damaged:
        if outcome(bytes_, sender)[1] is None:
            report(f"{name}: damaged, it still decodes: {bytes_.hex()}")
    return len(damaged)


def main():
    problems, damaged = [], 0
    for file in sorted(Path(__file__).parent.glob("*.json")):
        vectors = json.loads(file.read_text())
        damaged += sum(check(v, problems.append) for v in vectors)
        print(f"{file.name}: {len(vectors)} vectors")
    print(f"{damaged} damaged frames")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
