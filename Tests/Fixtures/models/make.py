"""Makes the fixtures in this directory: tiny random models and what PyTorch computes with them.

    python3 -m venv venv && venv/bin/pip install torch transformers safetensors numpy
    venv/bin/python make.py

Per model: `config.json` and `model.safetensors` as Transformers writes them, `batch.json` (groups of
a prompt and completions, a weight per completion token, temperature, AdamW settings) and
`golden.safetensors`:

    logits.{group}.{completion}   logits of prompt + completion, [length][vocabulary]
    logprobs, entropies           per completion token at the temperature, in order
    gradient.{tensor}             of Σ weight · logprob over all completion tokens
    step{n}.{tensor}              weights after n steps of AdamW on that loss, gradient norm clipped

Everything is computed in float64 and stored as f32, so that the only error is the reader's.
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import (
    LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM,
    Qwen3Config, Qwen3ForCausalLM,
)

HERE = pathlib.Path(__file__).parent
TEMPERATURE = 0.7
ADAMW = {"learning_rate": 1e-3, "weight_decay": 0.1, "max_grad_norm": 0.5, "steps": 3}
SIZES = dict(
    hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=64, attn_implementation="eager",
)


def models():
    torch.manual_seed(1)
    yield "tiny-qwen2", Qwen2ForCausalLM(Qwen2Config(
        vocab_size=96, intermediate_size=56, rms_norm_eps=1e-6, tie_word_embeddings=True,
        eos_token_id=1, bos_token_id=None, **SIZES))
    yield "tiny-llama", LlamaForCausalLM(LlamaConfig(
        vocab_size=64, intermediate_size=48, rms_norm_eps=1e-5, tie_word_embeddings=False,
        eos_token_id=[1, 2], bos_token_id=0, rope_parameters={
            "rope_type": "default", "rope_theta": 5000.0}, **SIZES))
    # Wavelengths on both sides of both bounds, and between them.
    yield "tiny-llama3", LlamaForCausalLM(LlamaConfig(
        vocab_size=48, intermediate_size=40, rms_norm_eps=1e-5, tie_word_embeddings=True,
        head_dim=16, rope_parameters={
            "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 32}, **SIZES))
    yield "tiny-llama-linear", LlamaForCausalLM(LlamaConfig(
        vocab_size=48, intermediate_size=40, tie_word_embeddings=False, rope_parameters={
            "rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}, **SIZES))
    # Heads wider than hidden_size / heads.
    yield "tiny-qwen3", Qwen3ForCausalLM(Qwen3Config(
        vocab_size=48, intermediate_size=40, tie_word_embeddings=True, head_dim=12,
        use_sliding_window=False, **SIZES))
    yield "tiny-mistral", MistralForCausalLM(MistralConfig(
        vocab_size=48, intermediate_size=40, tie_word_embeddings=False, sliding_window=None,
        **SIZES))


def randomise(model):
    """Larger weights than usual, so that nothing is near zero by chance, and no neutral norms."""
    for name, value in model.named_parameters():
        with torch.no_grad():
            if name.endswith("norm.weight"):
                value.copy_(1 + 0.2 * torch.randn_like(value))
            elif name.endswith("bias"):
                value.normal_(0, 0.3)
            else:
                value.normal_(0, 0.15)


def batch(vocabulary):
    def tokens(count):
        return torch.randint(0, vocabulary, (count,)).tolist()

    groups = [
        {"prompt": tokens(prompt), "completions": [tokens(count) for count in counts]}
        for prompt, counts in [(5, [7, 1, 12]), (17, [20, 3]), (1, [16, 17, 2, 5]), (33, [9, 31])]
    ]
    count = sum(len(c) for g in groups for c in g["completions"])
    return {
        "temperature": TEMPERATURE, "groups": groups, "adamw": ADAMW,
        "weights": [round(x, 4) for x in torch.randn(count).div(10).tolist()],
    }


def scores(model, groups):
    logits, logprobs, entropies = {}, [], []
    for i, group in enumerate(groups):
        for j, completion in enumerate(group["completions"]):
            ids = torch.tensor([group["prompt"] + completion])
            out = model(ids).logits[0]
            logits[f"logits.{i}.{j}"] = out
            begin = len(group["prompt"]) - 1
            rows = torch.log_softmax(out[begin:-1] / TEMPERATURE, dim=-1)
            logprobs.append(rows.gather(1, torch.tensor(completion)[:, None])[:, 0])
            entropies.append(-(rows.exp() * rows).sum(-1))
    return logits, torch.cat(logprobs), torch.cat(entropies)


def optimiser(model):
    """Decay on matrices only."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": ADAMW["weight_decay"]},
         {"params": others, "weight_decay": 0.0}], lr=ADAMW["learning_rate"])


def golden(model, data):
    weights = torch.tensor(data["weights"], dtype=torch.float64)
    logits, logprobs, entropies = scores(model, data["groups"])
    result = {**logits, "logprobs": logprobs, "entropies": entropies}
    adamw = optimiser(model)
    for step in range(1, ADAMW["steps"] + 1):
        adamw.zero_grad()
        (scores(model, data["groups"])[1] * weights).sum().backward()
        if step == 1:
            result |= {f"gradient.{n}": p.grad.clone() for n, p in model.named_parameters()}
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), ADAMW["max_grad_norm"])
        result[f"norm{step}"] = norm.reshape(1)
        adamw.step()
        result |= {f"step{step}.{n}": p.clone() for n, p in model.named_parameters()}
    return {name: t.detach().float().contiguous() for name, t in result.items()}


def main():
    for name, model in models():
        randomise(model)
        path = HERE / name
        model.float().save_pretrained(path)
        (path / "generation_config.json").unlink(missing_ok=True)
        data = batch(model.config.vocab_size)
        (path / "batch.json").write_text(json.dumps(data) + "\n")
        save_file(golden(model.double(), data), path / "golden.safetensors")


if __name__ == "__main__":
    main()
