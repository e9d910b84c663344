"""Vectors of the other commands of a worker, and of both GOODBYEs."""

import itertools

from building import *


def write_hello():
    def hello(name, minor=MINOR, raw=b"", canonical=None, **changes):
        fields = dict(incarnation=11, worker="w1", numerics="avx512/onednn-2.6/f32", free_slots=4)
        fields.update(changes)
        fields.setdefault("sequence", 0), fields.setdefault("acknowledged", 0), fields.setdefault(
            "held_leases", []
        )
        held = fields.get("held")
        decoded = shown(
            **dict(
                fields,
                held_leases=sorted(set(fields["held_leases"])),
                canonical=canonical,
                run_id=fields["run_id"].hex() if "run_id" in fields else None,
                configuration_fingerprint=(
                    fields["configuration_fingerprint"].hex()
                    if "configuration_fingerprint" in fields
                    else None
                ),
                held=(
                    shown_reference(
                        held.digest,
                        incarnation=held.version.incarnation,
                        number=held.version.number,
                    )
                    if held
                    else None
                ),
                limits=shown_limits(fields["limits"]) if "limits" in fields else None,
            )
        )
        good(f"hello: {name}", "HELLO", decoded, fields, minor=minor, raw=raw)

    hello("the least")
    hello(
        "everything",
        run_id=RUN,
        sequence=12,
        acknowledged=9,
        configuration_fingerprint=OTHER,
        held_leases=[3, 17, 900],
        held=reference(),
    )
    hello("the initial snapshot", held=reference(number=0, incarnation=0))
    optional = dict(
        run_id=RUN, configuration_fingerprint=OTHER, held_leases=[1, 128, 1 << 40], held=reference()
    )
    for count in range(len(optional)):
        for names in itertools.combinations(optional, count):
            hello(
                f"with {', '.join(names) or 'nothing more'}",
                sequence=300,
                acknowledged=299,
                **{name: optional[name] for name in names},
            )
    hello("no free slots", free_slots=0)
    hello("all acknowledged", sequence=5, acknowledged=5)
    hello(
        "largest numbers",
        incarnation=BIG,
        sequence=BIG,
        acknowledged=BIG,
        free_slots=2**32 - 1,
        held_leases=[1, BIG],
        held=reference(incarnation=2**32 - 1, number=BIG),
    )
    hello("a name of 128 characters", worker="a" * 128)
    hello("every kind of character in the name", worker="Z9.worker_3-b@host.example")
    hello("numerics of 4,096 bytes", numerics="n" * 4096)
    hello("numerics beyond ASCII", numerics="ü–漢")
    hello("a newer minor", minor=2)
    hello("of 1.0", minor=0, held=reference())
    hello("the protocol's limits", limits=limits())
    hello("the least limits", limits=pb.Limits(**{name: 1 for name in LIMITS}))
    for name in LIMITS:
        hello(f"its own {name}", limits=limits(**{name: 7}))
    hello(
        "limits of a newer minor",
        minor=2,
        limits=pb.Limits.FromString(limits().SerializeToString() + bytes.fromhex("c80605")),
        canonical=False,
    )
    hello(
        "a newer minor with unknown fields",
        minor=7,
        raw=bytes.fromhex("a20603616263" "c0c8016f"),
        canonical=False,
    )
    hello("leases repeated and in any order", held_leases=[9, 2, 9], canonical=False)
    hello("4,096 leases", held_leases=list(range(1, 4097)))

    def no(name, error, edit=None, **changes):
        fields = dict(incarnation=11, worker="w1", numerics="n", free_slots=4)
        fields.update(changes)
        bad(f"hello: {name}", error, "worker", build("HELLO", fields, edit=edit))

    no("no name", "bad_field", worker="")
    for text in ("w 1", "-w", ".w", "@w", "w/1", "w\n", "w\0", "wé", "../w", "w:1"):
        no(f"name {text!r}", "bad_field", worker=text)
    no("a name of 129 characters", "limit_exceeded", worker="a" * 129)
    no("no numerics", "bad_field", numerics="")
    no("numerics of 4,097 bytes", "limit_exceeded", numerics="n" * 4097)
    no("incarnation 0", "bad_field", incarnation=0)
    no("acknowledged beyond sent", "bad_field", sequence=4, acknowledged=5)
    no("lease 0 held", "bad_field", held_leases=[0, 1])
    no("4,097 leases", "limit_exceeded", held_leases=list(range(1, 4098)))
    no("4,097 times the same lease", "limit_exceeded", held_leases=[1] * 4097)
    for length in (0, 15, 17):
        no(f"a run id of {length} bytes", "bad_field", run_id=bytes(length))
    for length in (0, 31, 33):
        no(f"a fingerprint of {length} bytes", "bad_field", configuration_fingerprint=bytes(length))
    for name, most in LIMITS.items():
        no(f"{name} 0", "bad_field", limits=limits(**{name: 0}))
        no(f"{name} beyond the protocol's", "limit_exceeded", limits=limits(**{name: most + 1}))
    no("frames of 2^64 - 1 bytes", "limit_exceeded", limits=limits(frame_bytes=BIG))
    no("limits that say nothing", "bad_field", limits=pb.Limits())
    no("a snapshot without version", "missing_field", held=pb.SnapshotReference(digest=DIGEST))
    no("a snapshot without digest", "missing_field", held=pb.SnapshotReference(version=version()))
    no("a snapshot digest of 31 bytes", "bad_field", held=reference(digest=bytes(31)))
    no("a snapshot digest of 64 bytes", "bad_field", held=reference(digest=bytes(64)))


def write_worker():
    for name, fields in (
        ("the least", {}),
        (
            "everything",
            dict(sequence=8, acknowledged=3, held_leases=[5, 6], free_slots=2, held=reference()),
        ),
        ("leases but no snapshot", dict(held_leases=[1], free_slots=1)),
        (
            "largest numbers",
            dict(sequence=BIG, acknowledged=BIG, held_leases=[BIG], free_slots=2**32 - 1),
        ),
        ("acknowledged has nothing to do with sent", dict(acknowledged=100)),
    ):
        fields = dict(
            dict(incarnation=11, sequence=0, acknowledged=0, held_leases=[], free_slots=0), **fields
        )
        decoded = dict(fields)
        if "held" in fields:
            decoded["held"] = shown_reference()
        good(f"heartbeat: {name}", "WORKER-HEARTBEAT", decoded, fields)
    good(
        "heartbeat: a newer minor with a payload",
        "WORKER-HEARTBEAT",
        dict(
            incarnation=11,
            sequence=0,
            acknowledged=0,
            held_leases=[],
            free_slots=0,
            canonical=False,
        ),
        dict(incarnation=11),
        [tensor("load", "F32", [0.5])],
        minor=2,
    )
    bad("heartbeat: incarnation 0", "bad_field", "worker", build("WORKER-HEARTBEAT", {}))
    bad(
        "heartbeat: lease 0",
        "bad_field",
        "worker",
        build("WORKER-HEARTBEAT", dict(incarnation=1, held_leases=[0])),
    )
    bad(
        "heartbeat: 4,097 leases",
        "limit_exceeded",
        "worker",
        build("WORKER-HEARTBEAT", dict(incarnation=1, held_leases=range(1, 4098))),
    )
    bad(
        "heartbeat: a snapshot without version",
        "missing_field",
        "worker",
        build("WORKER-HEARTBEAT", dict(incarnation=1, held=pb.SnapshotReference(digest=DIGEST))),
    )
    bad(
        "heartbeat: a snapshot digest of 33 bytes",
        "bad_field",
        "worker",
        build("WORKER-HEARTBEAT", dict(incarnation=1, held=reference(digest=bytes(33)))),
    )
    for reason in ("", "scaled down", "Zeile 1\nZeile 2 \u001b[31m – 漢", "r" * 4096):
        label = reason[:11].encode("ascii", "replace").decode() or "nothing"
        fields = dict(incarnation=11, sequence=4, reason=reason)
        good(f"drained: {label!r}", "DRAINED", fields, fields)
    bad(
        "drained: a reason of 4,097 bytes",
        "limit_exceeded",
        "worker",
        build("DRAINED", dict(incarnation=1, reason="r" * 4097)),
    )
    bad("drained: incarnation 0", "bad_field", "worker", build("DRAINED", dict(reason="r")))
    for command, sender in (("WORKER-GOODBYE", "worker"), ("LEARNER-GOODBYE", "learner")):
        for number_, farewell in enumerate(("FINISHED", "RESTARTING", "FAILED"), 1):
            fields = dict(incarnation=11, farewell=number_, reason="because")
            good(
                f"{sender}'s goodbye: {farewell}", command, dict(fields, farewell=farewell), fields
            )
        good(
            f"{sender}'s goodbye: no reason",
            command,
            dict(incarnation=11, farewell="FINISHED", reason=""),
            dict(incarnation=11, farewell=1),
        )
        for farewell in (0, 4, -1):
            bad(
                f"{sender}'s goodbye: farewell {farewell}",
                "bad_field",
                sender,
                build(command, dict(incarnation=1, farewell=farewell)),
            )
        bad(
            f"{sender}'s goodbye: a reason of 4,097 bytes",
            "limit_exceeded",
            sender,
            build(command, dict(incarnation=1, farewell=1, reason="r" * 4097)),
        )
