"""The transfer of one snapshot, on the fetcher's side of 2/SNAPSHOT. No socket, no clock."""

from __future__ import annotations

import hashlib

from . import limits
from .frames import FrameError
from .messages import Body, Message, encode
from .snapshot_messages import Chunk, ChunkRequest, Manifest, ManifestRequest, SnapshotReject
from .values import SnapshotReference, SnapshotRejectCode, Version

WINDOW = 8
"""Chunks that were asked for and have not come."""
REPEATS = 3
"""How often a chunk with a wrong SHA-256 is asked for again."""
PATIENCE = 2.0
"""Seconds of silence after which what is missing is asked for again."""

Frames = list[bytes]


def digest_of(chunk_digests: list[bytes]) -> bytes:
    """A snapshot's digest."""
    return hashlib.sha256(b"".join(chunk_digests)).digest()


class SnapshotFetch:
    """Ends with `image`, complete and verified, or with `failure`."""

    def __init__(
        self, version: Version, expected: bytes | None, now: float, *, deadline: float = 60.0
    ) -> None:
        self.version = version
        self.expected = expected
        """The digest that the learner has given; None: none yet."""
        self.deadline = deadline
        self.reference: SnapshotReference | None = None
        self.image: bytes | None = None
        self.failure: str | None = None
        self.is_gone = False
        """The holder keeps the version no longer."""
        self.refused = 0
        """Chunks and manifests that were not what they should be."""
        self._manifest: Manifest | None = None
        self._chunks: dict[int, bytes] = {}
        self._requested: set[int] = set()
        self._damage: dict[int, int] = {}
        self._next_request = now
        self._last_progress = now

    @property
    def is_over(self) -> bool:
        return self.image is not None or self.failure is not None

    def tick(self, now: float) -> Frames:
        """Asks for what is missing when its time has come. The first call starts the transfer."""
        if self.is_over:
            return []
        if now - self._last_progress > self.deadline:
            return self._fail(f"nothing came for {self.deadline:g} s")
        if now < self._next_request:
            return []
        self._next_request = now + PATIENCE
        if self._manifest is None:
            return [_encoded(ManifestRequest(self.version))]
        self._requested.clear()
        return self._request(self._manifest)

    def receive(self, message: Message, now: float) -> Frames:
        """What the holder says."""
        if self.is_over:
            return []
        body = message.body
        if isinstance(body, Manifest):
            return self._receive_manifest(body, now)
        if isinstance(body, Chunk):
            return self._receive_chunk(body, now)
        if isinstance(body, SnapshotReject) and body.version in (None, self.version):
            return self._receive_reject(body)
        return []

    def receive_damaged(self, error: FrameError) -> None:
        """A frame that did not decode counts as lost, unless nothing of this holder ever will."""
        if error.code == "unsupported_major" and not self.is_over:
            self._fail(f"the holder cannot be understood: {error}")

    def _receive_manifest(self, manifest: Manifest, now: float) -> Frames:
        reference = manifest.snapshot
        if self._manifest is not None or reference.version != self.version:
            return []
        if self.expected not in (None, reference.digest):
            return self._fail("the holder offers other weights than the learner published")
        if digest_of(manifest.chunk_digests) != reference.digest:
            return self._fail("the manifest's digest is not that of its chunks")
        self._manifest, self.reference = manifest, reference
        self._next_request, self._last_progress = now + PATIENCE, now
        return self._request(manifest)

    def _receive_chunk(self, chunk: Chunk, now: float) -> Frames:
        manifest, index = self._manifest, chunk.index
        if manifest is None:
            return []
        wanted = chunk.version == self.version and index in self._requested
        if not wanted or len(chunk.bytes_) != manifest.chunk_length(index):
            self.refused += 1
            return []
        self._requested.remove(index)
        self._next_request = now + PATIENCE
        if hashlib.sha256(chunk.bytes_).digest() != manifest.chunk_digests[index]:
            self.refused += 1
            self._damage[index] = self._damage.get(index, 0) + 1
            if self._damage[index] > REPEATS:
                return self._fail(f"chunk {index} came damaged {self._damage[index]} times")
            return self._request(manifest)
        self._chunks[index], self._last_progress = chunk.bytes_, now
        if len(self._chunks) == len(manifest.chunk_digests):
            self.image = b"".join(self._chunks[i] for i in range(len(self._chunks)))
            self._chunks = {}
            return []
        return self._request(manifest)

    def _receive_reject(self, body: SnapshotReject) -> Frames:
        code = body.code
        if code in (SnapshotRejectCode.UNKNOWN_VERSION, SnapshotRejectCode.BUSY):
            return []  # Asked again by the timer, until the deadline.
        if code is SnapshotRejectCode.BAD_RANGE:
            self._manifest = None
            self._chunks.clear()
            self._requested.clear()
            return []
        self.is_gone = code is SnapshotRejectCode.NO_LONGER_KEPT
        return self._fail(f"the holder refuses ({code.name}): {body.reason}")

    def _request(self, manifest: Manifest) -> Frames:
        """Fills the window, in ranges as long as they come."""
        count = len(manifest.chunk_digests)
        missing = (i for i in range(count) if i not in self._chunks and i not in self._requested)
        wanted = [i for i, _ in zip(missing, range(WINDOW - len(self._requested)))]
        self._requested.update(wanted)
        ranges: list[list[int]] = []
        for index in wanted:
            if ranges and sum(ranges[-1]) == index and ranges[-1][1] < limits.CHUNKS_PER_REQUEST:
                ranges[-1][1] += 1
            else:
                ranges.append([index, 1])
        return [_encoded(ChunkRequest(self.version, first, count)) for first, count in ranges]

    def _fail(self, why: str) -> Frames:
        self.failure, self._chunks = why, {}
        return []


def _encoded(body: Body) -> bytes:
    return encode(Message(body))
