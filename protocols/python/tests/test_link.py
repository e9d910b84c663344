"""The whole worker against a learner and a holder on loopback sockets; the policy is made up."""

import hashlib
import threading
import time

import pytest
import zmq
from conftest import COMPLETIONS, accepted, ticket, welcome

from cohort_worker import learner_messages as learner
from cohort_worker.addresses import LearnerAddress
from cohort_worker.fetching import digest_of
from cohort_worker.group import Group
from cohort_worker.link import LearnerLost, WorkerLink
from cohort_worker.messages import Message, decode, encode
from cohort_worker.session import Identity, WorkerSession
from cohort_worker.snapshot_messages import Chunk, ChunkRequest, Manifest, ManifestRequest
from cohort_worker.values import Farewell, RejectCode, SnapshotReference, Version
from cohort_worker.worker import RolloutWorker
from cohort_worker.worker_messages import Hello, WorkerGoodbye, WorkerHeartbeat

IMAGE = bytes(range(256)) * 20
CUT = [IMAGE[i : i + 1_000] for i in range(0, len(IMAGE), 1_000)]
DIGESTS = [hashlib.sha256(chunk).digest() for chunk in CUT]
PATIENCE = 20_000
"""Milliseconds after which a test has failed; nothing waits for it to pass."""


def reference(incarnation=1):
    return SnapshotReference(Version(incarnation, 0), digest_of(DIGESTS))


class Learner:
    """Both sockets of a learner, played by the test itself."""

    def __init__(self, context, secure=lambda socket: None):
        self.incarnation = 1
        self.rollouts, self.snapshots = context.socket(zmq.ROUTER), context.socket(zmq.ROUTER)
        for found in (self.rollouts, self.snapshots):
            found.setsockopt(zmq.LINGER, 0)
            found.setsockopt(zmq.ROUTER_HANDOVER, 1)
            secure(found)
            found.bind("tcp://127.0.0.1:*")
        self.peer = b""
        self.damages = 0
        self.holds_nothing = False

    @property
    def address(self):
        ends = (self.rollouts, self.snapshots)
        return LearnerAddress(*(end.getsockopt_string(zmq.LAST_ENDPOINT) for end in ends))

    def says(self, body):
        self.rollouts.send_multipart([self.peer, encode(Message(body, self.incarnation))])

    def hears(self, kind):
        """The next message of a kind. Heartbeats come in between; requests for chunks are answered."""
        while True:
            ready = dict(_poll(self.rollouts, self.snapshots))
            assert ready, f"no {kind.__name__} came"
            if self.snapshots in ready:
                self._serve()
            if self.rollouts in ready:
                self.peer, frame = self.rollouts.recv_multipart()
                body = decode(frame, "worker").body
                if isinstance(body, kind):
                    return body
                assert isinstance(body, (WorkerHeartbeat, Hello)), body

    def welcomes(self, **changes):
        hello = self.hears(Hello)
        self.says(welcome(current=reference(self.incarnation), **changes))
        return hello

    def leases(self, *ids):
        version = Version(self.incarnation, 0)
        self.says(learner.Lease(1, [ticket(lease, version=version) for lease in ids]))

    def _serve(self):
        peer, frame = self.snapshots.recv_multipart()
        body = decode(frame, "fetcher").body
        answers = []
        if self.holds_nothing:
            return
        if isinstance(body, ManifestRequest):
            answers = [Manifest(reference(self.incarnation), len(IMAGE), 1_000, DIGESTS)]
        elif isinstance(body, ChunkRequest):
            span = range(body.first, body.first + body.count)
            answers = [Chunk(body.version, i, self._chunk(i)) for i in span]
        for answer in answers:
            self.snapshots.send_multipart([peer, encode(Message(answer))])

    def _chunk(self, index):
        if index == 2 and self.damages:
            self.damages -= 1
            return bytes(1_000)
        return CUT[index]

    def close(self):
        self.rollouts.close()
        self.snapshots.close()


def _poll(*sockets):
    poller = zmq.Poller()
    for found in sockets:
        poller.register(found, zmq.POLLIN)
    return poller.poll(PATIENCE)


class MadeUpPolicy:
    def __init__(self):
        self.images = []

    def load(self, image):
        self.images.append(image)

    def sample(self, tickets, group_size, parameters, seed):
        return [COMPLETIONS for _ in tickets]


class Worker(threading.Thread):
    """A worker in a thread of its own."""

    def __init__(self, address, security=None, **options):
        super().__init__(daemon=True)
        options = dict(hello_pause=0.1, reconnect_deadline=15.0) | options
        self.session = WorkerSession(Identity("w", 9, "python"), 4, time.monotonic(), **options)
        self.notes = []
        self.link = WorkerLink(
            address, self.session, security=security, note=self.notes.append
        )
        self.policy = MadeUpPolicy()
        self.error = None

    def run(self):
        try:
            with self.link:
                self.totals = RolloutWorker(self.link, lambda _: self.policy, 4).run()
        except LearnerLost as error:
            self.error = str(error)


@pytest.fixture
def context():
    with zmq.Context() as found:
        yield found


@pytest.fixture
def played(context):
    found = Learner(context)
    yield found
    found.close()


@pytest.fixture
def worker(played):
    found = Worker(played.address)
    found.start()
    yield found
    found.join(20)
    assert not found.is_alive()


def ends(played, worker):
    played.says(learner.LearnerGoodbye(Farewell.FINISHED, "done"))
    assert played.hears(WorkerGoodbye).farewell is Farewell.FINISHED
    worker.join(20)
    assert worker.error is None


def test_a_worker_goes_from_hello_to_goodbye(played, worker):
    hello = played.welcomes()
    assert (hello.worker, hello.numerics, hello.free_slots) == ("w", "python", 4)
    played.leases(1, 2)
    groups = [played.hears(Group) for _ in range(2)]
    assert [(g.lease, g.sequence, g.completions) for g in groups] == [
        (1, 1, COMPLETIONS),
        (2, 2, COMPLETIONS),
    ]
    played.says(learner.Ack(2, [accepted(1, 1), accepted(2, 2)]))
    ends(played, worker)
    assert worker.policy.images == [IMAGE]
    assert worker.session.verdicts == {"ACCEPTED": 2} and worker.totals.tokens == 6


def test_a_damaged_chunk_is_fetched_again(played, worker):
    played.damages = 2
    played.welcomes()
    played.leases(1)
    played.hears(Group)
    ends(played, worker)
    assert worker.policy.images == [IMAGE] and worker.link.damaged_chunks == 2


def test_garbage_is_counted_and_nothing_else(played, worker):
    played.welcomes()
    for garbage in (b"", b"COHT", bytes(100), encode(Message(learner.Ack(1, []), 1))[:-1]):
        played.rollouts.send_multipart([played.peer, garbage])
    played.leases(1)
    played.hears(Group)
    ends(played, worker)
    assert worker.session.counters["malformed"] == 4


def test_a_group_without_a_verdict_survives_the_loss_of_the_session(played, worker):
    played.welcomes()
    played.leases(1)
    first = played.hears(Group)
    played.says(learner.Reject(RejectCode.HELLO_REQUIRED, "who are you?"))
    hello = played.welcomes(configuration=None)
    assert hello.held_leases == (1,) and hello.held == reference()
    assert played.hears(Group) == first
    ends(played, worker)


def test_a_worker_goes_on_with_a_learner_that_started_again(played, worker):
    played.welcomes()
    played.leases(1)
    played.hears(Group)
    played.says(learner.LearnerGoodbye(Farewell.RESTARTING, "a moment"))
    assert played.hears(Hello).held_leases == (1,)
    played.incarnation = 2
    played.welcomes(acknowledged=4)
    again = played.hears(Group)
    assert (again.sequence, again.lease, again.version) == (5, 1, Version(1, 0))
    played.leases(2)
    group = played.hears(Group)
    assert (group.sequence, group.version) == (6, Version(2, 0))
    ends(played, worker)
    assert worker.notes == [
        "waiting for the learner, for 15 s at most",
        "in session with start 1 of the learner",
        "the learner is silent; waiting for it, for 15 s at most",
        "in session with start 2 of the learner",
    ]


def test_a_snapshot_that_nobody_can_serve_any_more_is_given_up_with_its_learner(played, worker):
    played.holds_nothing = True
    played.welcomes()
    played.leases(1)
    played.says(learner.LearnerGoodbye(Farewell.RESTARTING, "a moment"))
    played.hears(Hello)
    played.incarnation, played.holds_nothing = 2, False
    played.welcomes()
    played.leases(1)
    assert played.hears(Group).version == Version(2, 0)
    ends(played, worker)


def test_a_fenced_worker_ends_with_the_reason(played, worker):
    played.hears(Hello)
    played.says(learner.Reject(RejectCode.FENCED, "a later start took over.", Hello.KIND))
    worker.join(20)
    assert "FENCED" in worker.error and "a later start took over." in worker.error


def test_no_learner_is_an_error_after_the_deadline(played):
    worker = Worker(played.address, reconnect_deadline=0.5)
    worker.start()
    worker.join(20)
    assert worker.error == "no session for 0.5 s"


def test_addresses_name_both_ends():
    assert LearnerAddress.parse("tcp://127.0.0.1:5555").snapshots == "tcp://127.0.0.1:5556"
    assert LearnerAddress.parse("tcp://[::1]:5555").is_local
    assert LearnerAddress.parse("ipc:///run/a").snapshots == "ipc:///run/a-snapshots"
    assert not LearnerAddress.parse("tcp://10.0.0.1:5555").is_local
    for wrong in ("tcp://127.0.0.1", "tcp://127.0.0.1:65535", "udp://127.0.0.1:1", "5555"):
        with pytest.raises(ValueError):
            LearnerAddress.parse(wrong)
