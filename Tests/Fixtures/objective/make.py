"""Writes the golden values of the objective: advantages, losses, loss terms and gradients in float64.

Python 3.11 or later. Two environments, as two versions of TRL are asked:

    python3 -m venv trl110 && trl110/bin/pip install trl==1.10.0 torch transformers requests numpy
    python3 -m venv trl116 && trl116/bin/pip install trl==1.16.0 torch transformers numpy
    trl110/bin/python make.py trl
    trl116/bin/python make.py trl

The other files need torch and numpy only, and copies of the source of the systems whose own functions
are run (see FILES in upstream.py for the versions): `pip download --no-deps verl==0.8.0`, unpacked, and
checkouts of OpenRLHF, AReaL, prime-rl and NeMo-RL. A system whose copy is not given is left out.

    trl116/bin/python make.py others --verl DIR --openrlhf DIR --areal DIR --prime-rl DIR --nemo-rl DIR

The committed files were written with torch 2.15.0 and transformers 5.24.0. For inputs that no test uses,
with other seeds and other shapes:

    trl116/bin/python make.py others --seed 7 --shapes held-out OUT_DIR
"""

import argparse
import functools
import pathlib
from collections.abc import Callable
from typing import Any

import torch

import golden

HERE = pathlib.Path(__file__).parent
Entry = dict[str, Any]


def torch_version() -> str:
    return torch.__version__.split("+")[0]


def write_trl(directory: pathlib.Path, seed: int, held_out: bool) -> None:
    """trl-VERSION.json of the TRL that is installed, and its loss types outside of the GRPO family."""
    import trl_cases
    import trl_reference

    version = trl_reference.trl.__version__
    profile = "trl-" + ".".join(version.split(".")[:2])
    grpo = trl_cases.grpo_cases(profile) if held_out or profile == "trl-1.10" else trl_cases.later_cases(profile)
    entry = functools.partial(golden.entry, seed=seed, held_out=held_out)
    trainer = f"{trl_reference.SOURCE} GRPOTrainer"
    files = {
        f"trl-{version}.json": [
            *[entry(case, trainer, trl_reference.grpo) for case in grpo],
            *[entry(case, f"{trl_reference.SOURCE} RLOOTrainer", trl_reference.rloo)
              for case in trl_cases.rloo_cases()],
        ],
        f"trl-{version}-optional.json": [
            entry(case, trainer, trl_reference.grpo) for case in trl_cases.optional_cases(profile)
        ],
    }
    versions = {"trl": version, "transformers": trl_reference.transformers.__version__, "torch": torch_version()}
    for name, entries in files.items():
        golden.write(directory / name, entries, versions)


def write_others(directory: pathlib.Path, seed: int, held_out: bool, sources: Any) -> None:
    """What the other systems' functions and the formulas give."""
    import formula_cases
    import formulas
    import tables

    entry = functools.partial(golden.entry, seed=seed, held_out=held_out)
    files: dict[str, list[Entry]] = {
        "upstream.json": upstream_entries(sources, entry, optional=False),
        "upstream-optional.json": upstream_entries(sources, entry, optional=True),
        "formulas.json": [
            entry(case, tables.FORMULA, functools.partial(formulas.evaluate, case.profile))
            for case in formula_cases.formula_cases()
        ],
        "advantages.json": tables.advantage_table(sources, seed, held_out),
        "estimators.json": tables.estimator_table(sources),
        "vocabulary.json": tables.vocabulary_table(seed, held_out),
    }
    for name, entries in files.items():
        golden.write(directory / name, golden.plain(entries), {"torch": torch_version()})


def upstream_entries(sources: Any, entry: Callable[..., Entry], optional: bool) -> list[Entry]:
    import upstream_cases
    import upstream_reference

    parts = {
        "verl": (upstream_reference.verl_loss, upstream_cases.verl_cases, upstream_cases.verl_optional_cases),
        "openrlhf": (upstream_reference.openrlhf_loss, upstream_cases.openrlhf_cases, list),
        "areal": (upstream_reference.areal_loss, upstream_cases.areal_cases, upstream_cases.areal_optional_cases),
        "prime-rl": (upstream_reference.prime_rl_loss, upstream_cases.prime_rl_cases, list),
    }
    return [
        entry(case, sources.version(system), functools.partial(evaluate, sources))
        for system, (evaluate, usual, extra) in parts.items() if system in sources
        for case in (extra if optional else usual)()
    ]


def arguments() -> argparse.Namespace:
    import upstream

    parser = argparse.ArgumentParser(description="writes golden values of the objective")
    parser.add_argument("what", choices=("trl", "others"), help="trl: the installed TRL's own trainers; others: "
                        "functions of other systems, and formulas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shapes", choices=("committed", "held-out"), default="committed")
    for system in upstream.FILES:
        parser.add_argument(f"--{system}", type=pathlib.Path, metavar="DIR",
                            help=f"source of {upstream.FILES[system][0]}")
    parser.add_argument("directory", type=pathlib.Path, nargs="?", default=HERE)
    return parser.parse_args()


def main() -> None:
    import upstream

    options = arguments()
    options.directory.mkdir(parents=True, exist_ok=True)
    held_out = options.shapes == "held-out"
    if options.what == "trl":
        write_trl(options.directory, options.seed, held_out)
        return
    given = {system: getattr(options, system.replace("-", "_")) for system in upstream.FILES}
    sources = upstream.Sources({system: path for system, path in given.items() if path is not None})
    write_others(options.directory, options.seed, held_out, sources)


if __name__ == "__main__":
    main()
