"""Functions of other systems, taken from a copy of their source and run as they are.

Only the named functions of a file are compiled: the systems' own imports (GPU kernels, servers, cluster
software) are not needed for functions that are plain tensor code. Nothing of that source is kept here.
Decorators and annotations are dropped; nothing else is changed.
"""

import __future__
import ast
import hashlib
import pathlib
import types
from typing import Any

FILES: dict[str, tuple[str, dict[str, str]]] = {
    "verl": ("verl 0.8.0", {
        "verl/trainer/ppo/core_algos.py": "37fa248bdeee",
        "verl/trainer/ppo/rollout_corr_helper.py": "b5b09c8361d5",
        "verl/utils/groupwise.py": "409403d0002f",
        "verl/utils/torch_functional.py": "cb37d045dec2",
    }),
    "openrlhf": ("OpenRLHF 3c3be623", {
        "openrlhf/models/loss.py": "21e97ce9a023",
        "openrlhf/models/utils.py": "afea248aa7bb",
    }),
    "areal": ("AReaL 4aef98d8", {
        "areal/utils/data.py": "c4d74b9b28a7",
        "areal/utils/functional/functional.py": "941a88c0c6a0",
    }),
    "prime-rl": ("prime-rl 559b4477", {"src/prime_rl/trainer/rl/loss.py": "102b14539a2a"}),
    "nemo-rl": ("NeMo-RL 7ea279ab", {
        "nemo_rl/algorithms/advantage_estimator.py": "694e004dc8ff",
        "nemo_rl/algorithms/utils.py": "4b9014d79b5e",
    }),
}
"""Per system: what version its figures are for, and the first digits of each file's SHA-256."""


class Sources:
    """Copies of other systems' source, by name."""

    def __init__(self, directories: dict[str, pathlib.Path]):
        self.directories = directories

    def __contains__(self, system: str) -> bool:
        return system in self.directories

    def version(self, system: str) -> str:
        return FILES[system][0]

    def load(self, system: str, path: str, names: set[str], **globals_: Any) -> types.SimpleNamespace:
        """The named functions, classes and constants of one file, with `globals_` as what it imports."""
        file = self.directories[system] / path
        text = file.read_bytes()
        expected = FILES[system][1][path]
        found = hashlib.sha256(text).hexdigest()[: len(expected)]
        if found != expected:
            raise SystemExit(f"{file} is not that of {self.version(system)}: its SHA-256 begins with {found}, "
                             f"not {expected}; get that version")
        module = ast.parse(text)
        module.body = [node for node in module.body if names & set(_defined(node))]
        for node in module.body:
            if isinstance(node, ast.FunctionDef):
                node.decorator_list = []
        missing = names - {name for node in module.body for name in _defined(node)}
        if missing:
            raise SystemExit(f"{file} defines no {', '.join(sorted(missing))}")
        flags = __future__.annotations.compiler_flag
        globals_["__name__"] = __name__
        exec(compile(module, str(file), "exec", flags=flags, dont_inherit=True), globals_)
        return types.SimpleNamespace(**{name: globals_[name] for name in names})


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []
