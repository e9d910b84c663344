"""Vectors of GROUP, and of payloads at large."""

import random

from building import *


def group_tensors(
    prompt=(1, 2, 3),
    completions=((5, 6), (7,)),
    logprobs=(-0.5, -1.25, -0.125),
    masses=None,
    reasons=None,
    rewards=None,
    by_function=None,
):
    reasons = [0] * len(completions) if reasons is None else reasons
    tensors = [
        tensor("prompt", "I32", prompt),
        tensor("lengths", "U32", [len(c) for c in completions]),
        tensor("tokens", "I32", [t for c in completions for t in c]),
        tensor("behavior_logprobs", "F32", logprobs),
    ]
    if masses is not None:
        tensors.append(tensor("kept_log_masses", "F32", masses))
    tensors.append(tensor("finish_reasons", "U8", reasons))
    if rewards is not None:
        tensors.append(tensor("rewards", "F64", rewards))
    if by_function is not None:
        tensors += function_tensors(by_function)
    return tensors


def function_tensors(rows):
    """`rows`: one per completion; None where a function does not apply."""
    shape, flat = [len(rows), len(rows[0])], [value for row in rows for value in row]
    tensors = [tensor("function_rewards", "F64", [0.0 if v is None else v for v in flat], shape)]
    if None in flat:
        tensors.append(tensor("reward_applies", "U8", [int(v is not None) for v in flat], shape))
    return tensors


def group_fields(sequence=3, lease=9, ordinal=5, incarnation=11, scoring_failure=None, **v):
    fields = dict(
        incarnation=incarnation,
        sequence=sequence,
        lease=lease,
        key=key(),
        ordinal=ordinal,
        version=version(**v),
    )
    if scoring_failure is not None:
        fields["scoring_failure"] = scoring_failure
    return fields


def good_group(
    name,
    prompt=(1, 2, 3),
    completions=((5, 6), (7,)),
    logprobs=(-0.5, -1.25, -0.125),
    masses=None,
    reasons=None,
    rewards=None,
    by_function=None,
    extra=(),
    shuffle=False,
    masses_sent=True,
    canonical=True,
    **fields,
):
    tensors = group_tensors(
        prompt, completions, logprobs, masses if masses_sent else None, reasons, rewards, by_function
    ) + list(extra)
    if shuffle:
        tensors.reverse()
    header = group_fields(**fields)
    counts = [len(c) for c in completions]
    starts = [sum(counts[:i]) for i in range(len(counts))]
    decoded = shown(
        incarnation=header["incarnation"],
        sequence=header["sequence"],
        lease=header["lease"],
        key=shown_key(),
        ordinal=header["ordinal"],
        version=shown_version(header["version"].incarnation, header["version"].number),
        prompt=list(prompt),
        completions=[
            shown(
                tokens=list(c),
                behavior_logprobs=list(logprobs[s : s + len(c)]),
                kept_log_masses=list((masses or [0] * sum(counts))[s : s + len(c)]),
                finish_reason=(reasons or [0] * len(counts))[i],
                reward=None if rewards is None else number(rewards[i]),
                rewards=None
                if by_function is None
                else [None if v is None else number(v) for v in by_function[i]],
            )
            for i, (c, s) in enumerate(zip(completions, starts))
        ],
        scoring_failure=header.get("scoring_failure"),
    )
    if not canonical:
        decoded["canonical"] = False
    good(name, "GROUP", decoded, header, tensors)


def write_groups():
    good_group("group: not scored, nothing cut")
    good_group("group: scored", rewards=[1.0, -0.5])
    good_group("group: with kept masses", masses=(0, -0.25, -0.5))
    good_group(
        "group: everything there", masses=(-0.5, 0, -0.25), reasons=[1, 0], rewards=[0.0, 2.5]
    )
    good_group(
        "group: one completion of one token", completions=((0,),), logprobs=(0,), rewards=[0.25]
    )
    good_group("group: a prompt of one token", prompt=(0,))
    good_group(
        "group: the largest ids and numbers",
        prompt=(2**31 - 1,),
        completions=((2**31 - 1,),),
        logprobs=(-1.0,),
        sequence=BIG,
        lease=BIG,
        ordinal=BIG,
        incarnation=BIG,
        number=BIG,
    )
    good_group("group: version 0 of incarnation 0", incarnation=1, number=0)
    for value in ("nan", "inf", "-inf"):
        good_group(
            f"group: a reward of {value} is the learner's to drop", rewards=[float(value), 1.0]
        )
    good_group("group: one function", rewards=[1.0, -0.5], by_function=[[1.0], [-0.5]])
    good_group(
        "group: two functions, one of which does not apply everywhere",
        rewards=[1.25, -0.5],
        by_function=[[1.0, 0.5], [-0.5, None]],
    )
    good_group(
        "group: no function applies to a completion",
        rewards=[1.0, float("nan")],
        by_function=[[None, 1.0], [None, None]],
    )
    for value in ("nan", "inf", "-inf"):
        good_group(
            f"group: {value} of a function is not the same as none",
            rewards=[float(value), 1.0],
            by_function=[[float(value), None], [0.0, 1.0]],
        )
    good_group(
        "group: 64 functions",
        rewards=[0.0, 63.0],
        by_function=[[None if i % 3 else float(i) for i in range(64)], [1.0] * 63 + [0.0]],
    )
    good_group("group: a scoring failure", scoring_failure="the reward program judge ended")
    good_group("group: the longest scoring failure", scoring_failure="ä" * 2048)
    good_group(
        "group: log-probability at the least finite value",
        logprobs=(-3.4028234663852886e38, 0, -1.0),
    )
    good_group("group: log-probability at the least subnormal", logprobs=(-(2.0**-149), 0, -1.0))
    for size in (2, 3, 4, 8):
        completions = tuple(tuple(range(i, 2 * i + 1)) for i in range(size))
        count = sum(map(len, completions))
        good_group(
            f"group: {size} completions of different lengths",
            completions=completions,
            logprobs=tuple(-i / 8 for i in range(count)),
            reasons=[i % 2 for i in range(size)],
            rewards=[i / 4 for i in range(size)],
            masses=tuple(-(i % 3) / 2 for i in range(count)),
        )
    draw = random.Random(1)
    for index in range(24):
        completions = tuple(
            tuple(draw.randrange(2 ** draw.randrange(1, 32)) for _ in range(draw.randrange(1, 6)))
            for _ in range(draw.randrange(1, 6))
        )
        count, size = sum(map(len, completions)), len(completions)
        eighths = lambda: tuple(-draw.randrange(80) / 8 for _ in range(count))
        good_group(
            f"group: drawn {index}",
            prompt=tuple(draw.randrange(2**31) for _ in range(draw.randrange(1, 9))),
            completions=completions,
            logprobs=eighths(),
            masses=draw.choice([None, eighths()]),
            reasons=[draw.randrange(2) for _ in range(size)],
            rewards=draw.choice([None, [draw.randrange(-40, 40) / 8 for _ in range(size)]]),
            sequence=draw.randrange(1, 2 ** draw.randrange(1, 65)),
            lease=draw.randrange(1, 2 ** draw.randrange(1, 65)),
            ordinal=draw.randrange(2**40),
            number=draw.randrange(2**20),
            incarnation=draw.randrange(1, 2**31),
        )
    # No canonical form is demanded, only meaning: these decode, though encoders write them otherwise.
    good_group(
        "group: what applies is said although everything does",
        rewards=[1.0, 2.0],
        by_function=[[1.0], [2.0]],
        extra=[tensor("reward_applies", "U8", [1, 1], [2, 1])],
        canonical=False,
    )
    base = group_fields()
    decoded = dict(
        incarnation=11,
        sequence=3,
        lease=9,
        key=shown_key(),
        ordinal=5,
        version=shown_version(),
        prompt=[1, 2, 3],
        completions=[
            dict(
                tokens=[5, 6],
                behavior_logprobs=[-0.5, -1.25],
                kept_log_masses=[0, 0],
                finish_reason=0,
            ),
            dict(tokens=[7], behavior_logprobs=[-0.125], kept_log_masses=[0], finish_reason=0),
        ],
    )
    good(
        "group: another order of tensors",
        "GROUP",
        dict(decoded, canonical=False),
        base,
        group_tensors()[::-1],
    )
    good(
        "group: masses sent although all are 0",
        "GROUP",
        dict(decoded, canonical=False),
        base,
        group_tensors(masses=(0, 0, 0)),
    )
    good(
        "group: a newer minor with an unknown tensor",
        "GROUP",
        dict(decoded, canonical=False),
        base,
        group_tensors() + [tensor("entropies", "F16", b"\1\2\3\4\5\6")],
        minor=9,
    )
    good(
        "group: a newer minor with an unknown empty tensor",
        "GROUP",
        dict(decoded, canonical=False),
        base,
        group_tensors() + [tensor("future", "I64", b"", [0, 3])],
        minor=2,
    )
    good(
        "group: a newer minor with unknown fields",
        "GROUP",
        dict(decoded, canonical=False),
        base,
        group_tensors(),
        raw=bytes.fromhex("a206056f74686572" "f80607"),
        minor=255,
    )
    good(
        "group: 1.7 with unknown fields and unknown tensors",
        "GROUP",
        dict(decoded, canonical=False),
        base,
        group_tensors() + [tensor("entropies", "F16", b"\1\2"), tensor("future", "I64", b"", [0])],
        raw=bytes.fromhex("a206056f74686572" "f80607"),
        minor=7,
    )
    good("group: of 1.0", "GROUP", decoded, base, group_tensors(), minor=0)


def bad_group(name, error, tensors=None, edit=None, tail=b"", **kwargs):
    fields = group_fields()
    fields.update(kwargs.pop("fields", {}))
    bad(
        f"group: {name}",
        error,
        "worker",
        build(
            "GROUP",
            fields,
            tensors if tensors is not None else group_tensors(),
            edit,
            tail,
            **kwargs,
        ),
    )


def replaced(name, *args, tensors=None):
    return [
        tensor(name, *args) if t["name"] == name else (t, d)
        for t, d in (tensors or group_tensors(rewards=[1, 2], masses=(0, -1, 0)))
    ]


def write_bad_groups():
    for field in ("key", "version"):
        bad_group(f"no {field}", "missing_field", edit=lambda h: h.ClearField(field))
    bad_group("sequence 0", "bad_field", fields=dict(sequence=0))
    bad_group("lease 0", "bad_field", fields=dict(lease=0))
    bad_group("incarnation 0", "bad_field", fields=dict(incarnation=0))
    for name in ("prompt", "lengths", "tokens", "behavior_logprobs", "finish_reasons"):
        bad_group(f"no {name}", "bad_tensor", [t for t in group_tensors() if t[0]["name"] != name])
    bad_group("no payload at all", "bad_tensor", [])
    for position, value in (
        (0, float("nan")),
        (1, float("inf")),
        (2, float("-inf")),
        (1, 0.5),
        (2, 2.0**-149),
    ):
        logprobs, masses = [-0.5, -1.25, -0.125], [0.0, -1.0, 0.0]
        logprobs[position] = masses[position] = value
        bad_group(
            f"log-probability {value} at {position}",
            "bad_value",
            replaced("behavior_logprobs", "F32", logprobs),
        )
        bad_group(
            f"kept mass {value} at {position}",
            "bad_value",
            replaced("kept_log_masses", "F32", masses),
        )
    bad_group("a negative token", "bad_value", replaced("tokens", "I32", [5, -1, 7]))
    bad_group("a negative prompt token", "bad_value", replaced("prompt", "I32", [-(2**31)]))
    bad_group("an empty prompt", "bad_value", replaced("prompt", "I32", []))
    bad_group("finish reason 2", "bad_value", replaced("finish_reasons", "U8", [0, 2]))
    bad_group("a completion without tokens", "bad_value", replaced("lengths", "U32", [3, 0]))
    bad_group("lengths that add up to less", "bad_tensor", replaced("lengths", "U32", [1, 1]))
    bad_group("lengths that add up to more", "bad_tensor", replaced("lengths", "U32", [2, 2]))
    bad_group(
        "a length above the limit", "limit_exceeded", replaced("lengths", "U32", [2, 2**20 + 1])
    )
    bad_group("a length of 2^32 - 1", "limit_exceeded", replaced("lengths", "U32", [2**32 - 1, 1]))
    bad_group("no completions", "bad_tensor", group_tensors(completions=(), logprobs=()))
    bad_group(
        "4,097 completions",
        "limit_exceeded",
        [tensor("prompt", "I32", [1]), tensor("lengths", "U32", [1] * 4097)],
    )
    bad_group("one reward too few", "bad_tensor", replaced("rewards", "F64", [1.0]))
    bad_group("one reward too many", "bad_tensor", replaced("rewards", "F64", [1.0, 2.0, 3.0]))
    write_bad_function_rewards()
    bad_group("one finish reason too few", "bad_tensor", replaced("finish_reasons", "U8", [0]))
    bad_group(
        "one log-probability too few",
        "bad_tensor",
        replaced("behavior_logprobs", "F32", [-1.0, -1.0]),
    )
    bad_group(
        "one kept mass too many", "bad_tensor", replaced("kept_log_masses", "F32", [0, 0, 0, 0])
    )
    bad_group("one token too many", "bad_tensor", replaced("tokens", "I32", [1, 2, 3, 4]))
    for name, dtype, data, shape in (
        ("tokens", "U32", bytes(12), [3]),
        ("tokens", "I64", bytes(24), [3]),
        ("behavior_logprobs", "F64", bytes(24), [3]),
        ("lengths", "I32", bytes(8), [2]),
        ("rewards", "F32", bytes(8), [2]),
        ("finish_reasons", "I8", bytes(2), [2]),
        ("prompt", "F32", bytes(4), [1]),
        ("kept_log_masses", "F16", bytes(6), [3]),
    ):
        bad_group(f"{name} as {dtype}", "bad_tensor", replaced(name, dtype, data, shape))
    for shape in ([3, 1], [1, 3], [1, 1, 3], []):
        data = bytes(12) if shape else bytes(4)
        bad_group(f"tokens of shape {shape}", "bad_tensor", replaced("tokens", "I32", data, shape))


def write_bad_function_rewards():
    scored = group_tensors(rewards=[1, 2])
    values = lambda data, shape, dtype="F64": tensor("function_rewards", dtype, data, shape)
    applies = lambda data, shape: tensor("reward_applies", "U8", data, shape)
    bad_group(
        "rewards by function without their sum",
        "bad_tensor",
        group_tensors(by_function=[[1.0], [2.0]]),
    )
    bad_group("function rewards of shape [2]", "bad_tensor", scored + [values([1, 2], [2])])
    bad_group("function rewards of shape [1, 2]", "bad_tensor", scored + [values([1, 2], [1, 2])])
    bad_group("function rewards of no function", "bad_tensor", scored + [values([], [2, 0])])
    bad_group("function rewards as F32", "bad_tensor", scored + [values([1, 2], [2, 1], "F32")])
    bad_group(
        "65 functions", "limit_exceeded", scored + [values([0.0] * 130, [2, 65]), applies([1], [1])]
    )
    for name, data, shape, error in (
        ("of another shape", [1, 1], [1, 2], "bad_tensor"),
        ("that is 2", [1, 2], [2, 1], "bad_value"),
        ("that is 0 beside a value", [1, 0], [2, 1], "bad_value"),
    ):
        bad_group(
            f"a reward applies {name}", error, scored + [values([1, 2], [2, 1]), applies(data, shape)]
        )
    bad_group(
        "a reward applies 0 beside -0",
        "bad_value",
        scored + [values([1, -0.0], [2, 1]), applies([1, 0], [2, 1])],
    )
    bad_group(
        "rewards and a scoring failure", "bad_field", scored, fields=dict(scoring_failure="broken")
    )
    bad_group("an empty scoring failure", "bad_field", fields=dict(scoring_failure=""))
    bad_group(
        "a scoring failure of 4,097 bytes", "limit_exceeded", fields=dict(scoring_failure="x" * 4097)
    )


def describing(index, **fields):
    def edit(header):
        for name, value in fields.items():
            if name == "shape":
                del header.payload.tensors[index].shape[:]
                header.payload.tensors[index].shape.extend(value)
            else:
                setattr(header.payload.tensors[index], name, value)

    return edit


def write_bad_payloads():
    bad_group("an unknown dtype", "bad_descriptor", edit=describing(2, dtype="I33"))
    bad_group("a dtype in lower case", "bad_descriptor", edit=describing(2, dtype="i32"))
    bad_group("an empty dtype", "bad_descriptor", edit=describing(2, dtype=""))
    bad_group("an empty tensor name", "bad_descriptor", edit=describing(2, name=""))
    bad_group("a tensor name of 65 bytes", "bad_descriptor", edit=describing(2, name="x" * 65))
    bad_group("the same name twice", "bad_descriptor", edit=describing(2, name="prompt"))
    bad_group("bytes that are not shape times size", "bad_descriptor", edit=describing(2, bytes=13))
    bad_group("bytes of 0 beside a shape", "bad_descriptor", edit=describing(2, bytes=0))
    bad_group("bytes of 2^64 - 1", "bad_descriptor", edit=describing(2, bytes=BIG))
    bad_group(
        "a shape that overflows", "bad_descriptor", edit=describing(2, shape=[2**62, 4], bytes=0)
    )
    bad_group(
        "a shape that wraps round to the right length",
        "bad_descriptor",
        edit=describing(2, shape=[2**62 + 3], bytes=12),
    )
    bad_group(
        "an extent of 2^64 - 1 hidden by a 0",
        "bad_descriptor",
        edit=describing(2, shape=[0, BIG], bytes=0),
    )
    bad_group(
        "a tensor of 2^63 bytes", "bad_descriptor", edit=describing(2, shape=[2**61], bytes=2**63)
    )
    bad_group(
        "a tensor of 2^62 bytes", "payload_length", edit=describing(2, shape=[2**60], bytes=2**62)
    )
    bad_group(
        "two tensors of 2^62 bytes",
        "payload_length",
        edit=lambda h: (
            describing(1, shape=[2**60], bytes=2**62)(h),
            describing(2, shape=[2**60], bytes=2**62)(h),
        ),
    )
    bad_group("five dimensions", "bad_descriptor", edit=describing(2, shape=[3, 1, 1, 1, 1]))
    many = group_tensors() + [tensor(f"t{i}", "U8", b"") for i in range(60)]
    bad_group("65 tensors", "bad_descriptor", many)
    bad_group("a byte after the payload", "payload_length", tail=b"\0")
    bad_group("4,096 bytes after the payload", "payload_length", tail=bytes(4096))
    bad_group(
        "a described tensor that is not there",
        "payload_length",
        edit=lambda h: h.payload.tensors.add(name="more", dtype="U8", shape=[1], bytes=1),
    )
    bad_group(
        "a tensor that is not described", "payload_length", edit=lambda h: h.payload.tensors.pop()
    )
    bad_group(
        "another payload checksum",
        "payload_checksum",
        edit=lambda h: setattr(h.payload, "crc32c", h.payload.crc32c ^ 1),
    )
    bad_group(
        "payload checksum 0", "payload_checksum", edit=lambda h: h.payload.ClearField("crc32c")
    )
    bad_group("an undescribed payload", "payload_length", edit=lambda h: h.ClearField("payload"))
    bad(
        "heartbeat: a checksum of no bytes that is not 0",
        "payload_checksum",
        "worker",
        build(
            "WORKER-HEARTBEAT", dict(incarnation=1), edit=lambda h: setattr(h.payload, "crc32c", 5)
        ),
    )
    bad(
        "heartbeat: a byte after the header",
        "payload_length",
        "worker",
        build("WORKER-HEARTBEAT", dict(incarnation=1), tail=b"\0"),
    )
