"""Compares `cohort tokenize` with the `tokenizers` library on many generated strings; see make.py."""

import json
import pathlib
import random
import subprocess
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent
KINDS = ["gpt2", "smollm2", "qwen2", "llama3", "llama2", "mistral", "metaspace", "folding", "characters", "bytes"]

# First and last code point of letters, digits and marks of many scripts.
SCRIPTS = {
    "latin": [(0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF)], "greek": [(0x370, 0x3FF), (0x1F00, 0x1FFF)],
    "cyrillic": [(0x400, 0x52F)], "armenian": [(0x531, 0x58A)], "hebrew": [(0x591, 0x5F4)],
    "arabic": [(0x600, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)], "devanagari": [(0x900, 0x97F)],
    "bengali": [(0x980, 0x9FE)], "tamil": [(0xB82, 0xBFA)], "kannada": [(0xC80, 0xCF2)], "thai": [(0xE01, 0xE5B)],
    "tibetan": [(0xF00, 0xFDA)], "burmese": [(0x1000, 0x109F)], "georgian": [(0x10A0, 0x10FF)],
    "hangul": [(0x1100, 0x11FF), (0xAC00, 0xD7A3), (0x3131, 0x318E)], "ethiopic": [(0x1200, 0x137C)],
    "khmer": [(0x1780, 0x17F9)], "kana": [(0x3041, 0x30FF), (0xFF66, 0xFF9D)],
    "han": [(0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x2A6DF)], "gothic": [(0x10330, 0x1034A)],
    "mathematical": [(0x1D400, 0x1D7FF)], "numbers": [(0x660, 0x669), (0x2150, 0x218B), (0x2460, 0x24FF), (0xFF10, 0xFF19)],
    "marks": [(0x300, 0x36F), (0x1AB0, 0x1ABE), (0x20D0, 0x20F0)], "symbols": [(0x2000, 0x206F), (0x20A0, 0x23FF), (0x2500, 0x27BF)],
    "compatibility": [(0xFB00, 0xFB4F), (0xFE30, 0xFE6B), (0xFF01, 0xFFEE), (0x3300, 0x33FF)], "controls": [(0, 0x20), (0x7F, 0xA0)],
}
FIXED = [
    " ", "  ", "   ", "\n", "\r\n", "\r\n\r\n", "\t", "\r", "\u00a0", "\u2003", "\u3000", "\u200b", "\u0085", "\u2028",
    "'s", "'T", "'re", "'VE", "'ll", "'\u017f", "'", "\"", "...", "!?", "--", "->", "==", "();", "{}", "[]", "<", ">", "/", "\\", "_", "#", "@",
    "0", "1", "42", "123", "2026", "1234567890", "3.14", "1,000", "-7", "the", " the", "The", "ing", "and", " of", "word", "hello", "caf\u00e9", "cafe\u0301",
    "\U0001F469\u200D\U0001F469\u200D\U0001F467", "\U0001F44D\U0001F3FD", "\U0001F3F3\uFE0F\u200D\U0001F308", "\U0001F1E9\U0001F1EA", "\u2764\uFE0F", "\U0001F600", "1\uFE0F\u20E3",
    "def f(x):\n    return x**2\n", "for (int i = 0; i < n; ++i) {\n\t", "let x = [1, 2];", "<p class=\"a\">", "&amp;", "https://a.b/c?d=1", "// note\n",
    "\u2581", "\u2581\u2581", "<0x0A>", "<s>", "</s>", "<unk>", "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_", "<tool>", " <tool> ", "<keep>", "<tool_call>", "<|eot_id|>",
    "e\u0301", "o\u0302\u0323", "\u1100\u1161\u11a8", "\uac00\u11a8", "\u0f73\u0f73", "\u0344", "\u212b", "\ufb01", "\u01c5", "\u0130", "\u03a3", "\ufeff", "\ufffd", "\U0010ffff",
]


def assigned(low, high):
    return [chr(code) for code in range(low, high + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]


def strings(count, seed):
    """Mostly known pieces and letters of one script, some of many, and a few of any code points at all."""
    generator = random.Random(seed)
    scripts = [sum((assigned(*r) for r in ranges), []) for ranges in SCRIPTS.values()]
    for number in range(count):
        mix = [generator.choice(scripts) for _ in range(1 if number % 3 else 4)]
        parts = []
        for _ in range(generator.randint(1, 24)):
            choice = generator.random()
            if choice < 0.5:
                parts.append(generator.choice(FIXED))
            elif choice < 0.97:
                letters = generator.choice(mix)
                parts.append("".join(generator.choice(letters) for _ in range(generator.randint(1, 7))))
            else:
                parts.append(chr(generator.choice([generator.randrange(0xD800), generator.randrange(0xE000, 0x110000)])))
        yield "".join(parts)


def answers(cohort, kind, lines, *flags):
    run = subprocess.run(
        [cohort, "tokenize", "--model", str(HERE / kind), "--json", *flags], input="\n".join(lines) + "\n",
        capture_output=True, text=True, encoding="utf-8")
    if run.returncode != 0:
        sys.exit(f"{kind}: {run.stderr}")
    return [json.loads(line) for line in run.stdout.removesuffix("\n").split("\n")]


def compare(cohort, kind, texts):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(HERE / kind / "tokenizer.json"))
    lines = [json.dumps(text) for text in texts]
    wrong = {"ids": [], "ids with special tokens": [], "text": [], "text with gaps": []}
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    special = [tokenizer.encode(text).ids for text in texts]
    gaps = [row[::2] for row in ids]
    decoded = [tokenizer.decode(row, skip_special_tokens=False) for row in ids]
    skipped = [tokenizer.decode(row, skip_special_tokens=True) for row in gaps]
    rows = [json.dumps(row) for row in ids]
    checks = [
        ("ids", answers(cohort, kind, lines, "--no-special-tokens"), ids),
        ("ids with special tokens", answers(cohort, kind, lines), special),
        ("text", answers(cohort, kind, rows, "--decode"), decoded),
        ("text with gaps", answers(cohort, kind, [json.dumps(row) for row in gaps], "--decode", "--no-special-tokens"), skipped),
    ]
    for name, ours, theirs in checks:
        assert len(ours) == len(theirs), f"{kind}: {len(ours)} answers for {len(theirs)} lines"
        wrong[name] = [(text, a, b) for text, a, b in zip(texts, ours, theirs) if a != b]
    return wrong


def main(cohort, count=10_000, seed=1):
    texts = list(strings(count, seed))
    total = sum(len(text.encode()) for text in texts)
    print(f"{count} strings, {total} bytes, seed {seed}")
    failed = 0
    for kind in KINDS:
        wrong = compare(cohort, kind, texts)
        failed += sum(map(len, wrong.values()))
        print(f"{kind}: " + ", ".join(f"{name} {len(rows)} different" for name, rows in wrong.items()))
        for name, rows in wrong.items():
            for text, ours, theirs in rows[:3]:
                print(f"  {name} of {ascii(text)}\n    ours   {ascii(ours)}\n    theirs {ascii(theirs)}")
    sys.exit(1 if failed else 0)
