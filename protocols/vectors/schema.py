"""What make.py builds frames with: the protobuf classes of cohort.proto, and CRC32C."""

import importlib
import subprocess
import sys
import tempfile
from pathlib import Path


def schema():
    """Runs protoc and imports the result."""
    protocols = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["protoc", f"--proto_path={protocols}", f"--python_out={folder}", "cohort.proto"],
            check=True,
        )
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("cohort_pb2")
        finally:
            sys.path.remove(folder)


def _table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = _table()


def crc32c(data: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in data:
        state = TABLE[(state ^ byte) & 0xFF] ^ state >> 8
    return state ^ 0xFFFFFFFF
