"""What a learner and a holder would say."""

import hashlib
import json

import pytest

from cohort_worker import learner_messages as learner
from cohort_worker.group import Completion
from cohort_worker.messages import Message, decode
from cohort_worker.session import Identity, WorkerSession
from cohort_worker.values import Outcome, RewardPlacement, SnapshotReference, TicketKey, Version

RUN = bytes(range(16))
VERSION = Version(1, 0)
SNAPSHOT = SnapshotReference(VERSION, bytes(32))
CONFIGURATION = json.dumps(
    dict(
        runID=RUN.hex(),
        seed=7,
        model=json.dumps(dict(model_type="llama")),
        dtype="float32",
        groupSize=2,
        sampling=dict(temperature=1, topK=0, topP=1, maxCompletionLength=4, stopTokens=[2]),
        rewardPlacement="learner",
    )
)


def welcome(acknowledged=0, configuration=CONFIGURATION, **changes):
    fields = dict(
        run_id=RUN,
        configuration_fingerprint=hashlib.sha256(CONFIGURATION.encode()).digest(),
        numerics="n",
        heartbeat_ms=1_000,
        liveness_ms=5_000,
        largest_group_bytes=1 << 20,
        group_size=2,
        reward_placement=RewardPlacement.LEARNER,
        current=SNAPSHOT,
        acknowledged=acknowledged,
        configuration=configuration,
    )
    return learner.Welcome(**(fields | changes))


def ticket(lease=1, prompt_index=None, version=VERSION):
    key = TicketKey(0, lease if prompt_index is None else prompt_index, 0)
    return learner.Ticket(lease, key, lease, version, 60_000, [3, 4], "{}")


def accepted(sequence, lease):
    return learner.Verdict(sequence, lease, Outcome.ACCEPTED, durable=True)


COMPLETIONS = [Completion([5, 2], [-0.5, -0.25], [0.0, 0.0], 0), Completion([5], [-0.5], [0.0], 1)]


class Talk:
    """A session under test, and what it says: decoded, in order."""

    def __init__(self, slots=4, **options):
        self.session = WorkerSession(Identity("w", 9, "python"), slots, 0.0, **options)

    def hears(self, body, now=0.0, incarnation=1):
        return self.said(self.session.receive(Message(body, incarnation), now))

    def tick(self, now):
        return self.said(self.session.tick(now))

    def answer(self, found, now=0.0):
        return self.said(self.session.answer(found, COMPLETIONS, now))

    def said(self, frames):
        messages = [decode(frame, "worker") for frame in frames]
        assert all(m.incarnation == 9 for m in messages)
        return [m.body for m in messages]

    def opened(self, *leases):
        """With a session, a snapshot, and the tickets taken that are leased by these ids."""
        self.tick(0.0)
        self.hears(welcome())
        self.session.adopt(SNAPSHOT, 0.0)
        if leases:
            self.hears(learner.Lease(1, [ticket(lease) for lease in leases]))
        return self.session.take(len(leases))


@pytest.fixture
def talk():
    return Talk()
