"""Puts frames together, and collects vectors in `valid` and `invalid`."""

import struct

from schema import crc32c, schema

pb = schema()

TYPES = {
    "HELLO": (0x0101, pb.Hello),
    "GROUP": (0x0102, pb.Group),
    "WORKER-HEARTBEAT": (0x0103, pb.WorkerHeartbeat),
    "DRAINED": (0x0104, pb.Drained),
    "WORKER-GOODBYE": (0x0105, pb.Goodbye),
    "WELCOME": (0x0181, pb.Welcome),
    "LEASE": (0x0182, pb.Lease),
    "ACK": (0x0183, pb.Ack),
    "REJECT": (0x0184, pb.Reject),
    "LEARNER-HEARTBEAT": (0x0185, pb.LearnerHeartbeat),
    "DRAIN": (0x0186, pb.Drain),
    "LEARNER-GOODBYE": (0x0187, pb.Goodbye),
    "MANIFEST-REQUEST": (0x0201, pb.ManifestRequest),
    "CHUNK-REQUEST": (0x0202, pb.ChunkRequest),
    "ANNOUNCE": (0x0281, pb.Announce),
    "MANIFEST": (0x0282, pb.Manifest),
    "CHUNK": (0x0283, pb.Chunk),
    "SNAPSHOT-REJECT": (0x0284, pb.SnapshotReject),
}
SENDERS = {0x0100: "worker", 0x0180: "learner", 0x0200: "fetcher", 0x0280: "holder"}
SIZES = {"U8": 1, "I8": 1, "U16": 2, "F16": 2, "U32": 4, "I32": 4, "F32": 4, "I64": 8, "F64": 8}
FORMATS = {"U8": "B", "U32": "I", "I32": "i", "F32": "f", "F64": "d", "I64": "q"}


MINOR = 1
"""The newest minor version of both protocols."""


def frame(
    header: bytes, payload: bytes, kind: int, magic=b"COHT", major=1, minor=MINOR, length=None, crc=None
):
    start = magic + struct.pack(
        "<BBHI", major, minor, kind, len(header) if length is None else length
    )
    crc = crc32c(start + header) if crc is None else crc
    return start + struct.pack("<I", crc) + header + payload


def tensor(name, dtype, values, shape=None):
    data = (
        values
        if isinstance(values, bytes)
        else struct.pack(f"<{len(values)}{FORMATS[dtype]}", *values)
    )
    shape = [len(data) // SIZES[dtype]] if shape is None else shape
    return dict(name=name, dtype=dtype, shape=shape, bytes=len(data)), data


def build(command, fields, tensors=(), edit=None, tail=b"", raw=b"", **prelude):
    """A frame of `command`. `edit` may change the header's message, `raw` is appended to its bytes."""
    kind, message = TYPES[command]
    data = b"".join(d for _, d in tensors)
    header = message(**fields)
    if tensors:
        header.payload.CopyFrom(
            pb.Payload(crc32c=crc32c(data), tensors=[pb.Tensor(**t) for t, _ in tensors])
        )
    if edit:
        edit(header)
    kind = prelude.pop("kind", kind)
    return frame(header.SerializeToString(deterministic=True) + raw, data + tail, kind, **prelude)


DIGEST, OTHER = bytes(range(32)), bytes(range(100, 132))
RUN = bytes.fromhex("00112233445566778899aabbccddeeff")
BIG = 2**64 - 1


def key(pass_=1, prompt_index=41, attempt=0):
    return pb.TicketKey(**{"pass": pass_, "prompt_index": prompt_index, "attempt": attempt})


def version(incarnation=2, number=7):
    return pb.Version(incarnation=incarnation, number=number)


def reference(digest=DIGEST, **v):
    return pb.SnapshotReference(version=version(**v), digest=digest)


def shown(**fields):
    return {name: value for name, value in fields.items() if value is not None}


def shown_version(incarnation=2, number=7):
    return dict(incarnation=incarnation, number=number)


def shown_key(pass_=1, prompt_index=41, attempt=0):
    return {"pass": pass_, "prompt_index": prompt_index, "attempt": attempt}


def shown_reference(digest=DIGEST, **v):
    return dict(version=shown_version(**v), digest=digest.hex())


def number(value):
    """JSON has no NaN and no infinities."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value


LIMITS = dict(
    frame_bytes=16 + 65_536 + 2**26,
    header_bytes=65_536,
    string_bytes=4_096,
    prompt_tokens=2**20,
    completion_tokens=2**20,
    completions=4_096,
    held_leases=4_096,
    chunk_bytes=2**20,
)
"""What the protocol allows."""


def limits(**changes):
    return pb.Limits(**dict(LIMITS, **changes))


def shown_limits(found):
    return {name: getattr(found, name) for name in LIMITS}


valid, invalid = [], []


def good(name, command, decoded, *args, **kwargs):
    bytes_ = build(command, *args, **kwargs)
    kind = TYPES[command][0]
    decoded = dict(
        command=command.removeprefix("WORKER-").removeprefix("LEARNER-").removeprefix("SNAPSHOT-"),
        minor=kwargs.get("minor", MINOR),
        **decoded,
    )
    valid.append(
        (
            kind,
            dict(
                name=name, **{"from": SENDERS[kind & 0xFF80]}, frame=bytes_.hex(), decoded=decoded
            ),
        )
    )


def bad(name, error, sender, bytes_):
    invalid.append((sender, dict(name=name, **{"from": sender}, frame=bytes_.hex(), error=error)))
