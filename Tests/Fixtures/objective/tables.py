"""Golden tables that are no objective files: advantages of rewards, KL estimators, gradients by logits."""

import random
from dataclasses import dataclass
from typing import Any

import torch

import upstream_reference
from advantages import group_advantages
from formulas import estimate
from golden import Settings
from inputs import float32
from profiles import PROFILES
from upstream import Sources

FORMULA = "formula"
WORKED = [[1.0, 0.0, 0.0, 0.0], [0.2, 0.9, 0.4, 0.5]]
CONSTANT = [[value] * size for value in (0.1, 0.35, 0.7, 1 / 3, 1e6 + 0.1) for size in (2, 3, 7)]


@dataclass(frozen=True)
class Rule:
    """A rule for advantages: the words that say it in our configuration, and who uses it."""

    name: str
    profile: str
    settings: Settings
    upstream: str | None = None  # the system whose own function answers


BIASED = {"advantage_divisor": "biased"}
LEAVE_ONE_OUT = {"advantage_baseline": "leave_one_out"}
RULES = [
    *[Rule(profile, profile, {}) for profile in PROFILES],
    Rule("z-score without epsilon", "cohort", {"advantage_epsilon": 0.0}),
    Rule("epsilon inside the root", "cohort", {"advantage_epsilon": 1e-3, "advantage_epsilon_place": "inside"}),
    Rule("variance with a floor", "cohort", {"advantage_epsilon": 1e-6, "advantage_epsilon_place": "floor"}),
    Rule("batch deviation", "cohort", {"scale_rewards": "batch"}),
    Rule("torchforge", "cohort", {"advantage_epsilon": 1e-4}),
    Rule("OpenRLHF", "cohort", {"advantage_epsilon": 1e-9}),
    Rule("ART", "cohort", BIASED),
    Rule("mlx-lm-lora", "cohort", {**BIASED, "advantage_epsilon": 1e-4}),
    Rule("open-instruct", "cohort", {**BIASED, "advantage_epsilon": 1e-8}),
    Rule("MaxRL of prime-rl", "cohort", {"scale_rewards": "mean", "advantage_epsilon": 0.0}),
    Rule("MaxRL of open-instruct", "cohort", {"scale_rewards": "mean", "advantage_epsilon": 1e-8}),
    Rule("PipelineRL", "cohort", {**LEAVE_ONE_OUT, "scale_rewards": "none"}),
    Rule("PipelineRL with deviation", "cohort", {**LEAVE_ONE_OUT, "advantage_epsilon": 1e-4}),
    Rule("verl grpo", "verl-0.8", {}, "verl"),
    Rule("verl grpo_vectorized", "verl-0.8", {}, "verl"),
    Rule("verl rloo", "rloo", {}, "verl"),
    Rule("NeMo-RL", "cohort", {**LEAVE_ONE_OUT, "advantage_divisor": "leave_one_out",
                               "advantage_epsilon_place": "nonzero"}, "nemo-rl"),
    Rule("NeMo-RL, not normalised", "cohort", {**LEAVE_ONE_OUT, "scale_rewards": "none"}, "nemo-rl"),
    Rule("AReaL, batch", "cohort", {"advantage_baseline": "batch_mean", "scale_rewards": "batch",
                                    "advantage_epsilon": 1e-5}, "areal"),
    Rule("AReaL, group", "cohort", {"advantage_epsilon": 1e-5}, "areal"),
    Rule("AReaL, group, biased", "cohort", {**BIASED, "advantage_epsilon": 1e-5}, "areal"),
]


def advantage_table(sources: Sources, seed: int, held_out: bool) -> list[dict[str, Any]]:
    entries = []
    for rule in RULES:
        if rule.upstream and rule.upstream not in sources:
            continue
        batches = [WORKED, _random_batch(rule.name, seed, held_out)]
        source = sources.version(rule.upstream) if rule.upstream else FORMULA
        entries += [_advantage_entry(rule, batch, source, sources) for batch in batches]
    constant = Rule("constant groups", "cohort", {})
    return [*entries, _advantage_entry(constant, CONSTANT, FORMULA, sources)]


def _random_batch(name: str, seed: int, held_out: bool) -> list[list[float]]:
    """Groups of equal size (AReaL knows no others), of small rewards around a positive mean."""
    generator = random.Random(f"{seed}:advantages:{name}")
    size = generator.choice((5, 6, 7, 9) if held_out else (2, 3, 4, 8))
    return [[round(generator.uniform(0, 1), 3) for _ in range(size)] for _ in range(3 if held_out else 2)]


def _advantage_entry(rule: Rule, batch: list[list[float]], source: str, sources: Sources) -> dict[str, Any]:
    with upstream_reference.in_float64():
        rewards = [torch.tensor(group) for group in batch]
        words = PROFILES[rule.profile] | rule.settings
        if rule.upstream:
            flat = _upstream_advantages(rule, torch.cat(rewards), [i for i, g in enumerate(batch) for _ in g],
                                        words, sources)
            advantages = list(flat.split([len(group) for group in batch]))
        else:
            advantages = group_advantages(rewards, words)
    return {"name": rule.name, "profile": rule.profile, "settings": rule.settings, "source": source,
            "rewards": batch, "advantages": advantages}


def _upstream_advantages(
    rule: Rule, rewards: torch.Tensor, groups: list[int], words: Settings, sources: Sources
) -> torch.Tensor:
    match rule.upstream:
        case "verl":
            verl = upstream_reference.load_verl(sources)
            return upstream_reference.verl_advantages(verl, rewards, groups, rule.name.removeprefix("verl "))
        case "nemo-rl":
            return upstream_reference.nemo_rl_advantages(sources, rewards, groups, words["scale_rewards"] != "none")
        case "areal":
            areal = upstream_reference.load_areal(sources)
            return upstream_reference.areal_advantages(areal, rewards, groups, words)
    raise ValueError(rule.upstream)


ESTIMATORS: dict[str, Settings] = {
    "k1": {"kl_input_clamp": 0.0}, "k2": {"kl_input_clamp": 0.0}, "k3": {},
    "k3_direct": {"kl_input_clamp": 0.0}, "low_var": {"kl_output_clamp": 10.0},
}
POINTS = [sign * x for x in (1e-6, 1e-4, 0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 19.5, 20.5, 30.0) for sign in (1, -1)]


def estimator_table(sources: Sources) -> list[dict[str, Any]]:
    """Value and derivative by ℓ of every estimator at x = ℓ_ref − ℓ; ρ·k3 at several ρ."""
    entries = []
    for word, settings in ESTIMATORS.items():
        words = PROFILES["cohort"] | settings | {"kl_estimator": word}
        entries.append(_estimator_entry(word, settings, FORMULA, lambda x, words=words: estimate(x, words)))
    if "verl" in sources:
        verl = upstream_reference.load_verl(sources)
        for word, name in (("k1", "k1"), ("k2", "k2"), ("low_var", "low_var_kl")):
            entries.append(_estimator_entry(word, ESTIMATORS[word], sources.version("verl"),
                                            lambda x, name=name: verl.kl_penalty(-x, torch.zeros_like(x), name)))
    return entries


def _estimator_entry(word: str, settings: Settings, source: str, function: Any) -> dict[str, Any]:
    x = torch.tensor(POINTS, dtype=torch.float64, requires_grad=True)
    values = function(x)
    (slope,) = torch.autograd.grad(values.sum(), x)
    return {"kl_estimator": word, "settings": settings, "source": source, "x": POINTS, "value": values,
            "gradient": -slope}  # ∂x/∂ℓ = −1


def vocabulary_table(seed: int, held_out: bool) -> list[dict[str, Any]]:
    """log π(token), entropy and exact KL of whole distributions, each with its gradient by the logits."""
    shapes = ((5, 17, 1.0), (4, 9, 0.6)) if held_out else ((4, 6, 1.0), (3, 5, 0.7), (3, 7, 1.3))
    entries = []
    for index, (positions, vocabulary, temperature) in enumerate(shapes):
        generator = random.Random(f"{seed}:vocabulary:{index}")
        spread = (0.01, 1.0, 4.0)[index]
        logits = [[float32(generator.gauss(0, 2)) for _ in range(vocabulary)] for _ in range(positions)]
        reference = [[float32(x + spread * generator.gauss(0, 1)) for x in row] for row in logits]
        tokens = [generator.randrange(vocabulary) for _ in range(positions)]
        entries.append(_vocabulary_entry(f"vocabulary of {vocabulary}", temperature, logits, reference, tokens, 0))
    padded = [row + [float("nan")] * 2 for row in logits]
    padded_reference = [row + [float("nan")] * 2 for row in reference]
    return [*entries, _vocabulary_entry("two padding rows", 1.0, padded, padded_reference, tokens, 2)]


def _vocabulary_entry(
    name: str, temperature: float, logits: list[list[float]], reference: list[list[float]], tokens: list[int],
    padding: int
) -> dict[str, Any]:
    """`padding` last entries of the vocabulary are no tokens: null in the file, probability 0."""
    real = len(logits[0]) - padding
    leaf = torch.tensor(logits, dtype=torch.float64).requires_grad_()
    log_policy = torch.log_softmax(leaf[:, :real] / temperature, dim=-1)
    log_reference = torch.log_softmax(torch.tensor(reference, dtype=torch.float64)[:, :real] / temperature, dim=-1)
    chosen = torch.tensor(tokens).unsqueeze(-1)
    values = {
        "logprobs": log_policy.gather(1, chosen).squeeze(1),
        "entropies": -(log_policy.exp() * log_policy).sum(1),
        "divergences": (log_policy.exp() * (log_policy - log_reference)).sum(1),
    }
    expected = dict(values)
    for key, value in values.items():
        (expected[f"{key}_gradient"],) = torch.autograd.grad(value.sum(), leaf, retain_graph=True)
    expected["reference_logprobs"] = log_reference.gather(1, chosen).squeeze(1)
    return {"name": name, "source": FORMULA, "temperature": temperature, "logits": logits,
            "reference_logits": reference, "tokens": tokens, "expected": expected}
