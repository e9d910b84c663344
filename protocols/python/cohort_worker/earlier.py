"""What a message says to a peer of an earlier minor version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .group import Group
from .learner_messages import Ack, Reject, Verdict, Welcome
from .values import DropCause, RejectCode
from .worker_messages import Hello

CAUSES_1_0 = {
    DropCause.REWARD_FAILED: DropCause.BAD_REWARD,
    DropCause.CONSTANT_REWARDS: DropCause.NOT_NEEDED,
}
"""Of the causes that came after 1.0, the nearest that 1.0 knows."""


def spoken(body: Any, minor: int) -> Any:
    """The body as a peer of `minor` is told it. A newer one is told what there is."""
    if minor >= 1:
        return body
    if isinstance(body, (Hello, Welcome)):
        return replace(body, limits=None)
    if isinstance(body, Group):
        completions = [replace(c, rewards=None) for c in body.completions]
        return replace(body, completions=completions, scoring_failure=None)
    if isinstance(body, Ack):
        return replace(body, verdicts=[_verdict(v) for v in body.verdicts])
    if isinstance(body, Reject) and body.code is RejectCode.BARRED:
        return replace(body, code=RejectCode.OTHER)
    return body


def _verdict(verdict: Verdict) -> Verdict:
    cause = verdict.cause
    return verdict if cause is None else replace(verdict, cause=CAUSES_1_0.get(cause, cause))
