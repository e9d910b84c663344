import argparse
import pathlib
import sys

import torch

import golden

HERE = pathlib.Path(__file__).parent


def trl_files(directory: pathlib.Path, seed: int, held_out: bool) -> None:
    import trl_cases
    import trl_reference

    version = trl_reference.trl.__version__
    profile = "trl-" + ".".join(version.split(".")[:2])
    first = version == "1.10.0"
    grpo = trl_cases.grpo_cases(profile) if first or held_out else trl_cases.later_cases(profile)
    sets = {
        "": [(grpo, trl_reference.grpo, "GRPOTrainer"), (trl_cases.rloo_cases(), trl_reference.rloo, "RLOOTrainer")],
        "-optional": [(trl_cases.optional_cases(profile), trl_reference.grpo, "GRPOTrainer")],
    }
    for suffix, parts in sets.items():
        entries = [
            golden.entry(case, f"{trl_reference.SOURCE} {name}", evaluate, seed, held_out)
            for cases, evaluate, name in parts for case in cases
        ]
        golden.write(directory / f"trl-{version}{suffix}.json", entries,
                     {"trl": version, "torch": torch.__version__.split("+")[0]})


def main() -> None:
    trl_files(pathlib.Path(sys.argv[1]), 0, len(sys.argv) > 2)


main()
