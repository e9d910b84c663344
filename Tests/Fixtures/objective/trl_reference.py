"""Runs TRL's own trainers on an objective file.

GRPOTrainer and RLOOTrainer are made without __init__ and given the attributes that
`_generate_and_score_completions` (advantages, importance weights, masks) and `_compute_loss` read. Three
methods are replaced: generation, the reward functions, and the forward pass, which hand out the file's
numbers. Everything else is TRL's code. TRL computes masks and rewards in float32; here float64 is the
default type and `Tensor.float` is replaced by `Tensor.double`, so that the values are good to 1e-15.
"""

import collections
import types
from typing import Any
from unittest import mock

import torch
import transformers
import trl
from trl import GRPOConfig, RLOOConfig
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.rloo_trainer import RLOOTrainer

from golden import Expected, Settings, completions_of, loss_mask, nested, padded
from inputs import REWARD_NAMES, Objective

SOURCE = f"trl {trl.__version__}"
PAD, END, TOKEN = 0, 1, 2  # token ids: TRL reads truncation from the last one

GRPO_WORDS = (
    "beta", "delta", "entropy_coef", "epsilon", "epsilon_high", "importance_sampling_level", "loss_type",
    "mask_truncated_completions", "multi_objective_aggregation", "off_policy_mask_threshold",
    "sapo_temperature_neg", "sapo_temperature_pos", "scale_rewards", "top_entropy_quantile",
    "use_bias_correction_kl", "vespo_k_neg", "vespo_k_pos", "vespo_lambda_neg", "vespo_lambda_pos",
)
"""Configuration words that are the names of GRPOConfig's own fields."""


class OneProcess:
    """accelerate.Accelerator, as far as the loss uses it, in a world of one process."""

    device = torch.device("cpu")
    num_processes = 1
    process_index = 0
    sync_gradients = True

    def gather(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor

    def reduce(self, tensor: torch.Tensor, reduction: str) -> torch.Tensor:
        return tensor

    def pad_across_processes(self, tensor: torch.Tensor, dim: int, pad_index: float) -> torch.Tensor:
        return tensor


def float64() -> Any:
    """A context in which TRL's own casts to float32 are casts to float64."""
    torch.set_default_dtype(torch.float64)
    return mock.patch.object(torch.Tensor, "float", torch.Tensor.double)


def grpo_config(objective: Objective, settings: Settings) -> GRPOConfig:
    """TRL's configuration: its own defaults wherever `settings` says nothing."""
    words = {word: settings[word] for word in GRPO_WORDS if word in settings}
    if settings.get("surrogate") == "cispo_raw":
        words["loss_type"] = "cispo"
    for bound in ("max", "min"):
        if f"importance_sampling_clip_{bound}" in settings:
            words[f"vllm_importance_sampling_clip_{bound}"] = settings[f"importance_sampling_clip_{bound}"]
    correction = settings.get("importance_sampling_correction")
    if correction not in (None, "none"):
        words["vllm_importance_sampling_mode"] = correction
    return GRPOConfig(max_completion_length=completion_limit(objective), **common(objective), **words)


def completion_limit(objective: Objective) -> int:
    return objective.get("max_completion_length", max(len(c["logprobs"]) for c in completions_of(objective)))


def common(objective: Objective) -> dict[str, Any]:
    groups = objective["groups"]
    size = len(groups[0]["completions"])
    on_policy = all(c["logprobs"] == c["behavior_logprobs"] for c in completions_of(objective))
    return {
        "output_dir": "unused", "use_cpu": True, "bf16": False, "report_to": "none", "num_generations": size,
        "per_device_train_batch_size": size * len(groups),
        # Off-policy data makes TRL keep the log-probabilities of generation time.
        "num_iterations": 1 if on_policy else 2,
    }


def make_trainer(kind: type, args: Any, objective: Objective, scores: dict[str, torch.Tensor]) -> Any:
    """A trainer with the attributes that scoring and the loss read."""
    trainer = object.__new__(kind)
    weights = objective.get("reward_weights", {})
    trainer.args = args
    trainer.accelerator = OneProcess()
    trainer.model = types.SimpleNamespace(training=True, is_gradient_checkpointing=False)
    trainer.ref_model = object()
    trainer._tokenizer = types.SimpleNamespace(pad_token_id=PAD, eos_token_id=END)
    trainer.eos_token_ids = [END]
    trainer.processing_class = types.SimpleNamespace(batch_decode=lambda ids, **_: [""] * len(ids))
    trainer.pad_to_multiple_of = None
    trainer.tools = trainer.environments = trainer.environment_factories = None
    trainer._is_vlm = trainer.aux_loss_enabled = trainer.log_multimodal = False
    trainer.num_generations = args.num_generations
    trainer.num_iterations = args.num_iterations
    trainer.max_completion_length = args.max_completion_length
    trainer.mask_truncated_completions = args.mask_truncated_completions
    trainer.beta = args.beta
    trainer.epsilon_low = args.epsilon
    trainer.epsilon_high = args.epsilon if args.epsilon_high is None else args.epsilon_high
    names = REWARD_NAMES if "rewards" in completions_of(objective)[0] else ("reward",)
    trainer.reward_funcs = trainer.reward_func_names = list(names)
    trainer.reward_weights = torch.tensor([weights.get(name, 1.0) for name in names])
    trainer._metrics = {"train": collections.defaultdict(list)}
    lists = collections.defaultdict(list)
    lists["rewards"] = collections.defaultdict(list)
    trainer._logs = lists
    trainer._pending_extra_logs = trainer._pending_metrics = {}
    trainer.current_gradient_accumulation_steps = accumulation_steps(objective)
    trainer._calculate_rewards = lambda *_: rewards_per_function(objective, names)
    trainer.phase = "behavior"

    def forward(model: Any, *_: Any, **__: Any) -> tuple[Any, Any, Any]:
        policy = "reference" if model is trainer.ref_model else trainer.phase
        return scores[policy], scores["entropies"], None

    trainer._get_per_token_logps_and_entropies = forward
    return trainer


def accumulation_steps(objective: Objective) -> int:
    """How many files of this size make up the optimiser step."""
    count = len(completions_of(objective))
    return objective.get("step", {}).get("completions", count) // count


def rewards_per_function(objective: Objective, names: tuple[str, ...]) -> torch.Tensor:
    """(completions, reward functions), NaN where a function does not apply."""
    rows = [
        [float("nan") if reward is None else reward
         for reward in (c["rewards"][name] if "rewards" in c else c.get("reward", 0.0) for name in names)]
        for c in completions_of(objective)
    ]
    return torch.tensor(rows)


def scores_of(objective: Objective) -> dict[str, torch.Tensor]:
    """What the forward passes return, padded; current log-probabilities and entropies are leaves."""
    has = completions_of(objective)[0].keys()
    current = padded(objective, "logprobs").requires_grad_()
    entropies = padded(objective, "entropies") if "entropies" in has else torch.zeros_like(current)
    return {
        "current": current,
        "entropies": entropies.detach().requires_grad_(),
        "behavior": padded(objective, "proximal_logprobs", fallback="behavior_logprobs"),
        "reference": padded(objective, "reference_logprobs", fallback="behavior_logprobs"),
    }


def token_ids(completion: dict[str, Any]) -> list[int]:
    end = TOKEN if completion.get("finish_reason") == "length" else END
    return [TOKEN] * (len(completion["logprobs"]) - 1) + [end]


def grpo(objective: Objective, settings: Settings) -> Expected:
    """Advantages, loss, terms, metrics and gradients of TRL's GRPOTrainer."""
    with float64():
        scores = scores_of(objective)
        args = grpo_config(objective, settings)
        trainer = grpo_trainer(args, settings, objective, scores)
        inputs = generated(trainer, objective)
        loss = run_loss(trainer, inputs)
        gradients = torch.autograd.grad(
            loss, [scores["current"], scores["entropies"]], allow_unused=True, materialize_grads=True)
        result: Expected = {
            "advantages": nested(objective, inputs["advantages"]),
            "loss": loss.item(),
            "gradient": nested(objective, gradients[0]),
        }
        if args.entropy_coef:
            result["entropy_gradient"] = nested(objective, gradients[1])
        result.update(metrics(trainer))
        result.update(loss_terms(trainer, inputs))
        return result


def grpo_trainer(args: GRPOConfig, settings: Settings, objective: Objective, scores: Any) -> GRPOTrainer:
    trainer = make_trainer(GRPOTrainer, args, objective, scores)
    for name in ("importance_sampling_level", "loss_type", "off_policy_mask_threshold", "scale_rewards",
                 "multi_objective_aggregation", "top_entropy_quantile", "entropy_coef",
                 "use_adaptive_entropy", "vllm_importance_sampling_correction",
                 "vllm_importance_sampling_mode", "vllm_importance_sampling_clip_max",
                 "vllm_importance_sampling_clip_min"):
        setattr(trainer, name, getattr(args, name))
    trainer._entropy_bonus_enabled = args.entropy_coef != 0
    proximal = "proximal_logprobs" in completions_of(objective)[0]
    trainer.use_vllm = proximal and settings.get("importance_sampling_correction") != "none"

    def generate(prompts: list[str]) -> tuple[Any, ...]:
        completions = completions_of(objective)
        ids = [token_ids(c) for c in completions]
        masks = [[int(m) for m in c["mask"]] for c in completions] if "mask" in completions[0] else None
        sampled = [c["behavior_logprobs"] for c in completions] if proximal else None
        return [[TOKEN]] * len(ids), ids, masks, [""] * len(ids), sampled, {}, None, None

    trainer._generate = generate
    return trainer


def generated(trainer: Any, objective: Objective) -> dict[str, torch.Tensor]:
    """The batch as TRL scores it; advantages given by the file replace the computed ones."""
    completions = completions_of(objective)
    inputs = trainer._generate_and_score_completions([{"prompt": ""}] * len(completions))
    if "advantage" in completions[0]:
        inputs["advantages"] = torch.tensor([c["advantage"] for c in completions])
    elif "advantages" in completions[0]:
        inputs["advantages"] = padded(objective, "advantages")
    if "step" in objective:
        inputs["num_items_in_batch"] = torch.tensor(float(objective["step"]["tokens"]))
        trainer.args.steps_per_generation = trainer.current_gradient_accumulation_steps
    return inputs


def run_loss(trainer: Any, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    trainer.phase = "current"
    return trainer._compute_loss(trainer.model, inputs)


def metrics(trainer: Any) -> Expected:
    """TRL's own metrics, by the names of an objective's output."""
    values = {name: items[-1] for name, items in trainer._metrics["train"].items()}
    result: Expected = {}
    if "kl" in values:
        result["kl"] = values["kl"]
    clip = ("low_mean", "low_min", "high_mean", "high_max", "region_mean")
    if "clip_ratio/low_mean" in values:
        result["clip_ratio"] = {name: values[f"clip_ratio/{name}"] for name in clip}
    weight = "sampling/importance_sampling_ratio"
    if f"{weight}/min" in values:
        result["importance_weight"] = {name: values[f"{weight}/{name}"] for name in ("min", "mean", "max")}
    return result


def loss_terms(trainer: Any, inputs: dict[str, torch.Tensor]) -> Expected:
    """The loss again with only one of its terms left; the terms add up to the loss."""
    beta, coefficient = trainer.beta, trainer.entropy_coef
    nothing = {**inputs, "advantages": torch.zeros_like(inputs["advantages"])}

    def alone(beta: float, entropy: bool, inputs: dict[str, torch.Tensor]) -> float:
        trainer.beta, trainer._entropy_bonus_enabled = beta, entropy
        return run_loss(trainer, inputs).item()

    result = {"policy_loss": alone(0.0, False, inputs)}
    if beta:
        result["kl_loss"] = alone(beta, False, nothing)
    if coefficient:
        result["entropy_loss"] = alone(0.0, True, nothing)
    trainer.beta = beta
    return result


def rloo(objective: Objective, settings: Settings) -> Expected:
    """Advantages (the KL is in the reward), loss and gradient of TRL's RLOOTrainer."""
    names = {"beta", "epsilon", "epsilon_high", "mask_truncated_completions"} & settings.keys()
    with float64():
        scores = scores_of(objective)
        args = RLOOConfig(max_completion_length=completion_limit(objective), **common(objective),
                          **{name: settings[name] for name in names})
        trainer = make_trainer(RLOOTrainer, args, objective, scores)
        trainer.normalize_advantages = args.normalize_advantages
        trainer.reward_clip_range = args.reward_clip_range
        ids = [token_ids(c) for c in completions_of(objective)]
        trainer._generate = lambda _: ([[TOKEN]] * len(ids), ids, [""] * len(ids))
        inputs = generated(trainer, objective)
        loss = run_loss(trainer, inputs)
        (gradient,) = torch.autograd.grad(loss, scores["current"])
        return {
            "advantages": nested(objective, inputs["advantages"]),
            "loss": loss.item(),
            "gradient": nested(objective, gradient),
            **{key: value for key, value in metrics(trainer).items() if key != "kl"},
        }
