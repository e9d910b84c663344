"""Vectors of 2/SNAPSHOT."""

from building import *

SNAPSHOT_REJECTS = [
    "OTHER",
    "UNSUPPORTED_VERSION",
    "MALFORMED",
    "UNKNOWN_VERSION",
    "NO_LONGER_KEPT",
    "BAD_RANGE",
    "BUSY",
]


def digests(count):
    return [bytes([i % 256, i // 256]) * 16 for i in range(count)]


def manifest(size, chunk_bytes, count):
    return (
        dict(snapshot=reference(), bytes=size, chunk_bytes=chunk_bytes),
        [tensor("chunk_digests", "U8", b"".join(digests(count)), [count, 32])],
    )


def write_requests():
    good("manifest request: the latest", "MANIFEST-REQUEST", {}, {})
    good("manifest request: the latest, newer minor", "MANIFEST-REQUEST", {}, {}, minor=2)
    for v in ((2, 7), (0, 0), (2**32 - 1, BIG)):
        good(
            f"manifest request: version {v}",
            "MANIFEST-REQUEST",
            dict(version=shown_version(*v)),
            dict(version=version(*v)),
        )
    for first, count in ((0, 1), (0, 64), (32767, 1), (32704, 64), (100, 8)):
        good(
            f"chunk request: {count} from {first}",
            "CHUNK-REQUEST",
            dict(version=shown_version(), first=first, count=count),
            dict(version=version(), first=first, count=count),
        )
    ask = dict(version=version(), first=0, count=1)
    bad(
        "chunk request: no version",
        "missing_field",
        "fetcher",
        build("CHUNK-REQUEST", dict(first=0, count=1)),
    )
    bad(
        "chunk request: no chunk",
        "bad_field",
        "fetcher",
        build("CHUNK-REQUEST", dict(ask, count=0)),
    )
    for first, count in (
        (0, 65),
        (32768, 1),
        (32705, 64),
        (2**32 - 1, 1),
        (2**32 - 1, 2**32 - 1),
        (0, 2**32 - 1),
    ):
        bad(
            f"chunk request: {count} from {first}",
            "limit_exceeded",
            "fetcher",
            build("CHUNK-REQUEST", dict(ask, first=first, count=count)),
        )
    bad(
        "chunk request: a byte after the header",
        "payload_length",
        "fetcher",
        build("CHUNK-REQUEST", ask, tail=b"\0"),
    )
    bad(
        "manifest request: a byte after the header",
        "payload_length",
        "fetcher",
        build("MANIFEST-REQUEST", {}, tail=b"\0"),
    )


def write_replies():
    for size in (1, 1 << 30, 32768 << 20):
        good(
            f"announce: {size} bytes",
            "ANNOUNCE",
            dict(snapshot=shown_reference(), bytes=size),
            dict(snapshot=reference(), bytes=size),
        )
    bad("announce: no snapshot", "missing_field", "holder", build("ANNOUNCE", dict(bytes=1)))
    bad("announce: 0 bytes", "bad_field", "holder", build("ANNOUNCE", dict(snapshot=reference())))
    for size in ((32768 << 20) + 1, 2**63, BIG):
        bad(
            f"announce: {size} bytes",
            "limit_exceeded",
            "holder",
            build("ANNOUNCE", dict(snapshot=reference(), bytes=size)),
        )
    for size, chunk, count in (
        (1, 1, 1),
        (1, 1 << 20, 1),
        (10, 3, 4),
        (9, 3, 3),
        (3 << 20, 1 << 20, 3),
        ((3 << 20) + 1, 1 << 20, 4),
    ):
        fields, tensors = manifest(size, chunk, count)
        good(
            f"manifest: {size} bytes in chunks of {chunk}",
            "MANIFEST",
            dict(
                fields, snapshot=shown_reference(), chunk_digests=[d.hex() for d in digests(count)]
            ),
            fields,
            tensors,
        )

    def no(name, error, size=10, chunk=3, count=4, tensors=None, **changes):
        fields, made = manifest(size, chunk, count)
        bad(
            f"manifest: {name}",
            error,
            "holder",
            build("MANIFEST", dict(fields, **changes), made if tensors is None else tensors),
        )

    no("one digest too few", "bad_tensor", count=3)
    no("one digest too many", "bad_tensor", count=5)
    no("no digests", "bad_tensor", tensors=[])
    no(
        "digests of 31 bytes",
        "bad_tensor",
        tensors=[tensor("chunk_digests", "U8", bytes(4 * 31), [4, 31])],
    )
    no(
        "digests in one dimension",
        "bad_tensor",
        tensors=[tensor("chunk_digests", "U8", bytes(4 * 32))],
    )
    no("0 bytes", "bad_field", size=0, count=0)
    no("chunks of 0 bytes", "bad_field", chunk=0)
    no("chunks of 1 MiB + 1", "limit_exceeded", chunk=(1 << 20) + 1, count=1)
    no("chunks of 2^32 - 1 bytes", "limit_exceeded", chunk=2**32 - 1, count=1)
    no("32,769 chunks of one byte", "limit_exceeded", size=32769, chunk=1, count=1)
    no("2^64 - 1 bytes", "limit_exceeded", size=BIG)
    no("no snapshot", "missing_field", snapshot=None)
    no(
        "a snapshot without digest",
        "missing_field",
        snapshot=pb.SnapshotReference(version=version()),
    )
    for index, data in ((0, b"\0"), (32767, b"last"), (5, bytes(range(256)) * 2)):
        good(
            f"chunk: {index}, {len(data)} bytes",
            "CHUNK",
            dict(version=shown_version(), index=index, bytes=data.hex()),
            dict(version=version(), index=index),
            [tensor("chunk", "U8", data)],
        )
    good(
        "chunk: newer minor",
        "CHUNK",
        dict(version=shown_version(), index=1, bytes="0102"),
        dict(version=version(), index=1),
        [tensor("chunk", "U8", b"\1\2")],
        minor=2,
    )

    def no_chunk(name, error, tensors, **fields):
        bad(
            f"chunk: {name}",
            error,
            "holder",
            build("CHUNK", dict(dict(version=version(), index=1), **fields), tensors),
        )

    one = [tensor("chunk", "U8", b"abc")]
    no_chunk("no version", "missing_field", one, version=None)
    no_chunk("index 32,768", "limit_exceeded", one, index=32768)
    no_chunk("index 2^32 - 1", "limit_exceeded", one, index=2**32 - 1)
    no_chunk("no bytes", "bad_tensor", [tensor("chunk", "U8", b"")])
    no_chunk("no tensor", "bad_tensor", [])
    no_chunk("as I8", "bad_tensor", [tensor("chunk", "I8", b"abc")])
    no_chunk("two dimensions", "bad_tensor", [tensor("chunk", "U8", b"abcd", [2, 2])])
    for code, name in enumerate(SNAPSHOT_REJECTS):
        good(
            f"reject: {name}",
            "SNAPSHOT-REJECT",
            dict(code=name, reason="one sentence.", version=shown_version()),
            dict(code=code, reason="one sentence.", version=version()),
        )
    good("reject: no version", "SNAPSHOT-REJECT", dict(code="MALFORMED", reason=""), dict(code=2))
    good(
        "reject: a code of the future",
        "SNAPSHOT-REJECT",
        dict(code="OTHER", reason="", canonical=False),
        dict(code=77),
    )
    bad(
        "reject: a reason of 4,097 bytes",
        "limit_exceeded",
        "holder",
        build("SNAPSHOT-REJECT", dict(reason="r" * 4097)),
    )
