"""Makes `tiny-terms`: a tiny model, two references near it, and PyTorch's gradients of the terms that a
loss may have beside log-probabilities. Run it like `make.py`, whose helpers it uses:

    venv/bin/python make_terms.py

`reference.safetensors` is the model with every weight moved, `near.safetensors` with every weight moved a
thousand times less. `batch.json` holds groups, temperature, settings of the step, and per completion token
a return and a weight for each term. `golden.safetensors`, D being Σ π log(π / π_ref) over the vocabulary,
V = w·h + b on the hidden state after the final norm in the row that predicts:

    divergences, divergences_near, values     per completion token, in order
    head.weight, head.bias                    of the value head
    entropy.{tensor}                          gradient of Σ weight · H
    divergence.{tensor}                       of Σ weight · D
    divergence_near.{tensor}                  of Σ weight · D from the near reference
    value.{tensor}                            of Σ ½ · weight² · (V − return)²
    detached.{tensor}                         the same for the head alone, h being detached
    all.{tensor}, norm                        of the sum of all, with Σ weight · log-probability; its norm
    step.{tensor}                             weights after one step of AdamW on that sum, norm clipped, the
                                              head at its own learning rate

Everything is computed in float64 and stored as f32.
"""

import copy
import json

import torch
from safetensors.torch import save_file
from transformers import Qwen2Config, Qwen2ForCausalLM

from make import HERE, TEMPERATURE, randomise

TERMS = ["logprob", "entropy", "divergence", "value"]
STEP = {"max_grad_norm": 0.5, "learning_rate": 1e-3, "value_head_multiplier": 10.0}


def tiny():
    return Qwen2ForCausalLM(Qwen2Config(
        vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=64,
        rms_norm_eps=1e-6, tie_word_embeddings=True, eos_token_id=1, bos_token_id=None,
        attn_implementation="eager"))


def moved(model, size):
    other = copy.deepcopy(model)
    with torch.no_grad():
        for value in other.parameters():
            value.add_(size * torch.randn_like(value))
    return other


def batch(vocabulary):
    def tokens(count):
        return torch.randint(0, vocabulary, (count,)).tolist()

    groups = [
        {"prompt": tokens(prompt), "completions": [tokens(count) for count in counts]}
        for prompt, counts in [(5, [7, 1, 12]), (17, [20, 3]), (1, [16, 2])]
    ]
    count = sum(len(c) for g in groups for c in g["completions"])

    def numbers():
        return [round(x, 4) for x in torch.randn(count).div(5).tolist()]

    return {
        "temperature": TEMPERATURE, "groups": groups, "step": STEP,
        "weights": {term: numbers() for term in TERMS}, "returns": numbers(),
    }


class Head(torch.nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(1, hidden) / 2)
        self.bias = torch.nn.Parameter(torch.randn(1) / 2)

    def forward(self, rows):
        return torch.nn.functional.linear(rows, self.weight, self.bias)[..., 0]


def rows(model, groups):
    """Log-probabilities [tokens][vocabulary] and hidden states [tokens][hidden] that predict."""
    logprobs, hidden = [], []
    for group in groups:
        for completion in group["completions"]:
            ids = torch.tensor([group["prompt"] + completion])
            predicting = slice(len(group["prompt"]) - 1, -1)
            states = model.model(ids).last_hidden_state[0][predicting]
            hidden.append(states)
            logprobs.append(torch.log_softmax(model.lm_head(states) / TEMPERATURE, dim=-1))
    return torch.cat(logprobs), torch.cat(hidden)


def divergences(logprobs, reference):
    return (logprobs.exp() * (logprobs - reference)).sum(-1)


def terms(model, head, references, data):
    """The terms of the loss, and what is scored on the way."""
    weights = {k: torch.tensor(v, dtype=torch.float64) for k, v in data["weights"].items()}
    returns = torch.tensor(data["returns"], dtype=torch.float64)
    tokens = torch.tensor([t for g in data["groups"] for c in g["completions"] for t in c])
    logprobs, hidden = rows(model, data["groups"])
    others = {k: rows(m, data["groups"])[0].detach() for k, m in references.items()}
    scores = {
        "divergences": divergences(logprobs, others["reference"]),
        "divergences_near": divergences(logprobs, others["near"]), "values": head(hidden),
    }

    def value(states):
        return (0.5 * weights["value"] ** 2 * (head(states) - returns) ** 2).sum()

    return scores, {
        "logprob": (weights["logprob"] * logprobs.gather(1, tokens[:, None])[:, 0]).sum(),
        "entropy": -(weights["entropy"] * (logprobs.exp() * logprobs).sum(-1)).sum(),
        "divergence": (weights["divergence"] * scores["divergences"]).sum(),
        "divergence_near": (weights["divergence"] * scores["divergences_near"]).sum(),
        "value": value(hidden), "detached": value(hidden.detach()),
    }


def golden(model, head, references, data):
    named = dict(model.named_parameters())
    named |= {f"value_head.{n}": p for n, p in head.named_parameters()}
    scores, losses = terms(model, head, references, data)
    losses["all"] = sum(losses[term] for term in TERMS)
    result = {**scores, "head.weight": head.weight.clone(), "head.bias": head.bias.clone()}
    gradients = {}
    for name, loss in losses.items():
        gradients[name] = torch.autograd.grad(
            loss, named.values(), retain_graph=True, allow_unused=True, materialize_grads=True)
        if name != "logprob":
            result |= {f"{name}.{n}": g for n, g in zip(named, gradients[name])}
    for parameter, gradient in zip(named.values(), gradients["all"]):
        parameter.grad = gradient.clone()
    result["norm"] = torch.nn.utils.clip_grad_norm_(
        named.values(), STEP["max_grad_norm"]).reshape(1)
    torch.optim.AdamW([
        {"params": model.parameters()},
        {"params": head.parameters(),
         "lr": STEP["learning_rate"] * STEP["value_head_multiplier"]},
    ], lr=STEP["learning_rate"], weight_decay=0.0).step()
    result |= {f"step.{n}": p.clone() for n, p in named.items()}
    return {name: t.detach().float().contiguous() for name, t in result.items()}


def stored(model, path, name):
    """Saves the weights as f32, and answers with the model that reads them, in float64."""
    model.float().save_pretrained(path)
    if name != "model":
        (path / "model.safetensors").rename(path / f"{name}.safetensors")
    return model.double()


def main():
    torch.manual_seed(4)
    path = HERE / "tiny-terms"
    model = tiny()
    randomise(model)
    references = {"reference": moved(model, 0.05), "near": moved(model, 5e-5)}
    references = {n: stored(m, path, n) for n, m in references.items()}
    stored(model, path, "model")
    (path / "generation_config.json").unlink(missing_ok=True)
    head = Head(model.config.hidden_size).float().double()
    data = batch(model.config.vocab_size)
    (path / "batch.json").write_text(json.dumps(data) + "\n")
    save_file(golden(model, head, references, data), path / "golden.safetensors")


if __name__ == "__main__":
    main()
