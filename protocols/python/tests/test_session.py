"""The session: every message in the states where it matters."""

import pytest
from conftest import COMPLETIONS, RUN, SNAPSHOT, VERSION, Talk, accepted, ticket, welcome

from cohort_worker import learner_messages as learner
from cohort_worker.frames import FrameError
from cohort_worker.group import Group
from cohort_worker.messages import Message
from cohort_worker.session import Phase
from cohort_worker.values import (
    DrainMode,
    DropCause,
    Farewell,
    Limits,
    Outcome,
    RejectCode,
    SnapshotReference,
    Version,
)
from cohort_worker.worker_messages import Drained, Hello, WorkerGoodbye, WorkerHeartbeat


def kinds(said):
    return [type(body) for body in said]


def test_hello_is_repeated_with_growing_pauses_until_the_deadline(talk):
    times = [now / 10 for now in range(700) if talk.tick(now / 10)]
    pauses = [b - a for a, b in zip(times, times[1:])]
    assert 0.7 <= pauses[0] <= 1.1 and 1.4 <= pauses[1] <= 2.1 and pauses[4] >= 11
    assert talk.session.phase is Phase.FAILED
    assert talk.session.failure == "no session for 60 s"


def test_hello_of_a_fresh_worker_holds_nothing(talk):
    (hello,) = talk.tick(0.0)
    assert hello == Hello("w", 0, 0, "python", (), 4, limits=Limits())


def test_welcome_is_followed_by_a_heartbeat_and_then_one_each_interval(talk):
    talk.tick(0.0)
    assert talk.hears(welcome()) == [WorkerHeartbeat(0, 0, (), 4)]
    assert talk.tick(0.9) == []
    assert kinds(talk.tick(1.0)) == [WorkerHeartbeat]


def test_a_configuration_that_is_not_its_fingerprints_is_refused(talk):
    assert talk.hears(welcome(configuration="{}")) == []
    assert "fingerprint" in talk.session.failure


def test_a_welcome_without_configuration_is_refused_where_none_is_held(talk):
    talk.hears(welcome(configuration=None))
    assert talk.session.phase is Phase.FAILED


def test_leases_are_taken_once_and_a_repeated_lease_changes_nothing(talk):
    (found,) = talk.opened(1)
    talk.answer(found)
    talk.hears(learner.Lease(2, [ticket(1), ticket(2)]))
    assert [t.lease for t in talk.session.take(9)] == [2]
    talk.hears(learner.Ack(1, [accepted(1, 1)]))
    talk.hears(learner.Lease(3, [ticket(1)]))
    assert talk.session.take(9) == []


def test_the_snapshot_is_named_before_the_first_group_from_it(talk):
    talk.tick(0.0)
    talk.hears(welcome())
    (heartbeat,) = talk.said(talk.session.adopt(SNAPSHOT, 0.0))
    assert heartbeat.held == SNAPSHOT


def test_a_group_is_the_tickets_and_is_numbered(talk):
    first, second = talk.opened(1, 2)
    (group,) = talk.answer(second)
    assert group == Group(second.key, second.version, 1, 2, 2, [3, 4], COMPLETIONS)
    (group,) = talk.answer(first)
    assert (group.sequence, group.lease) == (2, 1)
    assert talk.answer(first) == []


def test_a_group_that_the_learner_would_not_take_is_not_sent(talk):
    talk.tick(0.0)
    talk.hears(welcome(largest_group_bytes=100))
    talk.hears(learner.Lease(1, [ticket(1)]))
    with pytest.raises(ValueError, match="at most 100"):
        talk.answer(*talk.session.take(1))
    assert talk.session.unacknowledged == 0


@pytest.mark.parametrize(
    "news",
    [
        learner.Ack(1, []),
        learner.Ack(0, [accepted(1, 1)]),
        learner.LearnerHeartbeat(1, 1, (), SNAPSHOT),
        welcome(acknowledged=1),
    ],
    ids=["ack by number", "ack by verdict", "heartbeat", "welcome"],
)
def test_a_verdict_by_any_message_frees_the_lease(talk, news):
    (found,) = talk.opened(1)
    talk.answer(found)
    assert talk.session.unacknowledged == 1
    talk.hears(news)
    assert talk.session.unacknowledged == 0
    (heartbeat,) = talk.tick(1.0)
    assert heartbeat.held_leases == () and heartbeat.free_slots == 4


def test_verdicts_are_counted_by_outcome_and_cause(talk):
    for found in talk.opened(1, 2):
        talk.answer(found)
    dropped = learner.Verdict(2, 2, Outcome.DROPPED, cause=DropCause.STALE)
    talk.hears(learner.Ack(2, [accepted(1, 1), dropped]))
    assert talk.session.verdicts == {"ACCEPTED": 1, "DROPPED: STALE": 1}


def test_an_acknowledgement_beyond_what_was_sent_means_nothing(talk):
    (found,) = talk.opened(1)
    talk.answer(found)
    talk.hears(learner.Ack(77, []))
    assert talk.session.unacknowledged == 1


def test_silence_leads_to_hello_and_welcome_to_the_same_frames_again(talk):
    (found,) = talk.opened(1)
    frames = talk.session.answer(found, COMPLETIONS, 0.0)
    (hello,) = talk.tick(5.1)
    assert (hello.run_id, hello.sequence, hello.held_leases, hello.held) == (RUN, 1, (1,), SNAPSHOT)
    again = talk.session.receive(Message(welcome(configuration=None), 1), 5.2)
    assert again[1:] == frames
    assert talk.session.counters["resent"] == 1


def test_a_group_answered_without_a_session_is_sent_after_the_welcome(talk):
    (found,) = talk.opened(1)
    talk.tick(5.1)
    assert talk.answer(found, 5.2) == []
    assert kinds(talk.hears(welcome(), 5.3)) == [WorkerHeartbeat, Group]


def test_groups_without_a_verdict_are_sent_again_while_the_session_lives(talk):
    (found,) = talk.opened(1)
    talk.answer(found)
    talk.hears(learner.LearnerHeartbeat(1, 0, (1,), SNAPSHOT), now=4.0)
    assert Group in kinds(talk.tick(5.1))
    assert Group not in kinds(talk.tick(6.2))


def test_a_restarted_learner_gets_the_groups_without_a_verdict_and_nothing_else(talk):
    first, second, third = talk.opened(1, 2, 3)
    talk.answer(first)
    talk.answer(second)
    talk.hears(learner.Ack(1, [accepted(1, 1)]))
    newer = SnapshotReference(Version(2, 5), bytes(32))
    beat, again = talk.hears(welcome(acknowledged=30, current=newer), incarnation=2)
    assert beat.held_leases == (2,) and beat.held is None and beat.sequence == 31
    assert (again.sequence, again.lease, again.version) == (31, 2, VERSION)
    # What was being sampled is leased anew.
    assert talk.answer(third) == []
    lease = 2 << 32 | 1
    talk.hears(learner.Lease(1, [ticket(lease, 3, newer.version)]), incarnation=2)
    (group,) = talk.answer(*talk.session.take(1))
    assert (group.sequence, group.version) == (32, newer.version)
    talk.hears(learner.Ack(32, [accepted(31, 2), accepted(32, lease)]), incarnation=2)
    assert talk.session.unacknowledged == 0


def test_a_restarted_learner_of_1_0_gets_nothing_of_what_was_before(talk):
    (found,) = talk.opened(1)
    talk.answer(found)
    said = talk.session.receive(Message(welcome(acknowledged=30), 2, minor=0), 0.0)
    assert kinds(talk.said(said)) == [WorkerHeartbeat]
    assert talk.session.unacknowledged == 0


def test_a_straggler_of_an_earlier_learner_is_ignored(talk):
    talk.hears(welcome(), incarnation=2)
    assert talk.hears(learner.Lease(1, [ticket(1)]), incarnation=1) == []
    assert talk.session.take(1) == []


@pytest.mark.parametrize(
    "code",
    [
        "OTHER",
        "UNSUPPORTED_VERSION",
        "WRONG_RUN",
        "FENCED",
        "NUMERICS",
        "NOT_AUTHORIZED",
        "TOO_LARGE",
    ],
)
def test_a_final_refusal_ends_the_worker_with_its_reason(talk, code):
    talk.opened()
    talk.hears(learner.Reject(RejectCode[code], "because."))
    assert talk.session.phase is Phase.FAILED
    assert code in talk.session.failure and "because." in talk.session.failure


@pytest.mark.parametrize("code", ["HELLO_REQUIRED", "SEQUENCE"])
def test_a_lost_session_is_opened_again(talk, code):
    talk.opened()
    assert kinds(talk.hears(learner.Reject(RejectCode[code], "", Group.KIND, 3), 1.0)) == [Hello]
    talk.hears(learner.Reject(RejectCode[code], "", Hello.KIND), 1.0)
    assert talk.session.phase is Phase.FAILED


@pytest.mark.parametrize("code", ["FULL", "STOPPING"])
def test_a_busy_learner_is_asked_again_later(talk, code):
    talk.tick(0.0)
    assert talk.hears(learner.Reject(RejectCode[code], "later.", Hello.KIND)) == []
    assert kinds(talk.tick(1.0)) == [Hello]


def test_malformed_is_answered_once_and_then_final(talk):
    talk.opened()
    refusal = learner.Reject(RejectCode.MALFORMED, "")
    assert kinds(talk.hears(refusal)) == [Hello]
    talk.hears(welcome())
    talk.hears(refusal)
    assert talk.session.phase is Phase.FAILED


def test_a_damaged_frame_counts_and_changes_nothing(talk):
    talk.opened()
    talk.session.receive_damaged(FrameError("truncated"))
    assert talk.session.counters["malformed"] == 1 and talk.session.phase is Phase.LIVE


def test_finish_lets_what_was_taken_be_answered(talk):
    talk.opened()
    talk.hears(learner.Lease(1, [ticket(1), ticket(2)]))
    (found,) = talk.session.take(1)
    assert talk.hears(learner.Drain(2, DrainMode.FINISH, "")) == []
    assert kinds(talk.answer(found)) == [Group, Drained]
    (goodbye,) = talk.hears(learner.Ack(1, [accepted(1, 1)]))
    assert goodbye == WorkerGoodbye(Farewell.FINISHED, "drained")
    assert talk.session.phase is Phase.ENDED


def test_stop_gives_everything_up(talk):
    (found,) = talk.opened(1)
    assert kinds(talk.hears(learner.Drain(2, DrainMode.STOP, ""))) == [Drained, WorkerGoodbye]
    assert talk.answer(found) == []


def test_goodbye_is_answered(talk):
    talk.opened()
    said = talk.hears(learner.LearnerGoodbye(Farewell.FINISHED, "done"))
    assert said == [WorkerGoodbye(Farewell.FINISHED, "done")]
    assert talk.session.failure is None


def test_a_failed_run_fails_the_worker(talk):
    talk.opened()
    said = talk.hears(learner.LearnerGoodbye(Farewell.FAILED, "disk"))
    assert kinds(said) == [WorkerGoodbye]
    assert talk.session.failure == "the run failed: disk"


def test_a_restarting_learner_is_waited_for_with_all_that_is_held(talk):
    (found,) = talk.opened(1)
    talk.answer(found)
    (hello,) = talk.hears(learner.LearnerGoodbye(Farewell.RESTARTING, ""), 2.0)
    assert hello.held_leases == (1,)
    assert talk.session.phase is Phase.CONNECTING


def test_a_version_that_is_gone_gives_up_its_unanswered_leases():
    talk = Talk()
    answered, _ = talk.opened(1, 2)
    talk.answer(answered)
    (heartbeat,) = talk.said(talk.session.give_up(answered.version, 0.0))
    assert heartbeat.held_leases == (1,)


def test_another_run_at_the_same_address_is_refused(talk):
    talk.opened()
    talk.hears(welcome(run_id=bytes(16)))
    assert "another run" in talk.session.failure
