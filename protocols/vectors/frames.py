"""Vectors of what goes wrong before a header is read."""

import zlib

from schema import crc32c

from building import *


def write_frames():
    """What goes wrong before a header is read, once for each direction."""
    samples = {
        "worker": ("DRAINED", dict(incarnation=11, sequence=4, reason="done")),
        "learner": ("DRAIN", dict(incarnation=3, sequence=2, mode=1)),
        "fetcher": ("CHUNK-REQUEST", dict(version=version(), first=0, count=1)),
        "holder": ("ANNOUNCE", dict(snapshot=reference(), bytes=5)),
    }
    for sender, (command, fields) in samples.items():
        whole = build(command, fields)
        kind = TYPES[command][0]

        def no(name, error, bytes_):
            bad(f"frame: {name}, {sender}", error, sender, bytes_)

        no("empty", "truncated", b"")
        no("15 bytes", "truncated", whole[:15])
        no("a prelude alone", "truncated", whole[:16])
        no("one byte short", "truncated", whole[:-1])
        no("a byte more", "payload_length", whole + b"\0")
        no("twice", "payload_length", whole + whole)
        for magic in (b"\0\0\0\0", b"coht", b"THOC", b"CHT0", b"GET "):
            no(f"magic {magic!r}", "bad_magic", build(command, fields, magic=magic))
        no("zeros", "bad_magic", bytes(64))
        no(
            "header of 65,537 bytes announced",
            "header_too_large",
            build(command, fields, length=65537),
        )
        no(
            "header of 2^32 - 1 bytes announced",
            "header_too_large",
            build(command, fields, length=2**32 - 1),
        )
        no(
            "header longer than the frame",
            "truncated",
            build(command, fields, length=len(whole) - 15),
        )
        no("header shorter than it is", "malformed_header", frame(whole[16:-1], whole[-1:], kind))
        no("checksum 0", "header_checksum", build(command, fields, crc=0))
        no(
            "checksum of the header alone",
            "header_checksum",
            build(command, fields, crc=crc32c(whole[16:])),
        )
        no(
            "plain CRC-32",
            "header_checksum",
            build(command, fields, crc=zlib.crc32(whole[:12] + whole[16:])),
        )
        for major in (0, 2, 255):
            no(f"major {major}", "unsupported_major", build(command, fields, major=major))
        for other in (
            0x0000,
            0x0100,
            0x0106,
            0x0180,
            0x0188,
            0x0200,
            0x0203,
            0x0280,
            0x0285,
            0x0301,
            0xFFFF,
        ):
            no(f"type 0x{other:04x}", "unknown_type", build(command, fields, kind=other))
        for name, (other, _) in TYPES.items():
            if other & 0xFF80 != kind & 0xFF80:
                no(
                    f"{name} from the wrong side",
                    "unknown_type",
                    build(command, fields, kind=other),
                )
        for raw in (
            "07",
            "0a",
            "0a05",
            "08ffffffffffffffffffff01",
            "0b",
            "0c",
            "80",
            "ffffffffff",
            "78",
        ):
            no(
                f"header ends in {raw}",
                "malformed_header",
                build(command, fields, raw=bytes.fromhex(raw)),
            )
        no(
            "payload of the wrong wire type is an unknown field",
            "payload_length",
            build(command, fields, raw=bytes.fromhex("7801"), tail=b"\0"),
        )
    for command, fields in (
        ("DRAINED", dict(incarnation=1)),
        ("REJECT", dict(incarnation=1)),
        ("SNAPSHOT-REJECT", {}),
    ):
        tag = {"DRAINED": 3, "REJECT": 3, "SNAPSHOT-REJECT": 2}[command]
        raw = bytes([tag << 3 | 2, 2, 0xC3, 0x28])
        bad(
            f"frame: a string of {command} that is not UTF-8",
            "malformed_header",
            SENDERS[TYPES[command][0] & 0xFF80],
            build(command, fields, raw=raw),
        )
