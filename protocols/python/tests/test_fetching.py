"""The transfer of a snapshot against a holder that misbehaves."""

import hashlib

import pytest

from cohort_worker.fetching import SnapshotFetch, digest_of
from cohort_worker.messages import Message, decode
from cohort_worker.snapshot_messages import (
    Chunk,
    ChunkRequest,
    Manifest,
    ManifestRequest,
    SnapshotReject,
)
from cohort_worker.values import SnapshotReference, SnapshotRejectCode, Version

VERSION = Version(1, 3)
IMAGE = bytes(range(256)) * 10
CUT = [IMAGE[i : i + 100] for i in range(0, len(IMAGE), 100)]
DIGESTS = [hashlib.sha256(chunk).digest() for chunk in CUT]
REFERENCE = SnapshotReference(VERSION, digest_of(DIGESTS))
MANIFEST = Manifest(REFERENCE, len(IMAGE), 100, DIGESTS)


class Transfer:
    def __init__(self, expected=REFERENCE.digest):
        self.fetch = SnapshotFetch(VERSION, expected, 0.0)

    def tick(self, now):
        return [decode(frame, "fetcher").body for frame in self.fetch.tick(now)]

    def hears(self, body, now=0.0):
        return [decode(frame, "fetcher").body for frame in self.fetch.receive(Message(body), now)]

    def begun(self):
        self.tick(0.0)
        return self.hears(MANIFEST)


@pytest.fixture
def transfer():
    return Transfer()


def indices(requests):
    return [index for r in requests for index in range(r.first, r.first + r.count)]


def serve(transfer, requests):
    while requests:
        wanted = indices(requests)
        requests = [r for i in wanted for r in transfer.hears(Chunk(VERSION, i, CUT[i]))]


def test_a_snapshot_arrives_whole_through_a_window(transfer):
    assert transfer.tick(0.0) == [ManifestRequest(VERSION)]
    requests = transfer.hears(MANIFEST)
    assert requests == [ChunkRequest(VERSION, 0, 8)]
    serve(transfer, requests)
    assert transfer.fetch.image == IMAGE and transfer.fetch.reference == REFERENCE


def test_what_is_lost_is_asked_for_again_and_nothing_else(transfer):
    transfer.begun()
    for index in (0, 1, 3):
        transfer.hears(Chunk(VERSION, index, CUT[index]))
    assert transfer.tick(1.0) == []
    again = transfer.tick(2.5)
    assert indices(again) == [2, 4, 5, 6, 7, 8, 9, 10]
    serve(transfer, again)
    assert transfer.fetch.image == IMAGE


def test_a_lost_manifest_is_asked_for_again(transfer):
    transfer.tick(0.0)
    assert transfer.tick(2.0) == [ManifestRequest(VERSION)]


def test_a_chunk_with_other_bytes_is_asked_for_three_times_more(transfer):
    transfer.begun()
    damaged = Chunk(VERSION, 0, bytes(100))
    for _ in range(3):
        assert indices(transfer.hears(damaged)) == [0]
    transfer.hears(damaged)
    assert transfer.fetch.failure == "chunk 0 came damaged 4 times"
    assert transfer.fetch.refused == 4


@pytest.mark.parametrize(
    "chunk",
    [Chunk(VERSION, 20, CUT[20]), Chunk(VERSION, 0, b"short"), Chunk(Version(1, 4), 0, CUT[0])],
    ids=["not asked for", "of another length", "of another version"],
)
def test_a_chunk_that_nobody_wanted_is_dropped_and_counted(transfer, chunk):
    transfer.begun()
    assert transfer.hears(chunk) == []
    assert transfer.fetch.refused == 1


def test_a_manifest_of_other_weights_is_refused():
    transfer = Transfer(expected=bytes(32))
    transfer.begun()
    assert "other weights" in transfer.fetch.failure


def test_a_manifest_whose_digest_is_not_its_chunks_is_refused():
    transfer = Transfer(expected=None)
    transfer.tick(0.0)
    forged = Manifest(SnapshotReference(VERSION, bytes(32)), len(IMAGE), 100, DIGESTS)
    transfer.hears(forged)
    assert "digest" in transfer.fetch.failure and transfer.fetch.image is None


@pytest.mark.parametrize("code", ["UNKNOWN_VERSION", "BUSY"])
def test_a_holder_without_it_is_asked_again_later(transfer, code):
    transfer.tick(0.0)
    assert transfer.hears(SnapshotReject(SnapshotRejectCode[code], "", VERSION)) == []
    assert transfer.tick(2.0) == [ManifestRequest(VERSION)]


def test_a_version_that_is_no_longer_kept_is_gone(transfer):
    transfer.begun()
    transfer.hears(SnapshotReject(SnapshotRejectCode.NO_LONGER_KEPT, "", VERSION))
    assert transfer.fetch.is_gone


def test_a_bad_range_asks_for_the_manifest_again(transfer):
    transfer.begun()
    transfer.hears(SnapshotReject(SnapshotRejectCode.BAD_RANGE, "", VERSION))
    assert transfer.tick(2.5) == [ManifestRequest(VERSION)]


def test_a_silent_holder_is_given_up(transfer):
    assert all(transfer.tick(now) == [ManifestRequest(VERSION)] for now in range(0, 61, 2))
    transfer.tick(61.0)
    assert transfer.fetch.failure == "nothing came for 60 s"
