"""A worker's end of the ring over ZeroMQ: one thread owns both sockets, callers wait on a condition.

Heartbeats, acknowledgements and chunks are seen to by that thread, so they are on time while the caller
computes. It never computes anything but checksums.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from . import limits
from .addresses import LearnerAddress
from .configuration import WorkerConfiguration
from .fetching import SnapshotFetch
from .frames import FrameError, Sender
from .group import Completion
from .keys import Security
from .learner_messages import Ticket
from .messages import Message, decode
from .session import Frames, Phase, WorkerSession
from .values import Farewell, Version

TICK = 50
"""Milliseconds between two looks at the deadlines."""
MESSAGES_PER_PASS = 64
HANDSHAKES = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)
MECHANISM_MISMATCH = 0x1100_0002
"""ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH"""
HANDSHAKE = 5_000
"""Milliseconds that a handshake may take; a worker whose key is not listed tries again after it."""
LINGER = 500
"""Milliseconds for which a closing worker goes on sending its farewell."""


class LearnerLost(Exception):
    """The learner was silent for too long, refused this worker, or said that the run failed."""


class SnapshotGone(Exception):
    """The learner keeps the version no longer; it has given the leases to others."""


class WorkerLink:
    """Use it in a `with` statement. Calls come from one thread at a time."""

    def __init__(
        self,
        address: LearnerAddress,
        session: WorkerSession,
        *,
        fetch_deadline: float = 60.0,
        security: Security | None = None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`note` is told, in a sentence, what the link waits for and until when."""
        self.address = address
        self.security = security
        self.session = session
        self.fetch_deadline = fetch_deadline
        self.damaged_chunks = 0
        self._note = note
        self._noted: Phase | None = None
        self._change = threading.Condition()
        self._fetch: SnapshotFetch | None = None
        self._outbox: Frames = []
        self._breakage: BaseException | None = None
        self._trouble = ""
        self._closing = False
        self._bell_out, self._bell_in = os.pipe()
        os.set_blocking(self._bell_out, False)
        os.set_blocking(self._bell_in, False)
        self._thread = threading.Thread(target=self._run, name="cohort-link", daemon=True)

    def __enter__(self) -> WorkerLink:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with self._acting():
            reason = f"{kind.__name__}: {error}" if kind else "its user stopped it"
            self._outbox += self.session.leave(Farewell.FAILED, reason)
            self._closing = True
        self._thread.join()
        os.close(self._bell_in)
        os.close(self._bell_out)

    # What the worker asks for

    def configuration(self) -> WorkerConfiguration:
        """What the learner wants; waits for its WELCOME."""
        with self._change:
            self._wait(lambda: self.session.configuration is not None or self.session.is_over)
            if self.session.configuration is None:
                raise LearnerLost("the learner needs no workers any more")
            return WorkerConfiguration.parse(self.session.configuration)

    def leases(self, limit: int) -> list[Ticket]:
        """At least one ticket, or none when the learner has no more work."""
        taken: list[Ticket] = []
        with self._change:
            while not taken and not self.session.is_over:
                self._wait(lambda: taken or self.session.is_over or self._take(limit, taken))
        return taken

    def snapshot(self, version: Version) -> bytes:
        """The safetensors image of a version, verified. The learner hears that it is here."""
        with self._acting():
            expected = self.session.digest(version)
            fetch = SnapshotFetch(version, expected, time.monotonic(), deadline=self.fetch_deadline)
            self._fetch = fetch
        with self._change:
            # A learner that started again knows neither the version nor the leases that named it.
            self._wait(lambda: fetch.is_over or not self._is_wanted(version))
            self._fetch = None
            wanted = self._is_wanted(version)
            self.damaged_chunks += fetch.refused
        if fetch.image is not None and fetch.reference is not None:
            with self._acting():
                self._outbox += self.session.adopt(fetch.reference, time.monotonic())
            return fetch.image
        if fetch.is_gone or not wanted:
            with self._acting():
                self._outbox += self.session.give_up(version, time.monotonic())
            raise SnapshotGone(str(version))
        raise LearnerLost(f"snapshot {version} could not be fetched: {fetch.failure}")

    def push(self, ticket: Ticket, completions: Sequence[Completion]) -> None:
        """Sends a group; it is kept until the learner's verdict."""
        with self._acting():
            self._outbox += self.session.answer(ticket, completions, time.monotonic())

    def _is_wanted(self, version: Version) -> bool:
        return self.session.wants(version) and not self.session.is_over

    def _take(self, limit: int, taken: list[Ticket]) -> bool:
        taken += self.session.take(limit)
        return bool(taken)

    def _wait(self, done: Callable[[], object]) -> None:
        """The caller holds the condition. Every wait ends: the session has deadlines of its own."""
        self._change.wait_for(lambda: done() or self._breakage or self.session.failure)
        if self._breakage:
            raise LearnerLost(f"the link broke: {self._breakage!r}") from self._breakage
        if self.session.failure:
            raise LearnerLost(self.session.failure + self._trouble)

    @contextmanager
    def _acting(self) -> Iterator[None]:
        """Changes the session and lets the thread send what follows from it."""
        with self._change:
            yield
        try:
            os.write(self._bell_in, b"!")
        except BlockingIOError:
            pass  # It rings already.

    # The thread

    def _run(self) -> None:
        try:
            with zmq.Context() as context, self._socket(context, self.address.rollouts) as rollouts:
                with self._socket(context, self.address.snapshots, bulk=True) as snapshots:
                    self._loop(rollouts, snapshots)
                rollouts.linger = LINGER
        except BaseException as error:  # Whoever waits shall hear of it.
            with self._change:
                self._breakage = error
                self._change.notify_all()

    def _loop(self, rollouts: zmq.Socket, snapshots: zmq.Socket) -> None:
        handshakes = rollouts.get_monitor_socket(HANDSHAKES)
        rollouts.connect(self.address.rollouts)
        snapshots.connect(self.address.snapshots)
        poller = zmq.Poller()
        poller.register(handshakes, zmq.POLLIN)
        for source in (rollouts, snapshots, self._bell_out):
            poller.register(source, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(TICK))
            if self._bell_out in ready:
                os.read(self._bell_out, 4_096)
            if handshakes in ready:
                self._hear(recv_monitor_message(handshakes))
            said = _received(rollouts, "learner")
            came = _received(snapshots, "holder")
            with self._change:
                frames, requests = self._step(said, came)
                closing = self._closing
                self._change.notify_all()
            _send(rollouts, frames)
            _send(snapshots, requests)
            if closing:
                rollouts.disable_monitor()
                return

    def _hear(self, event: Mapping[str, Any]) -> None:
        """Why no connection comes about, as far as this end can see."""
        if event["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._trouble = ""
        elif self.security is None:
            self._trouble = (
                "; no handshake succeeds: a learner with keys wants --key and --learner-key"
            )
        elif event["value"] == MECHANISM_MISMATCH:
            self._trouble = (
                "; the learner does not encrypt: start it with keys, or this worker without"
            )
        else:
            self._trouble = (
                "; no handshake succeeds: this worker's public key "
                f"{self.security.public.decode()} is not in the learner's authorized_workers, or "
                "--learner-key is not the learner's"
            )

    def _note_phase(self) -> None:
        session, before = self.session, self._noted
        if session.phase is before:
            return
        self._noted = session.phase
        if session.phase is Phase.CONNECTING:
            what = "waiting for it" if before else "waiting for the learner"
            silence = "the learner is silent; " if before else ""
            self._note(f"{silence}{what}, for {session.reconnect_deadline:g} s at most")
        elif session.phase is Phase.LIVE:
            self._note(f"in session with start {session.learner} of the learner")

    def _step(
        self, said: list[Message | FrameError], came: list[Message | FrameError]
    ) -> tuple[Frames, Frames]:
        """What to send after these messages: to the learner, and to the holder."""
        now, session, fetch = time.monotonic(), self.session, self._fetch
        self._note_phase()
        frames, self._outbox = self._outbox, []
        for message in said:
            if isinstance(message, FrameError):
                session.receive_damaged(message)
            else:
                frames += session.receive(message, now)
        if len(said) < MESSAGES_PER_PASS:
            # A worker that was itself suspended empties its inbox before it lets deadlines pass.
            frames += session.tick(now)
        requests: Frames = []
        if fetch is not None:
            for message in came:
                if isinstance(message, FrameError):
                    fetch.receive_damaged(message)
                else:
                    requests += fetch.receive(message, now)
            requests += fetch.tick(now)
        return frames, requests

    def _socket(self, context: zmq.Context, endpoint: str, bulk: bool = False) -> zmq.Socket:
        socket = context.socket(zmq.DEALER)
        options = {
            # A routing id must not start with a zero byte.
            zmq.ROUTING_ID: b"\x01" + os.urandom(15),
            zmq.IMMEDIATE: 1,
            zmq.LINGER: 0,
            zmq.MAXMSGSIZE: limits.SNAPSHOT_FRAME if bulk else limits.ROLLOUT_FRAME,
            zmq.IPV6: 1,
            zmq.CONNECT_TIMEOUT: 5_000,
            zmq.HANDSHAKE_IVL: HANDSHAKE,
            zmq.HEARTBEAT_IVL: 2_000,
            zmq.HEARTBEAT_TIMEOUT: 6_000,
            zmq.HEARTBEAT_TTL: 10_000,
            zmq.TCP_KEEPALIVE: 1,
            zmq.RECONNECT_IVL: 100,
            zmq.RECONNECT_IVL_MAX: 5_000,
        }
        for option, value in options.items():
            socket.setsockopt(option, value)
        # What is local rests on the rights of its directory.
        if self.security is not None and endpoint.startswith("tcp://"):
            self.security.apply(socket)
        return socket


def _received(socket: zmq.Socket, sender: Sender) -> list[Message | FrameError]:
    """What is there, up to a bound; one frame is one message."""
    found: list[Message | FrameError] = []
    while len(found) < MESSAGES_PER_PASS:
        try:
            parts = socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            break
        try:
            found.append(decode(parts[0], sender))
        except FrameError as error:
            found.append(error)
    return found


def _send(socket: zmq.Socket, frames: Frames) -> None:
    """Without a connection a frame is lost: everything is absolute, and groups are sent again."""
    for frame in frames:
        try:
            socket.send(frame, zmq.NOBLOCK)
        except zmq.Again:
            return
