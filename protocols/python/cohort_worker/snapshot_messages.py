"""The commands of 2/SNAPSHOT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from . import cohort_pb2 as pb
from . import limits
from .frames import need
from .tensors import Tensors, matrix, tensor, vector
from .values import SnapshotReference, SnapshotRejectCode, Version, optional, other, required, text


@dataclass(frozen=True)
class ManifestRequest:
    """`version` None: the latest that the holder has complete."""

    KIND: ClassVar = 0x0201
    COMMAND: ClassVar = "MANIFEST-REQUEST"
    HEADER: ClassVar = pb.ManifestRequest

    version: Version | None = None

    @classmethod
    def read(cls, header: Any, _: Tensors) -> ManifestRequest:
        return cls(_optional_version(header))

    def write(self) -> tuple[Any, Tensors]:
        return pb.ManifestRequest(version=self.version and self.version.write()), {}


@dataclass(frozen=True)
class ChunkRequest:
    """Asks for the chunks `first` to `first` + `count` − 1."""

    KIND: ClassVar = 0x0202
    COMMAND: ClassVar = "CHUNK-REQUEST"
    HEADER: ClassVar = pb.ChunkRequest

    version: Version
    first: int
    count: int

    @classmethod
    def read(cls, header: Any, _: Tensors) -> ChunkRequest:
        version = Version.read(required(header, "version"))
        need(header.count, "bad_field", "no chunk")
        need(header.count <= limits.CHUNKS_PER_REQUEST, "limit_exceeded", "too many chunks")
        need(header.first + header.count <= limits.CHUNKS, "limit_exceeded", "the range")
        return cls(version, header.first, header.count)

    def write(self) -> tuple[Any, Tensors]:
        header = pb.ChunkRequest(version=self.version.write(), first=self.first, count=self.count)
        return header, {}


@dataclass(frozen=True)
class Announce:
    """A new snapshot is complete at the holder."""

    KIND: ClassVar = 0x0281
    COMMAND: ClassVar = "ANNOUNCE"
    HEADER: ClassVar = pb.Announce

    snapshot: SnapshotReference
    bytes_: int

    @classmethod
    def read(cls, header: Any, _: Tensors) -> Announce:
        snapshot = SnapshotReference.read(required(header, "snapshot"))
        return cls(snapshot, _image_bytes(header.bytes))

    def write(self) -> tuple[Any, Tensors]:
        return pb.Announce(snapshot=self.snapshot.write(), bytes=self.bytes_), {}


@dataclass(frozen=True)
class Manifest:
    """How an image is cut, and what its chunks hash to."""

    KIND: ClassVar = 0x0282
    COMMAND: ClassVar = "MANIFEST"
    HEADER: ClassVar = pb.Manifest

    snapshot: SnapshotReference
    bytes_: int
    chunk_bytes: int
    chunk_digests: list[bytes]

    @classmethod
    def read(cls, header: Any, tensors: Tensors) -> Manifest:
        found = required(header, "snapshot")
        digests = matrix(tensors, "chunk_digests", "U8", None, 32)
        need(header.chunk_bytes, "bad_field", "chunk_bytes 0")
        need(header.chunk_bytes <= limits.CHUNK, "limit_exceeded", "chunk_bytes")
        count = -(-_image_bytes(header.bytes) // header.chunk_bytes)
        need(count <= limits.CHUNKS, "limit_exceeded", f"{count} chunks")
        need(len(digests) == count, "bad_tensor", f"{len(digests)} digests of {count} chunks")
        snapshot = SnapshotReference.read(found)
        return cls(snapshot, header.bytes, header.chunk_bytes, [row.tobytes() for row in digests])

    def chunk_length(self, index: int) -> int:
        """Bytes of a chunk; the last one is what remains."""
        return min(self.chunk_bytes, self.bytes_ - index * self.chunk_bytes)

    def write(self) -> tuple[Any, Tensors]:
        header = pb.Manifest(
            snapshot=self.snapshot.write(), bytes=self.bytes_, chunk_bytes=self.chunk_bytes
        )
        shape = [len(self.chunk_digests), 32]
        return header, dict(chunk_digests=tensor("U8", b"".join(self.chunk_digests), shape))


@dataclass(frozen=True)
class Chunk:
    """One chunk of an image."""

    KIND: ClassVar = 0x0283
    COMMAND: ClassVar = "CHUNK"
    HEADER: ClassVar = pb.Chunk

    version: Version
    index: int
    bytes_: bytes

    @classmethod
    def read(cls, header: Any, tensors: Tensors) -> Chunk:
        version = Version.read(required(header, "version"))
        data = vector(tensors, "chunk", "U8")
        need(data.size, "bad_tensor", "an empty chunk")
        need(header.index < limits.CHUNKS, "limit_exceeded", f"chunk {header.index}")
        need(data.size <= limits.CHUNK, "limit_exceeded", f"a chunk of {data.size} bytes")
        return cls(version, header.index, data.tobytes())

    def write(self) -> tuple[Any, Tensors]:
        header = pb.Chunk(version=self.version.write(), index=self.index)
        return header, dict(chunk=tensor("U8", self.bytes_))


@dataclass(frozen=True)
class SnapshotReject:
    """Refuses a request. `version` None: it was unreadable, or asked for the latest."""

    KIND: ClassVar = 0x0284
    COMMAND: ClassVar = "REJECT"
    HEADER: ClassVar = pb.SnapshotReject

    code: SnapshotRejectCode
    reason: str
    version: Version | None = None

    @classmethod
    def read(cls, header: Any, _: Tensors) -> SnapshotReject:
        code = other(SnapshotRejectCode, header.code)
        return cls(code, text(header.reason), _optional_version(header))

    def write(self) -> tuple[Any, Tensors]:
        version = self.version and self.version.write()
        return pb.SnapshotReject(code=self.code, reason=self.reason, version=version), {}


def _optional_version(header: Any) -> Version | None:
    found = optional(header, "version")
    return None if found is None else Version.read(found)


def _image_bytes(count: int) -> int:
    need(count, "bad_field", "an image of 0 bytes")
    need(count <= limits.CHUNKS * limits.CHUNK, "limit_exceeded", f"an image of {count} bytes")
    return count
