"""Objective files through the loss functions of verl, OpenRLHF, AReaL and prime-rl.

Each function prepares padded tensors, calls the system's own functions (see `upstream.py`) and
differentiates by the current log-probabilities. float32 inside them is replaced by float64.
"""

import dataclasses
import math
import types
from collections import defaultdict
from typing import Any
from unittest import mock

import numpy
import torch

from advantages import group_advantages, totals
from golden import Expected, Settings, completions_of, loss_mask, nested, padded
from inputs import Objective
from profiles import PROFILES
from upstream import Sources


class Float64Torch(types.ModuleType):
    """torch, with float64 wherever a function asks for float32."""

    float32 = torch.float64
    FloatTensor = torch.DoubleTensor

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)


TORCH = Float64Torch("torch")


@dataclasses.dataclass
class Batch:
    """The tensors of an objective file, (completions, longest)."""

    current: torch.Tensor
    old: torch.Tensor
    behavior: torch.Tensor
    mask: torch.Tensor
    advantages: torch.Tensor
    groups: list[int]

    @classmethod
    def of(cls, objective: Objective, advantages: torch.Tensor) -> "Batch":
        current = padded(objective, "logprobs").requires_grad_()
        return cls(
            current=current,
            old=padded(objective, "proximal_logprobs", fallback="behavior_logprobs"),
            behavior=padded(objective, "behavior_logprobs"),
            mask=loss_mask(objective),
            advantages=advantages.unsqueeze(-1).expand_as(current).contiguous(),
            groups=group_indices(objective),
        )


def group_indices(objective: Objective) -> list[int]:
    return [index for index, group in enumerate(objective["groups"]) for _ in group["completions"]]


def in_float64() -> Any:
    torch.set_default_dtype(torch.float64)
    return mock.patch.object(torch.Tensor, "float", torch.Tensor.double)


def expected(objective: Objective, advantages: torch.Tensor, batch: Batch, terms: dict[str, torch.Tensor]) -> Expected:
    loss = sum(terms.values())
    (gradient,) = torch.autograd.grad(loss, batch.current)
    return {
        "advantages": nested(objective, advantages), "loss": loss.item(),
        **{name: term.item() for name, term in terms.items()},
        "gradient": nested(objective, gradient),
    }


def words_of(profile: str, settings: Settings) -> dict[str, Any]:
    return PROFILES[profile] | settings


# verl

class ActorConfig(dict):
    """What verl's losses read of their configuration."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name)


class AlgoConfig:
    """Only asked for by isinstance."""


VERL_AGGREGATION = {
    "dapo": "token-mean", "seq_mean_token_mean": "seq-mean-token-mean",
    "seq_mean_token_sum": "seq-mean-token-sum", "seq_mean_token_sum_norm": "seq-mean-token-sum-norm",
}
VERL_ESTIMATORS = {"k1": "k1", "k2": "k2", "low_var": "low_var_kl", "k3_plus": "k3+", "k1_plus": "k1+",
                   "abs": "abs"}


def load_verl(sources: Sources) -> types.SimpleNamespace:
    functional = sources.load("verl", "verl/utils/torch_functional.py", {"masked_sum", "masked_mean"}, torch=TORCH)
    groupwise = sources.load("verl", "verl/utils/groupwise.py", {"group_mean_std"}, torch=TORCH,
                             _resolve_device=lambda _: torch.device("cpu"))
    core = sources.load("verl", "verl/trainer/ppo/core_algos.py", {
        "agg_loss", "compute_grpo_outcome_advantage", "compute_grpo_vectorized_outcome_advantage",
        "compute_rloo_outcome_advantage", "compute_policy_loss_vanilla", "compute_policy_loss_gspo",
        "compute_policy_loss_cispo", "kl_penalty", "kl_penalty_forward",
    }, torch=TORCH, np=numpy, defaultdict=defaultdict, verl_F=functional, AlgoConfig=AlgoConfig,
        ActorConfig=ActorConfig, group_mean_std=groupwise.group_mean_std,
        as_torch_index=lambda index, device: torch.tensor(index))
    correction = sources.load("verl", "verl/trainer/ppo/rollout_corr_helper.py", {
        "compute_rollout_correction_weights", "_parse_rollout_is_threshold", "SAFETY_BOUND",
    }, torch=TORCH, verl_F=functional, compute_is_metrics=lambda **_: {})
    return types.SimpleNamespace(**vars(core), **vars(correction))


def verl_advantages(verl: Any, rewards: torch.Tensor, groups: list[int], rule: str = "grpo", **options: Any) -> torch.Tensor:
    """(completions) by one of verl's own estimators."""
    function = getattr(verl, f"compute_{rule}_outcome_advantage")
    one_token = torch.ones(len(rewards), 1)
    return function(rewards.unsqueeze(-1), one_token, numpy.array(groups), **options)[0].squeeze(-1)


def verl_loss(sources: Sources, objective: Objective, settings: Settings) -> Expected:
    with in_float64():
        verl, words = load_verl(sources), words_of("verl-0.8", settings)
        advantages = verl_advantages(verl, totals(objective, words), group_indices(objective),
                                     norm_adv_by_std_in_grpo=words["scale_rewards"] != "none")
        batch = Batch.of(objective, advantages)
        mode = VERL_AGGREGATION[words["loss_type"]]
        config = ActorConfig(clip_ratio=words["epsilon"], clip_ratio_low=words["epsilon"],
                             clip_ratio_high=words["epsilon_high"], global_batch_info={})
        if words["dual_clip"]:
            config["clip_ratio_c"] = words["dual_clip"]
        loss, _ = verl_policy_function(verl, words)(
            old_log_prob=batch.old, log_prob=batch.current, advantages=batch.advantages,
            response_mask=batch.mask, loss_agg_mode=mode, config=config,
            rollout_is_weights=verl_weights(verl, objective, batch, words))
        terms = {"policy_loss": loss}
        if words["beta"]:
            kl = verl.kl_penalty(batch.current, padded(objective, "reference_logprobs"),
                                 VERL_ESTIMATORS[words["kl_estimator"]])
            terms["kl_loss"] = words["beta"] * verl.agg_loss(kl, batch.mask, mode)
        return expected(objective, advantages, batch, terms)


def verl_policy_function(verl: Any, words: dict[str, Any]) -> Any:
    if words["surrogate"] == "cispo_delta":
        return verl.compute_policy_loss_cispo
    sequence = words["importance_sampling_level"] == "sequence"
    return verl.compute_policy_loss_gspo if sequence else verl.compute_policy_loss_vanilla


def verl_weights(verl: Any, objective: Objective, batch: Batch, words: dict[str, Any]) -> torch.Tensor | None:
    correction = words["importance_sampling_correction"]
    if correction == "none":
        return None
    level, action = correction.split("_")
    bound = words["importance_sampling_clip_max"]
    if action == "mask":
        bound = f"{words['importance_sampling_clip_min']}_{bound}"
    weights, _ = verl.compute_rollout_correction_weights(batch.old - batch.behavior, batch.mask, level, bound)
    return weights


# OpenRLHF

def openrlhf_loss(sources: Sources, objective: Objective, settings: Settings) -> Expected:
    with in_float64():
        utils = sources.load("openrlhf", "openrlhf/models/utils.py", {"masked_mean", "compute_approx_kl"}, torch=TORCH)
        library = sources.load("openrlhf", "openrlhf/models/loss.py", {"PolicyLoss", "aggregate_loss"},
                               torch=TORCH, nn=torch.nn, masked_mean=utils.masked_mean)
        words = words_of("cohort", settings)
        advantages = formula_advantages(objective, words)
        batch = Batch.of(objective, advantages)
        correction = words["importance_sampling_correction"]
        low, high = words["importance_sampling_clip_min"], words["importance_sampling_clip_max"]
        policy = library.PolicyLoss(
            clip_eps_low=words["epsilon"], clip_eps_high=words["epsilon_high"], dual_clip=words["dual_clip"],
            token_level_loss=words["loss_type"] == "dapo",
            policy_loss_type="gspo" if words["importance_sampling_level"] == "sequence" else "ppo",
            enable_vllm_is_correction=correction != "none",
            vllm_is_truncated_threshold=[0.0 if low is None else low, high],
            vllm_is_correction_type={"token_mask": "icepop", "geometric_mask": "seq-mask-tis"}.get(correction, "tis"))
        loss = policy(batch.current, batch.old, batch.advantages, batch.mask, rollout_log_probs=batch.behavior)[0]
        terms = {"policy_loss": loss}
        if words["beta"]:
            kl = utils.compute_approx_kl(batch.current, padded(objective, "reference_logprobs"),
                                         words["kl_estimator"].removesuffix("_direct"))
            terms["kl_loss"] = words["beta"] * library.aggregate_loss(kl, batch.mask, words["loss_type"] == "dapo")
        return expected(objective, advantages, batch, terms)


def formula_advantages(objective: Objective, words: dict[str, Any]) -> torch.Tensor:
    sizes = [len(group["completions"]) for group in objective["groups"]]
    return torch.cat(group_advantages(list(totals(objective, words).split(sizes)), words))


# AReaL

def load_areal(sources: Sources) -> types.SimpleNamespace:
    functional = sources.load("areal", "areal/utils/functional/functional.py", {
        "ppo_actor_loss_fn", "apply_rejection_sampling", "_check_bounds", "RejectionSamplingResult",
        "_compute_sequence_level_ratio_and_advantages",
    }, torch=TORCH, dataclass=dataclasses.dataclass)
    data = sources.load("areal", "areal/utils/data.py", {"Normalization"}, torch=TORCH, np=numpy,
                        dist=torch.distributed)
    return types.SimpleNamespace(**vars(functional), **vars(data))


def areal_loss(sources: Sources, objective: Objective, settings: Settings) -> Expected:
    """The decoupled objective: clip against the proximal policy, weight by proximal / behaviour."""
    with in_float64():
        areal, words = load_areal(sources), words_of("cohort", settings)
        advantages = areal_advantages(areal, totals(objective, words), group_indices(objective), words)
        batch = Batch.of(objective, advantages)
        correction = words["importance_sampling_correction"]
        rejection = None if correction == "none" else types.SimpleNamespace(
            level="sequence" if correction.startswith("geometric") else "token", metric="ratio", agg="mean",
            action="mask" if correction.endswith("mask") else "clamp",
            lower=words["importance_sampling_clip_min"], upper=words["importance_sampling_clip_max"])
        loss, _ = areal.ppo_actor_loss_fn(
            batch.current, batch.old, batch.behavior, batch.advantages, words["epsilon"], batch.mask.bool(),
            eps_clip_higher=words["epsilon_high"], c_clip=words["dual_clip"], rejection_sampling=rejection,
            importance_sampling_level=words["importance_sampling_level"])
        return expected(objective, advantages, batch, {"policy_loss": loss})


def areal_advantages(areal: Any, rewards: torch.Tensor, groups: list[int], words: dict[str, Any]) -> torch.Tensor:
    baseline = words["advantage_baseline"]
    config = types.SimpleNamespace(
        mean_level="batch" if baseline == "batch_mean" else "group", mean_leave1out=baseline == "leave_one_out",
        std_level={"none": None}.get(words["scale_rewards"], words["scale_rewards"]),
        std_unbiased=words["advantage_divisor"] == "unbiased", group_size=groups.count(0),
        eps=words["advantage_epsilon"])
    return areal.Normalization(config)(rewards)


# prime-rl

def prime_rl_loss(sources: Sources, objective: Objective, settings: Settings) -> Expected:
    with in_float64():
        library = sources.load("prime-rl", "src/prime_rl/trainer/rl/loss.py", {
            "LossInputs", "LossOutputs", "_safe_mean", "compute_importance_ratio_and_mismatch_kl",
            "default_loss_fn", "compute_loss",
        }, torch=TORCH, dataclass=dataclasses.dataclass, field=dataclasses.field)
        advantages = formula_advantages(objective, words_of("prime-rl", settings))
        batch = Batch.of(objective, advantages)
        lengths = [len(c["logprobs"]) for c in completions_of(objective)]

        def rows(tensor: torch.Tensor) -> list[torch.Tensor]:
            return [row[:length] for row, length in zip(tensor, lengths)]

        def loss(adv_tau: float, kl_tau: float) -> torch.Tensor:
            config = types.SimpleNamespace(dppo_mask_low=0.2, dppo_mask_high=0.2, adv_tau=adv_tau, kl_tau=kl_tau)
            return library.compute_loss(
                rows(batch.current), rows(batch.old), None, rows(batch.advantages), rows(batch.mask.bool()),
                None, None, None, lambda inputs: library.default_loss_fn(inputs, config),
                int(batch.mask.sum()), 1, 1)[0]

        return expected(objective, advantages, batch, {"policy_loss": loss(1.0, 0.0), "kl_loss": loss(0.0, 1e-3)})


# NeMo-RL

def nemo_rl_advantages(sources: Sources, rewards: torch.Tensor, groups: list[int], normalize: bool) -> torch.Tensor:
    utils = sources.load("nemo-rl", "nemo_rl/algorithms/utils.py", {"calculate_baseline_and_std_per_prompt"},
                         torch=TORCH)
    library = sources.load("nemo-rl", "nemo_rl/algorithms/advantage_estimator.py", {"GRPOAdvantageEstimator"},
                           torch=TORCH, calculate_baseline_and_std_per_prompt=utils.calculate_baseline_and_std_per_prompt)
    config = types.SimpleNamespace(use_leave_one_out_baseline=True, normalize_rewards=normalize)
    estimator = library.GRPOAdvantageEstimator(config, None)
    prompts = torch.tensor(groups).unsqueeze(-1)
    return estimator.compute_advantage(prompts, rewards, torch.ones(len(rewards), 1)).squeeze(-1)
