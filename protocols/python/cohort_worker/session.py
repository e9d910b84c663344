"""A worker's side of 1/ROLLOUT: messages, calls and time in, frames to send out. No socket, no clock.

Every method that can have something to say returns the frames to send, in order. `now` is any monotonic
time in seconds.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from . import learner_messages as learner
from . import limits
from .frames import MINOR, OLDEST_MINOR, FrameError
from .group import Completion, Group
from .holdings import Holdings
from .learner_messages import Ticket
from .messages import Body, Message, encode
from .values import (
    DrainMode,
    DropCause,
    Farewell,
    Limits,
    RejectCode,
    SnapshotReference,
    Version,
    shortened,
)
from .worker_messages import Drained, Hello, WorkerGoodbye, WorkerHeartbeat

HELLO_PAUSE_MAX = 32.0
KNOWN_DIGESTS = 256

Frames = list[bytes]


class Phase(Enum):
    CONNECTING = auto()
    """Saying HELLO, for the first time or again."""
    LIVE = auto()
    DRAINING = auto()
    """DRAIN came: no more leases; verdicts on the last groups are awaited."""
    ENDED = auto()
    """The learner needs nothing more, or this side has left."""
    FAILED = auto()
    """`failure` says why."""


EXITS = {
    RejectCode.OTHER,
    RejectCode.UNSUPPORTED_VERSION,
    RejectCode.WRONG_RUN,
    RejectCode.FENCED,
    RejectCode.NUMERICS,
    RejectCode.NOT_AUTHORIZED,
    RejectCode.TOO_LARGE,
    RejectCode.BARRED,
}
BARRED = "the learner found a group of this worker invalid and gives it no more work; its log says why"
SAY_HELLO = {RejectCode.HELLO_REQUIRED, RejectCode.SEQUENCE}


@dataclass(frozen=True)
class Identity:
    """`incarnation` is larger in every later process of the same name."""

    name: str
    incarnation: int
    numerics: str


class WorkerSession:
    """Leases and groups of one worker, through any number of connections and learners."""

    def __init__(
        self,
        identity: Identity,
        slots: int,
        now: float,
        *,
        hello_pause: float = 1.0,
        reconnect_deadline: float = 60.0,
    ) -> None:
        if not 1 <= slots <= limits.HELD_LEASES:
            raise ValueError(f"a worker has 1 to {limits.HELD_LEASES} slots, not {slots}")
        self.identity = identity
        self.slots = slots
        self.hello_pause = hello_pause
        self.reconnect_deadline = reconnect_deadline
        self.phase = Phase.CONNECTING
        self.failure: str | None = None
        self.welcome: learner.Welcome | None = None
        self.configuration: str | None = None
        self.learner: int | None = None
        """The learner's incarnation, once it is known."""
        self.verdicts: Counter[str] = Counter()
        """By outcome, and for DROPPED by cause."""
        self.counters: Counter[str] = Counter()
        """`sent`, `resent`, `sessions`, `malformed`."""

        self._minor = OLDEST_MINOR
        """What is spoken in this session."""
        self._holdings = Holdings()
        self._seen = 0
        """The learner's highest sequence in this session."""
        self._adopted: SnapshotReference | None = None
        self._digests: dict[Version, bytes] = {}
        self._heartbeat_interval = 1.0
        self._liveness = 5.0
        self._drained = False
        self._refusal = ""
        self._malformed = 0
        self._attempt = 0
        self._silent_since = now
        self._next_hello = now
        self._next_heartbeat = now
        self._last_progress = now
        self._jitter = random.Random(f"{identity.name} {identity.incarnation}")

    # What the worker asks for

    @property
    def is_over(self) -> bool:
        """Whether nothing new will come."""
        return self.phase in (Phase.ENDED, Phase.FAILED)

    @property
    def unacknowledged(self) -> int:
        """Groups without a verdict."""
        return len(self._holdings.unanswered)

    def digest(self, version: Version) -> bytes | None:
        """What the learner has said of a version."""
        return self._digests.get(version)

    def wants(self, version: Version) -> bool:
        """Whether a lease that is held names the version."""
        return self._holdings.names(version)

    def take(self, limit: int) -> list[Ticket]:
        """Up to `limit` tickets that came and nobody has taken, in order."""
        return [] if self.is_over else self._holdings.take(limit)

    def answer(self, ticket: Ticket, completions: Sequence[Completion], now: float) -> Frames:
        """Sends a group, and keeps it until it has a verdict.

        Nothing is sent for a lease that is not held any more: nobody waits for it. Raises `ValueError`
        where the learner would not take a group of this size.
        """
        if self.is_over or not self._holdings.waits_for(ticket):
            return []
        self._check_size(completions)
        sequence = self._holdings.sequence + 1
        group = Group(
            ticket.key,
            ticket.version,
            sequence,
            ticket.lease,
            ticket.ordinal,
            ticket.prompt,
            list(completions),
        )
        frame = self._encoded(group)
        if self.welcome and len(frame) > self.welcome.largest_group_bytes:
            most = self.welcome.largest_group_bytes
            raise ValueError(f"a group of {len(frame)} bytes; the learner takes at most {most}")
        if not self._holdings.unanswered:
            self._last_progress = now
        self._holdings.send(group)
        self.counters["sent"] += 1
        frames = [] if self.phase is Phase.CONNECTING else [frame]
        return frames + self._leave_if_done()

    def _check_size(self, completions: Sequence[Completion]) -> None:
        most = self._limits
        longest = max(len(completion.tokens) for completion in completions)
        if len(completions) > most.completions or longest > most.completion_tokens:
            raise ValueError(
                f"a group of {len(completions)} completions of up to {longest} tokens; the learner takes "
                f"at most {most.completions} of {most.completion_tokens}"
            )

    def adopt(self, snapshot: SnapshotReference, now: float) -> Frames:
        """The snapshot is here and verified; the learner hears of it before the first group from it."""
        if snapshot == self._adopted:
            return []
        self._adopted = snapshot
        return self._heartbeat(now) if self.phase in (Phase.LIVE, Phase.DRAINING) else []

    def give_up(self, version: Version, now: float) -> Frames:
        """The version cannot be had any more: the unanswered leases that name it are given up."""
        self._holdings.give_up(lambda ticket: ticket.version == version)
        live = self.phase in (Phase.LIVE, Phase.DRAINING)
        return (self._heartbeat(now) if live else []) + self._leave_if_done()

    def leave(self, farewell: Farewell, reason: str) -> Frames:
        """This side goes."""
        if self.is_over:
            return []
        # Without a session there is nobody to say it to.
        heard = self.welcome is not None
        self.phase = Phase.ENDED
        return [self._encoded(WorkerGoodbye(farewell, shortened(reason)))] if heard else []

    # What the learner says

    def receive_damaged(self, error: FrameError) -> None:
        """A frame that did not decode counts as lost, unless nothing of this learner ever will."""
        self.counters["malformed"] += 1
        if error.code == "unsupported_major" and self.phase is Phase.CONNECTING:
            self._fail(f"the learner cannot be understood: {error}")

    def receive(self, message: Message, now: float) -> Frames:
        """A message that decoded."""
        if self.is_over:
            return []
        incarnation = message.incarnation or 0
        if self.learner is not None and incarnation < self.learner:
            return []  # A straggler from before the learner's restart.
        body = message.body
        if isinstance(body, learner.Welcome):
            return self._receive_welcome(body, message, now)
        if isinstance(body, learner.Reject):
            return self._receive_reject(body, now)
        if isinstance(body, learner.LearnerGoodbye):
            return self._receive_goodbye(body, now)
        if self.phase is Phase.CONNECTING or incarnation != self.learner:
            return []
        self._silent_since = now
        if isinstance(body, learner.Lease):
            self._receive_lease(body)
        elif isinstance(body, learner.Ack):
            if self._receive_ack(body, now):
                # Leases would never come again: waiting for them would be for ever.
                left = self.leave(Farewell.FAILED, "a group of it was invalid")
                return left + self._fail(BARRED)
        elif isinstance(body, learner.LearnerHeartbeat):
            self._remember(body.current)
            self._acknowledge(body.acknowledged, now)
        elif isinstance(body, learner.Drain):
            self._receive_drain(body)
        return self._leave_if_done()

    def _receive_welcome(self, body: learner.Welcome, message: Message, now: float) -> Frames:
        incarnation = message.incarnation or 0
        if self.phase is Phase.DRAINING:
            return []
        if self.welcome and self.welcome.run_id != body.run_id:
            return self._fail("the learner at this address now runs another run")
        if body.configuration is not None:
            found = hashlib.sha256(body.configuration.encode()).digest()
            if found != body.configuration_fingerprint:
                return self._fail("the learner's configuration is not the one its fingerprint says")
            self.configuration = body.configuration
        elif self._fingerprint != body.configuration_fingerprint:
            return self._fail("the learner's WELCOME brings no configuration")
        if self.learner not in (None, incarnation):
            self._holdings.restart(body.acknowledged, keeps=message.minor >= 1)
            self._digests, self._adopted = {}, None
        self.learner, self.welcome, self.phase = incarnation, body, Phase.LIVE
        self._minor = min(MINOR, message.minor)
        self._heartbeat_interval = body.heartbeat_ms / 1_000
        self._liveness = body.liveness_ms / 1_000
        self._seen = self._attempt = 0
        self._refusal = ""
        self._silent_since = now
        self.counters["sessions"] += 1
        self._remember(body.current)
        self._acknowledge(body.acknowledged, now)
        # The heartbeat names the adopted snapshot before any group that was sampled from it.
        return self._heartbeat(now) + self._resend(now)

    def _receive_lease(self, body: learner.Lease) -> None:
        self._seen = max(self._seen, body.sequence)
        longest = max(len(ticket.prompt) for ticket in body.tickets)
        if longest > self._limits.prompt_tokens:
            announced = self._limits.prompt_tokens
            self._fail(f"the learner leased a prompt of {longest} tokens and announced {announced}")
        elif self.phase is Phase.LIVE:
            self._holdings.grant(body.tickets)

    def _receive_ack(self, body: learner.Ack, now: float) -> bool:
        """Whether a group was invalid: the learner gives this worker no more leases."""
        barred = False
        for verdict in body.verdicts:
            if self._holdings.settle(verdict.sequence):
                cause = f": {verdict.cause.name}" if verdict.cause is not None else ""
                self.verdicts[verdict.outcome.name + cause] += 1
                self._progress(now)
                barred = barred or verdict.cause is DropCause.INVALID
        self._acknowledge(body.acknowledged, now)
        return barred

    def _receive_drain(self, body: learner.Drain) -> None:
        self._seen = max(self._seen, body.sequence)
        self.phase = Phase.DRAINING
        stops = body.mode is DrainMode.STOP
        # What is being sampled is finished where there is time; giving up is always allowed.
        self._holdings.give_up(lambda ticket: stops or self._holdings.is_queued(ticket))

    def _receive_goodbye(self, body: learner.LearnerGoodbye, now: float) -> Frames:
        if body.farewell is Farewell.FINISHED:
            return self.leave(Farewell.FINISHED, body.reason)
        if body.farewell is Farewell.FAILED:
            # The learner waits for this before it closes its socket.
            return self.leave(Farewell.FAILED, body.reason) + self._fail(
                f"the run failed: {body.reason}"
            )
        self._silent_since = now
        return self._reconnect(now)

    def _receive_reject(self, body: learner.Reject, now: float) -> Frames:
        why = f"the learner refuses this worker ({body.code.name}): {body.reason}"
        if body.code in EXITS:
            return self._fail(why)
        if body.code in SAY_HELLO:
            if body.type == Hello.KIND:
                return self._fail(why)
            self._silent_since = now
            return self._reconnect(now)
        if body.code is RejectCode.MALFORMED:
            self._malformed += 1
            return self._fail(why) if self._malformed > 1 else self._reconnect(now)
        self._refusal = f"; its last answer was: {body.reason}"
        return []

    # Time

    def tick(self, now: float) -> Frames:
        """Lets deadlines pass. To be called often, and after the inbox was emptied."""
        if self.is_over:
            return []
        if self.phase is Phase.CONNECTING:
            return self._connect(now)
        if now - self._silent_since > self._liveness:
            return self._reconnect(now)
        frames = self._heartbeat(now) if now >= self._next_heartbeat else []
        if self._holdings.unanswered and now - self._last_progress > self._liveness:
            frames += self._resend(now)
        return frames

    def _connect(self, now: float) -> Frames:
        if now - self._silent_since > self.reconnect_deadline:
            return self._fail(f"no session for {self.reconnect_deadline:g} s{self._refusal}")
        if now < self._next_hello:
            return []
        pause = min(HELLO_PAUSE_MAX, self.hello_pause * 2 ** min(self._attempt, 16))
        # Workers that lost their learner together shall not come back together.
        self._next_hello = now + pause * (1 - 0.25 * self._jitter.random())
        self._attempt += 1
        return [self._encoded(self._hello)]

    def _reconnect(self, now: float) -> Frames:
        if self.phase is Phase.DRAINING:
            return self.leave(Farewell.FINISHED, "drained")
        if self.phase is not Phase.CONNECTING:
            self.phase = Phase.CONNECTING
            self._attempt, self._next_hello = 0, now
        return self._connect(now)

    # The parts

    @property
    def _fingerprint(self) -> bytes | None:
        return self.welcome.configuration_fingerprint if self.welcome else None

    @property
    def _free_slots(self) -> int:
        return max(0, self.slots - len(self._holdings))

    @property
    def _hello(self) -> Hello:
        return Hello(
            self.identity.name,
            self._holdings.sequence,
            self._holdings.acknowledged,
            self.identity.numerics,
            self._holdings.leases,
            self._free_slots,
            self.welcome.run_id if self.welcome else None,
            self._fingerprint,
            self._adopted,
            Limits(),
        )

    @property
    def _limits(self) -> Limits:
        """What the messages of this run have at most."""
        return (self.welcome and self.welcome.limits) or Limits()

    def _heartbeat(self, now: float) -> Frames:
        self._next_heartbeat = now + self._heartbeat_interval
        held = self._holdings
        body = WorkerHeartbeat(
            held.sequence, self._seen, held.leases, self._free_slots, self._adopted
        )
        return [self._encoded(body)]

    def _encoded(self, body: Body) -> bytes:
        # A HELLO's version is the highest that this worker speaks.
        minor = MINOR if isinstance(body, Hello) else self._minor
        return encode(Message(body, self.identity.incarnation, minor))

    def _resend(self, now: float) -> Frames:
        self._last_progress = now
        self.counters["resent"] += self.unacknowledged
        return [self._encoded(sent.group) for sent in self._holdings.unanswered]

    def _acknowledge(self, bound: int, now: float) -> None:
        if self._holdings.settle_up_to(bound):
            self._progress(now)

    def _progress(self, now: float) -> None:
        self._last_progress, self._malformed = now, 0

    def _remember(self, snapshot: SnapshotReference) -> None:
        self._digests[snapshot.version] = snapshot.digest
        while len(self._digests) > KNOWN_DIGESTS:
            del self._digests[min(self._digests)]

    def _leave_if_done(self) -> Frames:
        """After DRAIN: DRAINED when every lease is answered, GOODBYE when all groups have verdicts."""
        if self.phase is not Phase.DRAINING or not self._holdings.is_answered:
            return []
        frames: Frames = []
        if not self._drained:
            self._drained = True
            frames.append(self._encoded(Drained(self._holdings.sequence, "")))
        return (
            frames
            if self._holdings.unanswered
            else frames + self.leave(Farewell.FINISHED, "drained")
        )

    def _fail(self, why: str) -> Frames:
        self.phase, self.failure = Phase.FAILED, why
        return []
