"""Earlier and later versions of the protocols, announced limits, and a worker that is barred."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import COMPLETIONS, Talk, ticket, welcome

from cohort_worker import learner_messages as learner
from cohort_worker import worker_messages as worker
from cohort_worker.earlier import spoken
from cohort_worker.fetching import SnapshotFetch
from cohort_worker.frames import FrameError, join, split
from cohort_worker.group import Completion, Group
from cohort_worker.messages import decode, describe, encode
from cohort_worker.session import Phase
from cohort_worker.values import DropCause, Farewell, Limits, Outcome, RejectCode, Version

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
RECORDED = json.loads((VECTORS / "recorded-1.0.json").read_text())
VALID = [v for file in VECTORS.glob("*-valid.json") for v in json.loads(file.read_text())]
UNKNOWN = bytes.fromhex("a20603010203" "a8062a")
"""Fields 100 and 101, which no message has."""


def frames(sender):
    return [bytes.fromhex(v["frame"]) for v in RECORDED if v["from"] == sender]


@pytest.mark.parametrize("vector", VALID + RECORDED, ids=lambda v: v["name"])
def test_what_a_newer_minor_adds_is_ignored(vector):
    frame = split(bytes.fromhex(vector["frame"]), vector["from"])
    if len(frame.header) + len(UNKNOWN) > 65_536:
        return
    newer = join(frame.kind, frame.header + UNKNOWN, bytes(frame.payload), 7)
    expected = dict(vector["decoded"], minor=7)
    expected.pop("canonical", None)
    assert describe(decode(newer, vector["from"])) == expected


def of_major(frame, major):
    """The frame under another major version, with a right checksum."""
    from cohort_worker.crc import crc32c

    start = frame[:4] + bytes([major, 0]) + frame[6:12]
    header = frame[16 : 16 + int.from_bytes(frame[8:12], "little")]
    return start + crc32c(start + header).to_bytes(4, "little") + frame[16:]


@pytest.mark.parametrize("vector", RECORDED, ids=lambda v: v["name"])
def test_another_major_is_refused_with_both_versions(vector):
    with pytest.raises(FrameError) as caught:
        decode(of_major(bytes.fromhex(vector["frame"]), 2), vector["from"])
    assert caught.value.code == "unsupported_major"
    assert "2.0" in str(caught.value) and "1.1" in str(caught.value)


def test_a_learner_of_1_0_goes_through_a_whole_session():
    talk = Talk()
    said = talk.session.tick(0.0)
    for frame in frames("learner"):
        message = decode(frame, "learner")
        said += talk.session.receive(message, 0.0)
        if isinstance(message.body, learner.Lease):
            said += talk.session.adopt(talk.session.welcome.current, 0.0)
            scored = [replace(c, reward=1.0, rewards=[1.0, None]) for c in COMPLETIONS]
            for found in talk.session.take(3):
                said += talk.session.answer(found, scored, 0.0)
    assert talk.session.phase is Phase.ENDED and talk.session.unacknowledged == 0
    assert dict(talk.session.verdicts) == {
        "ACCEPTED": 1,
        "DUPLICATE": 1,
        "DROPPED: BAD_REWARD": 1,
    }
    messages = [decode(frame, "worker") for frame in said]
    for message in messages:
        assert message.minor == (1 if isinstance(message.body, worker.Hello) else 0)
    groups = [m.body for m in messages if isinstance(m.body, Group)]
    assert {g.sequence for g in groups} == {1, 2, 3}
    assert all(c.rewards is None and c.reward == 1.0 for g in groups for c in g.completions)
    assert isinstance(messages[-1].body, worker.WorkerGoodbye)


def test_1_0_is_told_only_what_it_knows():
    for cause in DropCause:
        verdict = learner.Verdict(1, 1, Outcome.DROPPED, cause=cause)
        told = spoken(learner.Ack(1, [verdict]), 0).verdicts[0].cause
        assert told <= DropCause.NOT_NEEDED
    assert spoken(learner.Reject(RejectCode.BARRED, ""), 0).code is RejectCode.OTHER
    assert spoken(welcome(limits=Limits()), 0).limits is None
    newer = welcome(limits=Limits())
    assert spoken(newer, 1) is newer and spoken(newer, 7) is newer


def test_a_learner_of_another_major_ends_the_worker_at_once(talk):
    talk.tick(0.0)
    talk.session.receive_damaged(FrameError("header_checksum"))
    assert talk.session.phase is Phase.CONNECTING
    talk.session.receive_damaged(FrameError("unsupported_major", "the peer speaks 2.0"))
    assert talk.session.phase is Phase.FAILED and "2.0" in talk.session.failure


def test_a_holder_of_another_major_ends_the_transfer_at_once():
    fetch = SnapshotFetch(Version(1, 0), None, 0.0)
    fetch.receive_damaged(FrameError("truncated"))
    assert not fetch.is_over
    fetch.receive_damaged(FrameError("unsupported_major", "the peer speaks 2.0"))
    assert fetch.is_over and "2.0" in fetch.failure


@pytest.mark.parametrize("length, fits", [(3, True), (4, False)])
def test_a_group_beyond_the_announced_limits_is_not_sent(talk, length, fits):
    talk.tick(0.0)
    talk.hears(welcome(limits=Limits(completion_tokens=3)))
    talk.hears(learner.Lease(1, [ticket()]))
    found = talk.session.take(1)[0]
    long = [Completion([1] * length, [-1.0] * length, [0.0] * length, 1)] * 2
    if fits:
        assert talk.session.answer(found, long, 0.0)
    else:
        with pytest.raises(ValueError, match="4 tokens.*at most 4096 of 3"):
            talk.session.answer(found, long, 0.0)


@pytest.mark.parametrize("most, fits", [(2, True), (1, False)])
def test_a_lease_beyond_the_announced_limits_ends_the_worker(talk, most, fits):
    talk.tick(0.0)
    talk.hears(welcome(limits=Limits(prompt_tokens=most)))
    talk.hears(learner.Lease(1, [ticket()]))
    assert (talk.session.phase is Phase.LIVE) == fits


@pytest.mark.parametrize("cause", list(DropCause))
def test_a_worker_whose_group_is_invalid_leaves(talk, cause):
    (found,) = talk.opened(1)
    talk.answer(found)
    verdict = learner.Verdict(1, 1, Outcome.DROPPED, cause=cause)
    said = talk.hears(learner.Ack(1, [verdict]))
    if cause is DropCause.INVALID:
        assert said == [worker.WorkerGoodbye(Farewell.FAILED, "a group of it was invalid")]
        assert talk.session.phase is Phase.FAILED and "invalid" in talk.session.failure
    else:
        assert said == [] and talk.session.phase is Phase.LIVE


def test_a_worker_that_missed_the_verdict_is_told_again(talk):
    talk.opened(1)
    talk.hears(learner.Reject(RejectCode.BARRED, "a group was invalid", worker.Hello.KIND))
    assert talk.session.phase is Phase.FAILED


def test_an_older_frame_is_written_as_it_came():
    for frame in (f for sender in ("worker", "learner") for f in frames(sender)):
        sender = "worker" if frame in frames("worker") else "learner"
        assert encode(decode(frame, sender)) == frame
