"""`python -m cohort_worker --connect tcp://127.0.0.1:5555`: a rollout worker as a process."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import time
from pathlib import Path

from .addresses import LearnerAddress
from .keys import Security
from .link import LearnerLost, WorkerLink
from .session import Identity, WorkerSession
from .worker import Policy, RolloutWorker
from .worker_messages import WORKER_NAME


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="cohort-worker", description=__doc__)
    parser.add_argument(
        "--connect", required=True, metavar="ENDPOINT", help="the learner's address"
    )
    parser.add_argument("--snapshots", metavar="ENDPOINT", help="without it: the next port")
    parser.add_argument(
        "--model", type=Path, metavar="DIR", help="its config.json; without it: the learner's"
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, …")
    parser.add_argument(
        "--threads", type=int, metavar="N", help="of PyTorch; without it: its choice"
    )
    parser.add_argument("--name", default=None, help="of this worker, different from all others")
    parser.add_argument("--slots", type=int, default=16, help="groups that are sampled together")
    parser.add_argument("--reconnect-seconds", type=float, default=60.0, metavar="S")
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="NAME.key of cohort keygen; then named NAME@PROCESS",
    )
    parser.add_argument(
        "--learner-key", type=Path, metavar="FILE", help="the learner's learner.pub"
    )
    parser.add_argument("--insecure", action="store_true", help="other machines without encryption")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Works until the learner has no more for this worker. Exits with 1 where it is lost."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("cohort-worker: terminated"))
    try:
        work(options)
    except (LearnerLost, ValueError) as error:
        sys.exit(f"cohort-worker: {error}")
    except KeyboardInterrupt:
        sys.exit("cohort-worker: interrupted")


def keys(options: argparse.Namespace) -> Security | None:
    """What the files say, if there are any."""
    if (options.key is None) != (options.learner_key is None):
        raise ValueError("--key and --learner-key belong together: both, or neither")
    if options.key is None:
        return None
    if options.insecure:
        raise ValueError("--insecure goes without the encryption that --key asks for; drop one")
    return Security.read(options.key, options.learner_key)


def work(options: argparse.Namespace) -> None:
    address = LearnerAddress.parse(options.connect, options.snapshots)
    security = keys(options)
    if not (address.is_local or security or options.insecure):
        raise ValueError(
            f"{options.connect} is not encrypted; make a key (cohort keygen NAME) and say --key "
            "NAME.key --learner-key learner.pub, tunnel it through ssh, or say --insecure"
        )
    host = socket.gethostname().split(".")[0]
    name = options.name or (f"{security.identity}@" if security else f"{host}-") + str(os.getpid())
    if not WORKER_NAME.match(name) or len(name) > 128:
        raise ValueError(f"{name}: a worker's name has 1 to 128 letters, digits and . _ - @")
    # PyTorch takes seconds to import; errors of the command line should not.
    try:
        import torch

        from .sampler import Sampler, fingerprint
    except ModuleNotFoundError as error:
        remedy = "pip install 'protocols/python[transformers]'"
        raise ValueError(f"{error}; {remedy} brings what sampling needs") from error

    if options.threads:
        torch.set_num_threads(options.threads)

    def make_policy(configuration) -> Policy:
        return Sampler(options.model or configuration.model, options.device, configuration.dtype)

    identity = Identity(name, time.time_ns(), fingerprint(options.device))
    session = WorkerSession(
        identity, options.slots, time.monotonic(), reconnect_deadline=options.reconnect_seconds
    )

    def note(sentence: str) -> None:
        print(f"{name}: {sentence} ({options.connect})", file=sys.stderr)

    deadline = options.reconnect_seconds
    with WorkerLink(
        address, session, fetch_deadline=deadline, security=security, note=note
    ) as link:
        totals = RolloutWorker(link, make_policy, options.slots).run()
    counts = ", ".join(f"{n} {outcome}" for outcome, n in sorted(session.verdicts.items()))
    print(
        f"{totals.groups} groups ({counts}), {totals.tokens} tokens, "
        f"{totals.tokens_per_second:.0f} tokens/s while sampling, {totals.snapshots} snapshots; "
        f"sampling {totals.sampling:.1f} s, fetching {totals.fetching:.1f} s, "
        f"waiting {totals.waiting:.1f} s"
    )


if __name__ == "__main__":
    main()
