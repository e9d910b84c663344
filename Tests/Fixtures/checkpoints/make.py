"""Golden files of CheckpointsTests.

    python3 -m venv venv && venv/bin/pip install torch transformers safetensors numpy
    venv/bin/python make.py models            # tied/, sharded/, dtypes.safetensors, dtypes.json
    COHORT_WRITTEN=/tmp/written swift test -c release --filter RoundTripTests
    venv/bin/python make.py verify /tmp/written   # written.json

`verify` loads what Cohort wrote (`/tmp/written/tied` and `/tmp/written/sharded`) with transformers,
compares every logit with the original model's, and records the digests of the files that loaded fine. The
tests then only need to reproduce those bytes.
"""

import hashlib
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent
SIZES = dict(
    vocab_size=48, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
    bos_token_id=0, eos_token_id=1, pad_token_id=None,
)
TOKENS = [[3, 14, 15, 9, 26, 5, 35, 8, 47, 0, 1, 2]]


def models():
    torch.manual_seed(5)
    config = transformers.Qwen2Config(tie_word_embeddings=True, **SIZES)
    save(transformers.Qwen2ForCausalLM(config), "tied", max_shard_size="1GB")
    config = transformers.LlamaConfig(tie_word_embeddings=False, **SIZES)
    save(transformers.LlamaForCausalLM(config), "sharded", max_shard_size="12KB")
    tokenizer_files = {
        "tokenizer_config.json": {"model_max_length": 64}, "special_tokens_map.json": {}}
    for name, value in tokenizer_files.items():
        (HERE / "tied" / name).write_text(json.dumps(value) + "\n")
    dtypes()


def save(model, name, max_shard_size):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3)
    model.to(torch.float32).save_pretrained(HERE / name, max_shard_size=max_shard_size)


def dtypes():
    """One tensor per type, and what torch converts those of 16 and 32 bits to."""
    torch.manual_seed(6)
    values = torch.cat([
        torch.randn(23) * 3,
        torch.tensor([0.0, -0.0, float("inf"), -float("inf"), 1e-7, -6e-8, 65504.0, 6.1e-5, 1.0]),
    ]).reshape(4, 8)
    tensors = {
        "single": values, "half": values.to(torch.float16), "brain": values.to(torch.bfloat16),
        "scalar": torch.tensor(2.5), "empty": torch.zeros(3, 0),
        "int64": torch.arange(5), "bool": torch.tensor([True, False, True]),
        "float64": torch.tensor([1.5], dtype=torch.float64),
        "fp8": torch.tensor([1.5, 2.0]).to(torch.float8_e4m3fn),
    }
    save_file(tensors, HERE / "dtypes.safetensors", metadata={"format": "pt", "note": "größer\n\"1\""})
    (HERE / "dtypes.json").write_text(json.dumps({
        name: {"shape": list(tensors[name].shape), "bits": float_bits(tensors[name])}
        for name in ("single", "half", "brain", "scalar", "empty")
    }) + "\n")


def float_bits(tensor):
    return tensor.to(torch.float32).flatten().view(torch.int32).tolist()


def logits(directory):
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
    with torch.no_grad():
        return model(torch.tensor(TOKENS)).logits


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verify(written):
    result = {"transformers": transformers.__version__}
    for name in ("tied", "sharded"):
        original, ours = logits(HERE / name), logits(written / name)
        assert torch.equal(original, ours), f"{name}: logits differ"
        shards = {}
        for path in sorted((HERE / name).glob("*.safetensors")):
            shards |= load_file(path)
        read = load_file(written / name / "model.safetensors")
        assert shards.keys() == read.keys()
        assert all(torch.equal(read[key], shards[key]) for key in read)
        result[name] = {
            "files": {path.name: sha256(path) for path in sorted((written / name).iterdir())},
            "last_logits": ours[0, -1, :8].tolist(),
        }
        print(name, "loads; logits equal to the original's, bit for bit")
    (HERE / "written.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    models() if sys.argv[1] == "models" else verify(pathlib.Path(sys.argv[2]))
