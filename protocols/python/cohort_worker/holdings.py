"""The leases that a worker holds, and its groups that have no verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from . import limits
from .group import Group
from .learner_messages import Ticket
from .values import Version

CLOSED = 2 * limits.HELD_LEASES
"""Leases that are remembered as closed."""


@dataclass(frozen=True)
class Sent:
    """A GROUP that has no verdict."""

    group: Group

    @property
    def sequence(self) -> int:
        return self.group.sequence

    @property
    def lease(self) -> int:
        return self.group.lease


class Holdings:
    """A lease is held until its group has a verdict, or it is given up."""

    def __init__(self) -> None:
        self.sequence = 0
        """Of the last GROUP."""
        self.acknowledged = 0
        """Up to which every GROUP has a verdict."""
        self.unanswered: list[Sent] = []
        self._tickets: dict[int, Ticket] = {}
        self._queue: list[int] = []
        """Leases that nobody has taken."""
        self._closed: dict[int, None] = {}
        """Leases that need no answer any more, oldest first; a repeated LEASE does not bring them back."""

    def __len__(self) -> int:
        return len(self._tickets)

    @property
    def leases(self) -> tuple[int, ...]:
        return tuple(sorted(self._tickets))

    @property
    def is_answered(self) -> bool:
        """Whether a group was sent for every lease."""
        return len(self.unanswered) == len(self._tickets)

    def names(self, version: Version) -> bool:
        """Whether a lease names the version."""
        return any(ticket.version == version for ticket in self._tickets.values())

    def waits_for(self, ticket: Ticket) -> bool:
        """Whether the ticket's lease is held and has no group yet."""
        return self._tickets.get(ticket.lease) == ticket and not self._was_sent(ticket.lease)

    def grant(self, tickets: list[Ticket]) -> None:
        """What a LEASE brings. What is held already, or was, changes nothing."""
        for ticket in tickets:
            known = ticket.lease in self._tickets or ticket.lease in self._closed
            if not known and len(self) < limits.HELD_LEASES:
                self._tickets[ticket.lease] = ticket
                self._queue.append(ticket.lease)

    def take(self, limit: int) -> list[Ticket]:
        """Up to `limit` tickets that nobody has taken, in order."""
        taken, self._queue = self._queue[:limit], self._queue[limit:]
        return [self._tickets[lease] for lease in taken]

    def send(self, group: Group) -> None:
        """The next GROUP is on its way."""
        self.sequence += 1
        self.unanswered.append(Sent(replace(group, sequence=self.sequence)))

    def settle(self, sequence: int) -> bool:
        """A GROUP has a verdict. False where it had one before."""
        found = [sent for sent in self.unanswered if sent.sequence == sequence]
        self._settle(found)
        return bool(found)

    def settle_up_to(self, bound: int) -> bool:
        """All GROUPs up to `bound` have a verdict. False where that is no news, or cannot be."""
        if not self.acknowledged < bound <= self.sequence:
            return False
        self.acknowledged = bound
        self._settle([sent for sent in self.unanswered if sent.sequence <= bound])
        return True

    def give_up(self, chosen: Callable[[Ticket], bool]) -> None:
        """Gives up the leases without a group whose ticket is chosen."""
        for lease, ticket in list(self._tickets.items()):
            if chosen(ticket) and not self._was_sent(lease):
                self._close(lease)

    def is_queued(self, ticket: Ticket) -> bool:
        return ticket.lease in self._queue

    def restart(self, acknowledged: int, keeps: bool) -> None:
        """The learner has started again. Groups without a verdict may still be the first of their tickets:
        they are kept (`keeps`: this learner knows what to do with them), and numbered on from what it
        counts from. All else means nothing to it."""
        kept, self.unanswered = (self.unanswered if keeps else []), []
        self._tickets = {sent.lease: self._tickets[sent.lease] for sent in kept}
        self._queue, self._closed = [], {}
        self.sequence = self.acknowledged = acknowledged
        for sent in kept:
            self.send(sent.group)

    def _settle(self, settled: list[Sent]) -> None:
        for sent in settled:
            self.unanswered.remove(sent)
            self._close(sent.lease)

    def _was_sent(self, lease: int) -> bool:
        return any(sent.lease == lease for sent in self.unanswered)

    def _close(self, lease: int) -> None:
        self._tickets.pop(lease, None)
        if lease in self._queue:
            self._queue.remove(lease)
        self._closed[lease] = None
        while len(self._closed) > CLOSED:
            del self._closed[next(iter(self._closed))]
