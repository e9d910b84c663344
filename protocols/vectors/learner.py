"""Vectors of the commands of the learner."""

import random

from building import *


def write_welcome():
    base = dict(
        incarnation=3,
        run_id=RUN,
        configuration_fingerprint=OTHER,
        numerics="n",
        heartbeat_ms=1000,
        liveness_ms=5000,
        largest_group_bytes=1 << 20,
        group_size=8,
        reward_placement=1,
        current=reference(),
        acknowledged=0,
    )

    def welcome(name, configuration=None, placement="LEARNER", minor=MINOR, **changes):
        fields = dict(base, **changes)
        c = fields["current"].version
        decoded = shown(
            **dict(
                fields,
                run_id=fields["run_id"].hex(),
                configuration_fingerprint=fields["configuration_fingerprint"].hex(),
                reward_placement=placement,
                configuration=configuration,
                current=shown_reference(
                    fields["current"].digest, incarnation=c.incarnation, number=c.number
                ),
                limits=shown_limits(fields["limits"]) if "limits" in fields else None,
            )
        )
        tensors = (
            [] if configuration is None else [tensor("configuration", "U8", configuration.encode())]
        )
        good(f"welcome: {name}", "WELCOME", decoded, fields, tensors, minor=minor)

    welcome("no configuration")
    welcome("with configuration", '{"num_generations":8,"learning_rate":1e-6}')
    welcome("an empty configuration", "")
    welcome("a configuration beyond ASCII", '{"prompt":"3 − 4 = ?","漢":"ü"}')
    welcome("workers score", placement="WORKER", reward_placement=2)
    welcome("something acknowledged", acknowledged=77)
    welcome(
        "the least",
        heartbeat_ms=1,
        liveness_ms=2,
        largest_group_bytes=1,
        group_size=1,
        incarnation=0,
        current=reference(incarnation=0, number=0),
    )
    welcome(
        "largest numbers",
        heartbeat_ms=2**32 - 2,
        liveness_ms=2**32 - 1,
        largest_group_bytes=16 + 65536 + 2**26,
        group_size=4096,
        incarnation=2**32 - 1,
        acknowledged=BIG,
        current=reference(incarnation=2**32 - 1, number=BIG),
    )
    welcome("a newer minor", minor=3)
    welcome("of 1.0", '{"num_generations":8}', minor=0)
    welcome("the protocol's limits", limits=limits())
    welcome(
        "the least limits",
        limits=pb.Limits(**{name: 1 for name in LIMITS}),
    )
    for name in LIMITS:
        welcome(f"its own {name}", limits=limits(**{name: 7}))

    def no(name, error, configuration=None, edit=None, **changes):
        tensors = [] if configuration is None else [configuration]
        bad(
            f"welcome: {name}",
            error,
            "learner",
            build("WELCOME", dict(base, **changes), tensors, edit),
        )

    for field in ("run_id", "configuration_fingerprint", "current"):
        no(f"no {field}", "missing_field", edit=lambda h: h.ClearField(field))
    no("a run id of 15 bytes", "bad_field", run_id=bytes(15))
    no("a fingerprint of 33 bytes", "bad_field", configuration_fingerprint=bytes(33))
    no(
        "a snapshot without digest",
        "missing_field",
        current=pb.SnapshotReference(version=version()),
    )
    no("incarnation of 33 bits", "bad_field", incarnation=2**32)
    no("no numerics", "bad_field", numerics="")
    no("no heartbeat", "bad_field", heartbeat_ms=0)
    no("liveness not longer than heartbeat", "bad_field", liveness_ms=1000)
    no("group size 0", "bad_field", group_size=0)
    no("group size 4,097", "limit_exceeded", group_size=4097)
    no("groups of 0 bytes", "bad_field", largest_group_bytes=0)
    no("groups larger than any frame", "limit_exceeded", largest_group_bytes=16 + 65536 + 2**26 + 1)
    no("groups of 2^64 - 1 bytes", "limit_exceeded", largest_group_bytes=BIG)
    for name, most in LIMITS.items():
        no(f"{name} 0", "bad_field", limits=limits(**{name: 0}))
        no(f"{name} beyond the protocol's", "limit_exceeded", limits=limits(**{name: most + 1}))
    for placement in (0, 3, -5):
        no(f"reward placement {placement}", "bad_field", reward_placement=placement)
    for text in (b"\xff", b"ab\xc3", b"\xed\xa0\x80", b"\xc0\x80"):
        no(f"a configuration of {text.hex()}", "bad_value", tensor("configuration", "U8", text))
    no("a configuration as I8", "bad_tensor", tensor("configuration", "I8", b"{}"))
    no(
        "a configuration of two dimensions",
        "bad_tensor",
        tensor("configuration", "U8", b"{}", [1, 2]),
    )


def lease_tensors(prompts, columns):
    encoded = [c.encode() if isinstance(c, str) else c for c in columns]
    return [
        tensor("prompt_lengths", "U32", [len(p) for p in prompts]),
        tensor("prompts", "I32", [t for p in prompts for t in p]),
        tensor("column_lengths", "U32", [len(c) for c in encoded]),
        tensor("columns", "U8", b"".join(encoded)),
    ]


def ticket(lease=9, ordinal=5, deadline_ms=60000, pass_=1, prompt_index=41, attempt=0, **v):
    return pb.LeasedTicket(
        lease=lease,
        key=key(pass_, prompt_index, attempt),
        ordinal=ordinal,
        version=version(**v),
        deadline_ms=deadline_ms,
    )


def write_lease():
    def lease(name, tickets, prompts, columns, minor=MINOR, sequence=6):
        decoded = dict(
            incarnation=3,
            sequence=sequence,
            tickets=[
                dict(
                    lease=t.lease,
                    key={
                        "pass": getattr(t.key, "pass"),
                        "prompt_index": t.key.prompt_index,
                        "attempt": t.key.attempt,
                    },
                    ordinal=t.ordinal,
                    version=shown_version(t.version.incarnation, t.version.number),
                    deadline_ms=t.deadline_ms,
                    prompt=list(p),
                    columns=c,
                )
                for t, p, c in zip(tickets, prompts, columns)
            ],
        )
        good(
            f"lease: {name}",
            "LEASE",
            decoded,
            dict(incarnation=3, sequence=sequence, tickets=tickets),
            lease_tensors(prompts, columns),
            minor=minor,
        )

    lease("one ticket", [ticket()], [[1, 2]], [""])
    lease("one ticket with columns", [ticket()], [[1, 2]], ['{"answer":"12"}'])
    lease("columns beyond ASCII", [ticket()], [[1, 2]], ['{"Antwort":"−7 漢"}'])
    lease(
        "three tickets, the middle one without columns",
        [ticket(lease=n, ordinal=n, prompt_index=n) for n in (4, 5, 6)],
        [[1], [2, 3, 4], [5, 6]],
        ["a", "", "ccc"],
    )
    lease("the least", [ticket(1, 0, 0, 0, 0, 0, incarnation=0, number=0)], [[0]], [""], sequence=1)
    lease(
        "largest numbers",
        [
            ticket(
                BIG,
                BIG,
                2**32 - 1,
                2**32 - 1,
                2**32 - 1,
                2**32 - 1,
                incarnation=2**32 - 1,
                number=BIG,
            )
        ],
        [[2**31 - 1]],
        [""],
        sequence=BIG,
    )
    draw = random.Random(2)
    for index in range(22):
        size = draw.randrange(1, 7)
        lease(
            f"drawn {index}",
            [
                ticket(
                    100 * n + draw.randrange(1, 100),
                    draw.randrange(2**40),
                    draw.randrange(2**32),
                    draw.randrange(2**32),
                    draw.randrange(2**32),
                    draw.randrange(2**32),
                    incarnation=draw.randrange(2**32),
                    number=draw.randrange(2**64),
                )
                for n in range(size)
            ],
            [[draw.randrange(2**31) for _ in range(draw.randrange(1, 6))] for _ in range(size)],
            [draw.choice(["", "{}", '{"answer":"ü"}']) for _ in range(size)],
        )
    lease("a newer minor", [ticket()], [[1, 2]], [""], minor=4)
    lease("of 1.0", [ticket()], [[1, 2]], [""], minor=0)

    def no(name, error, tickets=None, tensors=None, sequence=6):
        tickets = [ticket()] if tickets is None else tickets
        tensors = lease_tensors([[1, 2]], ["x"]) if tensors is None else tensors
        bad(
            f"lease: {name}",
            error,
            "learner",
            build("LEASE", dict(incarnation=3, sequence=sequence, tickets=tickets), tensors),
        )

    no("sequence 0", "bad_field", sequence=0)
    no("lease 0", "bad_field", [ticket(lease=0)])
    no(
        "the same lease twice",
        "bad_field",
        [ticket(), ticket()],
        lease_tensors([[1], [2]], ["", ""]),
    )
    no("no tickets", "bad_field", [], lease_tensors([], []))
    no(
        "513 tickets",
        "limit_exceeded",
        [ticket(lease=n) for n in range(1, 514)],
        lease_tensors([[1]] * 513, [""] * 513),
    )
    no("no key", "missing_field", [pb.LeasedTicket(lease=9, version=version())])
    no("no version", "missing_field", [pb.LeasedTicket(lease=9, key=key())])
    no("an empty prompt", "bad_value", tensors=lease_tensors([[]], [""]))
    no("a negative token", "bad_value", tensors=lease_tensors([[1, -2]], [""]))
    no("columns that are not UTF-8", "bad_value", tensors=lease_tensors([[1]], [b"\xff\xfe"]))
    no(
        "a character cut between two columns",
        "bad_value",
        [ticket(lease=1), ticket(lease=2)],
        lease_tensors([[1], [2]], [b"\xc3", b"\xbc"]),
    )
    no("more prompts than tickets", "bad_tensor", tensors=lease_tensors([[1], [2]], [""]))
    no("fewer columns than tickets", "bad_tensor", tensors=lease_tensors([[1]], []))
    for index, name in enumerate(("prompt_lengths", "prompts", "column_lengths", "columns")):
        tensors = lease_tensors([[1, 2]], ["x"])
        no(f"no {name}", "bad_tensor", tensors=tensors[:index] + tensors[index + 1 :])
    long = lease_tensors([[1, 2]], ["x"])
    no(
        "a prompt length beyond the prompts",
        "bad_tensor",
        tensors=[tensor("prompt_lengths", "U32", [2**32 - 1])] + long[1:],
    )
    no(
        "a column length beyond the columns",
        "bad_tensor",
        tensors=long[:2] + [tensor("column_lengths", "U32", [2**32 - 1])] + long[3:],
    )


OUTCOMES = {1: "ACCEPTED", 2: "DUPLICATE", 3: "DROPPED"}
CAUSES = [
    "OTHER",
    "STALE",
    "EXPIRED",
    "UNKNOWN_LEASE",
    "TICKET_MISMATCH",
    "INVALID",
    "BAD_REWARD",
    "NUMERICS",
    "NOT_NEEDED",
    "REWARD_FAILED",
    "CONSTANT_REWARDS",
]


def write_ack():
    def ack(name, verdicts, acknowledged=4, canonical=None, minor=MINOR):
        decoded = shown(
            incarnation=3,
            acknowledged=acknowledged,
            canonical=canonical,
            verdicts=[
                shown(
                    sequence=v["sequence"],
                    lease=v["lease"],
                    outcome=OUTCOMES[v["outcome"]],
                    durable=v.get("durable", False) if v["outcome"] == 1 else None,
                    cause=(
                        (CAUSES[v.get("cause", 0)] if v.get("cause", 0) < len(CAUSES) else "OTHER")
                        if v["outcome"] == 3
                        else None
                    ),
                )
                for v in verdicts
            ],
        )
        good(
            f"ack: {name}",
            "ACK",
            decoded,
            dict(
                incarnation=3,
                acknowledged=acknowledged,
                verdicts=[pb.Verdict(**v) for v in verdicts],
            ),
            minor=minor,
        )

    ack("nothing yet", [], 0)
    ack("only the number", [])
    ack("accepted and durable", [dict(sequence=4, lease=9, outcome=1, durable=True)])
    ack("accepted, not durable", [dict(sequence=4, lease=9, outcome=1)])
    ack("duplicate", [dict(sequence=4, lease=9, outcome=2)])
    for cause, name in enumerate(CAUSES):
        ack(f"dropped: {name}", [dict(sequence=4, lease=9, outcome=3, cause=cause)])
    ack(
        "dropped for a cause of the future",
        [dict(sequence=4, lease=9, outcome=3, cause=99)],
        canonical=False,
    )
    for cause, name in enumerate(CAUSES[:9]):
        verdicts = [dict(sequence=4, lease=9, outcome=3, cause=cause)]
        ack(f"of 1.0, dropped: {name}", verdicts, minor=0)
    ack(
        "all kinds at once",
        [
            dict(sequence=1, lease=8, outcome=1, durable=True),
            dict(sequence=2, lease=7, outcome=2),
            dict(sequence=9, lease=BIG, outcome=3, cause=6),
        ],
        BIG,
    )

    def no(name, error, verdicts):
        bad(
            f"ack: {name}",
            error,
            "learner",
            build("ACK", dict(incarnation=3, verdicts=[pb.Verdict(**v) for v in verdicts])),
        )

    for outcome in (0, 4, -1):
        no(f"outcome {outcome}", "bad_field", [dict(sequence=1, lease=1, outcome=outcome)])
    no("sequence 0", "bad_field", [dict(sequence=0, lease=1, outcome=1)])
    no("lease 0", "bad_field", [dict(sequence=1, lease=0, outcome=1)])
    no("a durable duplicate", "bad_field", [dict(sequence=1, lease=1, outcome=2, durable=True)])
    no("a durable drop", "bad_field", [dict(sequence=1, lease=1, outcome=3, durable=True)])
    no(
        "an accepted group with a cause",
        "bad_field",
        [dict(sequence=1, lease=1, outcome=1, cause=1)],
    )
    no("a duplicate with a cause", "bad_field", [dict(sequence=1, lease=1, outcome=2, cause=1)])
    no("513 verdicts", "limit_exceeded", [dict(sequence=1, lease=1, outcome=1)] * 513)


REJECTS = [
    "OTHER",
    "UNSUPPORTED_VERSION",
    "MALFORMED",
    "HELLO_REQUIRED",
    "WRONG_RUN",
    "FENCED",
    "NUMERICS",
    "NOT_AUTHORIZED",
    "TOO_LARGE",
    "FULL",
    "STOPPING",
    "SEQUENCE",
    "BARRED",
]


def write_learner():
    for code, name in enumerate(REJECTS):
        fields = dict(incarnation=3, code=code, reason="one sentence.", type=0x0101, sequence=0)
        good(f"reject: {name}", "REJECT", dict(fields, code=name), fields)
    for name, fields in (
        ("the least", {}),
        ("a group", dict(code=8, reason="too large", type=0x0102, sequence=BIG)),
        ("a type of the future", dict(code=2, type=0xFFFF)),
    ):
        fields = dict(dict(incarnation=3, code=0, reason="", type=0, sequence=0), **fields)
        good(f"reject: {name}", "REJECT", dict(fields, code=REJECTS[fields["code"]]), fields)
    good(
        "reject: a code of the future",
        "REJECT",
        dict(incarnation=3, code="OTHER", reason="r", type=0, sequence=0, canonical=False),
        dict(incarnation=3, code=1000, reason="r"),
    )
    bad("reject: a type of 17 bits", "bad_field", "learner", build("REJECT", dict(type=65536)))
    bad(
        "reject: a reason of 4,097 bytes",
        "limit_exceeded",
        "learner",
        build("REJECT", dict(reason="r" * 4097)),
    )
    bad(
        "reject: incarnation of 33 bits",
        "bad_field",
        "learner",
        build("REJECT", dict(incarnation=2**32)),
    )
    for name, fields in (
        ("the least", {}),
        ("everything", dict(sequence=4, acknowledged=6, held_leases=[2, 3, 300])),
        ("largest numbers", dict(sequence=BIG, acknowledged=BIG, held_leases=[BIG])),
    ):
        fields = dict(
            dict(incarnation=3, sequence=0, acknowledged=0, held_leases=[], current=reference()),
            **fields,
        )
        good(
            f"heartbeat: {name}",
            "LEARNER-HEARTBEAT",
            dict(fields, current=shown_reference()),
            fields,
        )
    beat = dict(incarnation=3, current=reference())
    bad(
        "heartbeat: no snapshot",
        "missing_field",
        "learner",
        build("LEARNER-HEARTBEAT", dict(incarnation=3)),
    )
    bad(
        "heartbeat: a snapshot digest of 16 bytes",
        "bad_field",
        "learner",
        build("LEARNER-HEARTBEAT", dict(current=reference(digest=bytes(16)))),
    )
    bad(
        "heartbeat: lease 0",
        "bad_field",
        "learner",
        build("LEARNER-HEARTBEAT", dict(beat, held_leases=[0])),
    )
    bad(
        "heartbeat: 4,097 leases",
        "limit_exceeded",
        "learner",
        build("LEARNER-HEARTBEAT", dict(beat, held_leases=range(1, 4098))),
    )
    for mode, name in ((1, "FINISH"), (2, "STOP")):
        for reason in ("", "the run is complete"):
            fields = dict(incarnation=3, sequence=2, mode=mode, reason=reason)
            good(
                f"drain: {name}{', with reason' if reason else ''}",
                "DRAIN",
                dict(fields, mode=name),
                fields,
            )
    for mode in (0, 3):
        bad(
            f"drain: mode {mode}",
            "bad_field",
            "learner",
            build("DRAIN", dict(sequence=1, mode=mode)),
        )
    bad("drain: sequence 0", "bad_field", "learner", build("DRAIN", dict(mode=1)))
    bad(
        "drain: a reason of 4,097 bytes",
        "limit_exceeded",
        "learner",
        build("DRAIN", dict(sequence=1, mode=1, reason="r" * 4097)),
    )
