"""Makes the small tokenizers and golden files of this folder.

    python -m venv venv && venv/bin/pip install tokenizers==0.23.* transformers jinja2
    venv/bin/python make.py
    venv/bin/python make.py --conformance .build/release/cohort [COUNT [SEED]]

Writes {qwen2,llama3,gpt2,smollm2,bytes,characters,llama2,mistral,metaspace,folding}/tokenizer.json with golden.jsonl (what the `tokenizers`
library answers), arithmetic/golden.jsonl and templates/*.jsonl (what `transformers` renders). The output depends only on
this file and the versions of the libraries.

With --conformance nothing is written: 10,000 generated strings per kind of tokenizer go through
`cohort tokenize`, forth and back, and every answer that differs from the library's is shown.
"""

import collections
import json
import pathlib
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
QWEN2 = (
    CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")

CORPUS = [
    "The quick brown fox jumps over the lazy dog, and then it's the dog's turn to jump.",
    "In the beginning there was a number, and the number was 1234567890; we'll add 17 + 25 = 42.",
    "def add(left, right):\n    return left + right\n\n\nfor i in range(100):\n    print(add(i, i))\n",
    "func sum(_ values: [Double]) -> Double {\n\tvalues.reduce(0, +)\n}\n",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "Voix ambiguë d'un cœur qui, au zéphyr, préfère les jattes de kiwis.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "敏捷的棕色狐狸跳过了懒狗。春眠不觉晓，处处闻啼鸟。",
    "いろはにほへと ちりぬるを わかよたれそ つねならむ",
    "다람쥐 헌 쳇바퀴에 타고파. 안녕하세요 세계",
    "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. שפן אכל קצת גזר בטעם חסה.",
    "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 👍🏽 thumbs, 🇩🇪 and 🇯🇵!",
    "<p class=\"note\">a &amp; b</p> {\"key\": [1, 2.5, null, true]} https://example.org/?q=1#top",
    "She said: \"They've gone; I'd have stayed, you're late, we'll see, I'm sure it's fine.\"",
    "ADDITION: 1 + 1 = 2, 12 + 34 = 46, 99 + 99 = 198.   Spaces   and\ttabs\t\tand\r\nlines\r\n\r\n",
] * 3


def strings():
    fixed = [
        "", " ", "  ", "   ", "\n", "\n\n", " \n", "\n ", " \n ", "\r\n", "\r\n\r\n", "\r", "\t", "\t\t x",
        "a", " a", "a ", "  a", "a  ", "a  b", "a   b", "a \n b", "a\n\n  b", "a\r\n\tb", "x\n\n\n", "x \n \n y  ",
        "1", "12", "123", "1234", "12345678901", " 1", " 12", "1 2", "1.5", "-3", "1,234,567", "٣٤٥", "१२३", "Ⅷ½²", "x1y22z333",
        "it's", "IT'S", "it'S 'tis 'T 'RE're 'Ve'LL'll 'm'M 'D'd", "'s", "'", "''", "'ſ", "x'ſy", "'x", "'r", "'l", "'ve's", "don't", "'ste", " 's", "\n's",
        "’s don’t", "l'été", "«quoted»", "hello, world!", "Hello World", "HELLO", "camelCaseWord", "snake_case_word", "kebab-case", "__init__",
        "...", "!!!\n\n", " !!!\n", "?!\r\n\r\nnext", "a!b", "a !b", "a! b", "$5.00", "#tag @name", "50%", "a\u00a0b", "a\u2003b", "\u3000x", "\u200bx", "a\u0085b", "\u2028\u2029", "\u1680x", "\u180ex", "\ufeffx",
        "é", "e\u0301", "E\u0301cole", "ñ n\u0303", "\u1100\u1161\u11a8", "각", "Å Å A\u030a", "ﬁ ﬂ", "ｆｕｌｌ", "\u0344", "q\u0323\u0307", "q\u0307\u0323", "\u0958", "が か\u3099", "\u212b", "\u2126", "\u0301alone", " \u0301x", "1\u0301",
        "日本語", "日本 語", "中文，标点。", "한국어 텍스트", "русский текст", "עברית", "العَرَبِيَّة", "ไทยไม่มีช่องว่าง", "हिन्दी में", "ελληνικά", "ქართული", "አማርኛ", "தமிழ்", "𝒳𝒴 𝟏𝟐𝟑", "𐍈𐍉", "𠀀𠀁", "ʰʲ", "ǅ",
        "😀", "😀😀", "👩‍👩‍👧‍👦", "👍🏽", "🏳️‍🌈", "🇩🇪🇯🇵", "❤️", "a😀b", " 😀 ", "#️⃣",
        "def f(x):\n    return x**2 + 1\n", "if (a && b) {\n\treturn !c;\n}\n", "x = {'a': [1, 2, 3]}\n", "<div id=\"x\">\n</div>", "SELECT * FROM t WHERE a >= 10;", "a->b::c", "// comment\n/* block */", "\\n\\t\\\\", "C:\\path\\file", "http://a.b/c?d=e&f=g",
        "\x00", "\x01\x02\x1b[0m", "\x7f", "a\x00b", "\x0b\x0c", "\x1c\x1d\x1e\x1f", "\ufffd", "\U0010ffff", "\ue000", "\ufdd0",
        "<|endoftext|>", "<|im_start|>user\nHi<|im_end|>\n", "a<|im_end|>b", "a <|im_end|> b", "<|im_end|><|im_end|>", "<|im_en", "<|im_end|", "<|im_<|im_end|>", "x<|endoftext|>é<|im_start|>",
        "<tool>", " <tool> ", "a<tool>b", "a  <tool>  b", "<tool><tool>", "<tool_call>", "<tool_call>x</tool_call>", "word", "sword", "word.", "a word b", "words", "wordword", "_word", "word_ word", "éword word́", "caf\u00e9", "cafe\u0301", "xcafe\u0301y", "  <keep>  x", "<keep> <keep>", "\n<tool>\n", "<tool> \n<keep>",
        "0+0=", "94+11=105", "12+34=46\n", "What is 7+8?", "answer: 15", "UPPER lower 123",
    ]
    pieces = ["a", "Z", "é", "e\u0301", "1", "23", " ", "  ", "\n", "\r\n", "\t", "'s", "'LL", "!", "?!", "-", "日", "ด", "😀",
              "\u200d", "\u0301", "\u00a0", "<tool>", "<|im_end|>", "word", "the", " the", "ing", "0", "\x01"]
    state = 1
    for _ in range(120):
        text = ""
        for _ in range(12):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            text += pieces[(state >> 33) % len(pieces)]
        fixed.append(text)
    return fixed + CORPUS[: len(CORPUS) // 3]


def train(name, pre_tokenizer, normalizer=None, size=700, special=("<|endoftext|>", "<|im_start|>", "<|im_end|>")):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(special), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def save(name, tokenizer, edit=None):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    data = json.loads(tokenizer.to_str())
    if edit:
        edit(data)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    golden(folder, Tokenizer.from_str(text))


def golden(folder, tokenizer, every=1):
    with open(folder / "golden.jsonl", "w", encoding="utf-8") as out:
        for text in strings()[::every]:
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            row = {
                "text": text,
                "ids": plain,
                "special": tokenizer.encode(text).ids,
                "decoded": tokenizer.decode(plain, skip_special_tokens=False),
                "skipped": tokenizer.decode(plain, skip_special_tokens=True),
                # Every second token only: broken UTF-8 in most scripts.
                "gaps": tokenizer.decode(plain[::2], skip_special_tokens=False),
            }
            out.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")


def byte_level(use_regex, prefix=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=use_regex)


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(pattern), behavior, invert=invert)


def make_qwen2():
    tokenizer = train("qwen2", pre_tokenizers.Sequence([split(QWEN2), byte_level(False)]), normalizers.NFC())
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_tokens([
        AddedToken("<tool>", lstrip=True, rstrip=True, normalized=False),
        AddedToken("<tool_call>", normalized=False, special=False),
        AddedToken("</tool_call>", normalized=False, special=False),
        AddedToken("word", single_word=True, normalized=True),
        AddedToken("cafe\u0301", normalized=True),
        AddedToken("<keep>", rstrip=True, normalized=True),
    ])
    save("qwen2", tokenizer)


def make_llama3():
    tokenizer = train("llama3", pre_tokenizers.Sequence([split(LLAMA3), byte_level(False)]))
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|eot_id|>"])
    bos = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(
            single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1",
            special_tokens=[("<|begin_of_text|>", bos)]),
    ])

    def edit(data):
        # As in Llama 3: whole words of the vocabulary that merges alone would not reach; and merges
        # in their older spelling.
        data["model"]["ignore_merges"] = True
        data["model"]["merges"] = [" ".join(pair) for pair in data["model"]["merges"]]
        vocab = data["model"]["vocab"]
        for word in ["Ġtext", "UPPER", "answer", "123"]:
            vocab.setdefault(word, len(vocab))
        # Added tokens come after the vocabulary, whose size has changed.
        for offset, token in enumerate(data["added_tokens"][-2:]):
            token["id"] = len(vocab) + offset
        template = data["post_processor"]["processors"][1]
        template["special_tokens"]["<|begin_of_text|>"]["ids"] = [len(vocab)]

    save("llama3", tokenizer, edit)


def make_gpt2():
    tokenizer = train("gpt2", byte_level(True, prefix=True), size=600, special=["<|endoftext|>"])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_tokens([
        AddedToken("word", single_word=True, lstrip=True),
        AddedToken("<tool>", rstrip=True),
    ])
    save("gpt2", tokenizer)


def make_bytes():
    """An unknown token, fused, in a byte-level vocabulary with holes; and a file without merges."""
    alphabet = "ĠĊ0123456789+-=abcdefghijklmnopqrstuvwxyz"
    vocab = {token: id for id, token in enumerate(["<unk>", "<|im_end|>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab, [], unk_token="<unk>", fuse_unk=True))
    tokenizer.pre_tokenizer = byte_level(False)
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel()])
    tokenizer.add_special_tokens(["<|im_end|>"])
    save("bytes", tokenizer)


def make_characters():
    """No pre-tokenizer, no decoder; byte fallback for some bytes, an unknown token for others."""
    vocab = {token: id for id, token in enumerate(["<unk>", *"abcdeé日hinot ", "th", "the", "in", "to"])}
    for byte in [0x21, 0x2B, 0x30, 0x31, 0xCC, 0x81, 0xE6, 0x9C, 0xAC]:
        vocab[f"<0x{byte:02X}>"] = len(vocab)
    merges = [("t", "h"), ("th", "e"), ("i", "n"), ("t", "o")]
    tokenizer = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC()])
    save("characters", tokenizer)


def make_smollm2():
    """Every digit alone, then GPT-2's own pattern."""
    tokenizer = train("smollm2", pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), byte_level(True)]), size=600)
    save("smollm2", tokenizer)


def sentencepiece(size=520):
    """A vocabulary as converters make it from SentencePiece: words start with ▁, all bytes are there."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    special = ["<unk>", "<s>", "</s>"]
    # The trainer's own choice among equally frequent characters varies from run to run.
    counts = collections.Counter("▁".join(CORPUS).replace(" ", "▁"))
    alphabet = sorted(counts, key=lambda character: (-counts[character], character))[:90]
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=alphabet, limit_alphabet=len(alphabet),
        show_progress=False))
    # Byte tokens come after the special ones; all other ids move up.
    data = json.loads(tokenizer.to_str())
    vocab = data["model"]["vocab"]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    words = [word for word in sorted(vocab, key=vocab.get) if word not in special]
    data["model"]["vocab"] = {word: id for id, word in enumerate(special + bytes_ + words)}
    data["pre_tokenizer"] = None
    return data


def frame(data):
    """A token that begins every text."""
    data["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}


FALLBACK_DECODER = {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
    {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}


def added(id, content, **flags):
    return {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": True} | flags


def write_tokenizer(name, data, every=1):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    golden(folder, Tokenizer.from_str(text), every)


def make_llama2():
    """Spaces by a normaliser, no pre-tokenizer: merges see the whole text."""
    data = sentencepiece()
    data["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    data["decoder"] = FALLBACK_DECODER
    data["added_tokens"] += [added(len(data["model"]["vocab"]), "<|im_end|>"),
                             added(len(data["model"]["vocab"]) + 1, "word", normalized=True, special=False),
                             added(len(data["model"]["vocab"]) + 2, "<tool>", lstrip=True, rstrip=True)]
    frame(data)
    write_tokenizer("llama2", data, 2)


def make_mistral():
    """Spaces by Metaspace, only at the beginning of a text, words kept together."""
    data = sentencepiece()
    data["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
    data["decoder"] = FALLBACK_DECODER
    data["added_tokens"] += [added(len(data["model"]["vocab"]), "<|im_end|>"),
                             added(len(data["model"]["vocab"]) + 1, "<tool>", rstrip=True)]
    frame(data)
    write_tokenizer("mistral", data, 2)


def make_metaspace():
    """Metaspace as it was written before it had schemes, with its own decoder; no byte tokens."""
    data = sentencepiece()
    vocab = data["model"]["vocab"]
    words = [word for word in vocab if not word.startswith("<0x")]
    data["model"] |= {"vocab": {word: id for id, word in enumerate(words)}, "byte_fallback": False}
    data["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    data["decoder"] = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    data["added_tokens"].append(added(len(words), "<|im_end|>"))
    write_tokenizer("metaspace", data, 2)


def make_folding():
    """Every other normaliser and pre-tokenizer in one file."""
    data = sentencepiece(450)
    data["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "NFKC"},
        {"type": "Strip", "strip_left": True, "strip_right": True}]}
    data["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}"}, "behavior": "MergedWithPrevious", "invert": False},
        {"type": "Whitespace"},
        {"type": "Punctuation", "behavior": "Contiguous"},
        {"type": "Split", "pattern": {"String": "ing"}, "behavior": "MergedWithNext", "invert": False},
        {"type": "Digits", "individual_digits": False},
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]}
    data["decoder"] = {"type": "Sequence", "decoders": [
        {"type": "ByteFallback"}, {"type": "Strip", "content": "▁", "start": 1, "stop": 0},
        {"type": "Replace", "pattern": {"Regex": "e+"}, "content": "E"}]}
    write_tokenizer("folding", data, 2)


def make_arithmetic():
    """What the library makes of the built-in vocabulary, whose file the Swift side generates: the text
    of `Tokenizer.arithmeticJSON()` is kept in arithmetic/tokenizer.json, and a test compares the two."""
    folder = HERE / "arithmetic"
    golden(folder, Tokenizer.from_file(str(folder / "tokenizer.json")))


def conversations():
    user = {"role": "user", "content": "What is 2+3?"}
    system = {"role": "system", "content": "  Be brief. \n"}
    answer = {"role": "assistant", "content": "<think>\n2+3\n</think>\n\nIt is 5."}
    more = {"role": "user", "content": "Ünd \"5+6\"?\n\\n {{ messages }} 日本 😀"}
    call = {"role": "assistant", "content": "", "tool_calls": [
        {"type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": 2.5, "c": "x<y>&'é"}}}]}
    calls = {"role": "assistant", "content": "Two.", "tool_calls": [
        {"function": {"name": "add", "arguments": "{\"a\": 1}"}}, {"name": "neg", "arguments": {}}]}
    result = {"role": "tool", "content": {"result": [3, None, True, {"deep": []}]}}
    text = {"role": "tool", "content": "4"}
    return [
        [user], [system, user], [user, answer, more], [system, user, answer, more, answer],
        [system], [user, call, text, text], [user, calls, text, answer, user], [user, call, result],
        [answer, user], [user, user], [{"role": "user", "content": ""}],
        [user, {"role": "assistant", "content": "5", "reasoning_content": " two and\nthree "}],
        [user, call | {"content": None}, text, {"role": "assistant", "content": "4", "reasoning": "sum", "tool_calls": None}, user],
        [{"role": "user", "content": [{"type": "text", "text": "Look: "}, {"type": "image"}, {"text": "!"}]}],
    ]


TOOLS = [
    {"type": "function", "function": {
        "name": "add", "description": "Adds <two> numbers & \"more\".",
        "parameters": {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}}},
    {"name": "neg", "flag": False, "none": None, "list": [1, -2.5, 1e30], "größe": "ä"},
]

SNIPPETS = r"""
{{ 1 + 2 * 3 - 4 // 3 % 2 }}|{{ 7 / 2 }}|{{ -7 // 2 }}|{{ -7 % 3 }}|{{ 7.5 // 2 }}|{{ 2 ~ 3 ~ none }}
{{ 1.0 }}|{{ 0.1 + 0.2 }}|{{ 1e3 if false else 100000000000000000000.0 }}|{{ 12345678901234567.0 }}|{{ 0.00001 }}
{{ true }} {{ False }} {{ none }} {{ nothing }}|{{ [1, 'a', "it's", none, true, 1.5, {'k': 'v"'}] }}
{{ 'a' if x is defined else 'b' }}|{{ 'a' if x }}|{{ not x }}|{{ x is undefined }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ 'é' == 'é' }} {{ 1 == 1.0 }} {{ 1 == true }} {{ [1] == [1.0] }} {{ {'a': 1} == {'a': 1} }}
{{ 'b' in 'abc' }} {{ 'x' not in 'abc' }} {{ 1 in [1, 2] }} {{ 'k' in {'k': 1} }} {{ 'a' in missing }}
{{ 'abc'[0] }}{{ 'abc'[-1] }}{{ 'abcdef'[1:4] }}{{ 'abcdef'[::-1] }}{{ 'abcdef'[::2] }}{{ 'abcdef'[-3:] }}{{ 'abcdef'[4:1:-1] }}|{{ 'ab'[5] is defined }}
{{ [1,2,3][1:] }}{{ [1,2,3][:-1] }}{{ [1,2,3][5:] }}{{ [1,2,3][-9:2] }}{{ [1,2,3][::-2] }}
{% for i in range(3) %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}
{% for i in range(10, 0, -3) %}{{ loop.index }}:{{ i }} {% else %}none{% endfor %}
{% for i in [] %}x{% else %}empty{% endfor %}
{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in {'a': 1, 'b': 2} %}{{ k }}{% endfor %}{% for c in 'héo' %}[{{ c }}]{% endfor %}
{% for i in range(10) if i % 3 == 0 %}{{ i }}/{{ loop.length }} {% endfor %}
{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for i in [1,2,3] %}{{ loop.first }}{{ loop.last }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.index0 }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }}{{ loop.depth }} {% endfor %}
{% for a in [1,2] %}{% for b in [3,4] %}{{ loop.depth }}{{ loop.index }}{{ a }}{{ b }} {% endfor %}{{ loop.index }}{% endfor %}
{% set x = 1 %}{% for i in [1,2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}
{% set ns = namespace(n=0, s='') %}{% for i in [1,2,3] %}{% set ns.n = ns.n + i %}{% set ns.s = ns.s ~ i %}{% endfor %}{{ ns.n }} {{ ns.s }} {{ ns.zzz is defined }}
{% set a, b = 1, 'two' %}{{ a }}{{ b }}{% set c %}block {{ a }}{% endset %}[{{ c }}]{% set t = (1, 2) %}{{ t[1] }}
{% if 0 %}a{% elif '' %}b{% elif [] %}c{% elif {} %}d{% elif none %}e{% else %}f{% endif %}
{% macro m(a, b='B', c=none) %}({{ a }},{{ b }},{{ c }}){% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(1, c=3) }}{{ m() }}
{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(4) }}
{% set y = 1 %}{% macro g() %}{{ y }}{% endmacro %}{{ g() }}{% set y = 2 %}{{ g() }}
{{ '  a b '.strip() }}|{{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'a,b,,c'.split(',') }}|{{ ' a  b c '.split() }}|{{ 'a-b-c'.split('-', 1) }}
{{ 'abc'.startswith('ab') }}{{ 'abc'.endswith('c') }}{{ 'abc'.startswith(('x', 'a')) }}{{ 'aBc'.upper() }}{{ 'aBc'.lower() }}{{ 'hello wORLD'.title() }}{{ 'hELLO'.capitalize() }}
{{ 'aaa'.replace('a', 'b') }}{{ 'aaa'.replace('a', 'b', 2) }}{{ 'aXbX'.find('X') }}{{ 'abc'.find('z') }}{{ 'aXbX'.count('X') }}{{ ','.join(['a', 'b']) }}{{ '12'.isdigit() }}{{ 'a\nb\r\nc\n'.splitlines() }}
{{ ' x '|trim }}|{{ 'xay'|trim('xy') }}|{{ 'a'|upper }}{{ 'A'|lower }}{{ 'hello-world (foo) bar'|title }}{{ 'hELLO wORLD'|capitalize }}
{{ [1,2,3]|length }}{{ 'héé'|length }}{{ {'a': 1}|length }}{{ missing|length }}{{ [1,2]|first }}{{ [1,2]|last }}{{ 'abc'|first }}{{ []|first }}|{{ []|last is defined }}
{{ missing|default('d') }}{{ none|default('d') }}{{ ''|default('d', true) }}{{ ''|default('d', boolean=true) }}{{ 0|d('x') }}
{{ [1,2,3]|join(', ') }}|{{ ['a','b']|join }}|{{ [{'n': 'x'}, {'n': 'y'}]|join('-', attribute='n') }}|{{ 'abc'|join('.') }}
{{ {'b': 1, 'a': [1.5, none, true, 'é"\n<&>']}|tojson }}|{{ {'b': 1, 'a': {}}|tojson(sort_keys=true) }}|{{ [1, {'a': []}]|tojson(indent=2) }}|{{ [1,2]|tojson(separators=(',', ':')) }}|{{ 'x'|tojson }}|{{ {'a': [1,2]}|tojson(indent=4) }}
{{ [{'r': 'u', 'n': 1}, {'r': 's', 'n': 2}]|selectattr('r', 'equalto', 'u')|map(attribute='n')|list }}{{ [{'r': 'u'}, {'r': 's'}]|rejectattr('r', 'eq', 'u')|list }}{{ [{'a': 1}, {'b': 1}]|selectattr('a', 'defined')|list|length }}{{ [{'a': 1}, {'a': 0}]|selectattr('a')|list }}
{{ [1,2,3,4]|select('odd')|list }}{{ [1,2,3,4]|reject('even')|list }}{{ [0,1,'']|select|list }}{{ ['a','b']|map('upper')|join }}{{ [{'a': 1}, {}]|map(attribute='a', default='z')|list }}{{ [[1,2],[3]]|map('length')|list }}
{{ [{'a': {'b': 1}}, {'a': {}}, {}]|map(attribute='a.b', default='z')|list }}{{ [{}]|map(attribute='a', default=none)|map('string')|list }}{{ [{'a': [5]}]|map(attribute='a.0')|list }}
{{ 5|string ~ 6 }}{{ 'a-b'|replace('-', '+') }}{{ '42'|int }}{{ 'x'|int }}{{ 'x'|int(7) }}{{ '3.9'|int }}{{ 2.7|int }}{{ '1.5'|float }}{{ 'q'|float }}{{ true|int }}
{{ {'a': 1, 'b': [2]}|items|list }}{{ 'abc'|list }}{{ [3,1,2]|sort }}{{ ['b','A','c']|sort }}{{ [3,1,2]|sort(reverse=true) }}{{ [1,2]|reverse|list }}{{ 'abc'|reverse }}{{ -3|abs }}{{ [1,3,2]|max }}{{ [2,1]|min }}
{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}|{{ 'a\n\nb'|indent(1, blank=true) }}|{{ 'x'|safe }}
{{ 1 is number }}{{ 'a' is string }}{{ {} is mapping }}{{ [] is iterable }}{{ [] is sequence }}{{ 1.5 is float }}{{ 1 is integer }}{{ true is integer }}{{ true is number }}{{ true is boolean }}{{ none is none }}{{ true is true }}{{ 0 is false }}{{ 3 is odd }}{{ 3.5 is odd }}{{ [1, 2] < [1, 3] }}{{ (2,) < (1, 5) }}{{ 4 is even }}{{ 9 is divisibleby 3 }}{{ 9 is divisibleby(2) }}{{ 'a' is in 'abc' }}{{ missing is iterable }}{{ 'A' is upper }}{{ 'Ab' is lower }}{{ 1 is not string }}{{ 2 is gt 1 }}{{ 2 is eq(2) }}{{ range is callable }}
{{ 'a' 'b' "c" }}{{ "q\"q" }}{{ 'tab\tx\x41\u00e9\\' }}{{ '\d' }}
{{ (1, 2)[0] }}{{ {'a': {'b': [10, 20]}}.a.b[1] }}{{ {'a': 1}['a'] }}{{ {'a': 1}.get('b', 'n') }}{{ {'a': 1}.get('z') }}{{ {'a': 1, 'b': 2}.keys()|list }}{{ {'a': 1}.values()|list }}
{{ (1, 'a') }}{{ (1,) }}{{ () }}{{ (1, 2) == [1, 2] }}{{ (1,) + (2,) }}{{ 1e3 }}{{ 2.5E-2 }}{{ 'ab' * 3 }}{{ [1] + [2] }}{{ -5 }}{{ - 5|abs }}{{ +3 }}{{ 2 - -2 }}{{ not true or true }}{{ 'x' or 'y' }}{{ '' or 'y' }}{{ 'x' and 'y' }}{{ not 1 == 2 }}
{{ '%' }}{{ "{{ not a tag }}" }}{{ "%}" }}{{ {'a': {'b': 1}} }}{# comment #}{#- c -#}  x
{% raw %}{{ raw }} {% if %}{% endraw %} after
  {% if true %}
    indented
  {% endif %}
end
a  {%- if true -%}  b  {%- endif %}  c {{- 'd' -}}  e {{ 'f' }}
x {%+ if true %}y{% endif +%}
z
a   {# gone #}
  {# gone too #}
b
{% set x = 'v' -%}

   {{ x }}  {%- set y = 1 %}
t
{{ [1, [2, [3]]]|tojson }} {{ 1 if true else 2 if true else 3 }} {{ (1 if false else 2) + 1 }} {{ dict(a=1, b='c') }} {{ 1 if 0 }}|
""".strip("\n")


def snippets():
    """Single lines, and the multi-line ones at the end joined at lines that start a new topic."""
    lines = SNIPPETS.split("\n")
    cut = lines.index("  {% if true %}")
    blocks = ["\n".join(lines[cut : cut + 4]), lines[cut + 4], "\n".join(lines[cut + 5 : cut + 7]) + "\n"]
    rest = lines[cut + 7 :]
    return lines[:cut] + blocks + ["\n".join(rest[:3]), "\n".join(rest[3:7]), rest[7]]


ERRORS = [
    "{{ missing.attribute }}", "{{ 'a' + 1 }}", "{{ raise_exception('no!') }}", "{{ 1 / 0 }}", "{{ 1 % 0 }}",
    "{% for x in 5 %}{% endfor %}", "{{ none.x.y }}", "{{ 'a' < 1 }}", "{{ [1]|tojson(indent='x', zzz=1) }}",
    "{{ missing() }}", "{{ 'abc'.split('') }}", "{{ range(200000) }}", "{{ [1].append(2) }}", "{% set a, b = [1] %}",
    "{{ missing + 'x' }}", "{{ {}|tojson(missing) + 1 }}", "{{ missing|tojson }}", "{% if %}{% endif %}", "{% if x %}",
    "{% endif %}", "{{ x", "{% for %}{% endfor %}", "{{ 'abc }}", "{{ (1 }}", "{{ 1 }", "{{ }}", "{% unknown %}",
    "{{ 1 2 }}", "{% break %}", "{{ x|nofilter }}", "{{ x is notest }}", "{# open", "{{ [1, 2 }}", "{{ a b }}",
    "{% else %}", "{% for a in b %}{% endif %}{% endfor %}", "{% set x.y = 1 %}", "{{ 1 is divisibleby 0 }}",
    "{% if 1 if 2 else 3 %}{% endif %}", "{% set x = none %}{{ x[1:] }}", "{{ [1] < ['a'] }}",
]


def make_templates():
    from transformers import PreTrainedTokenizerFast
    from transformers.utils.chat_template_utils import _compile_jinja_template

    folder = HERE / "templates"
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_file(str(HERE / "bytes" / "tokenizer.json")),
        bos_token="<s>", eos_token="</s>")
    for path in sorted(folder.glob("*.jinja")):
        rows = []
        source = path.read_text(encoding="utf-8")
        for number, messages in enumerate(conversations()):
            for generation, tools, extra in [
                (True, None, {}), (False, None, {"date_string": "1 Jan 2025", "enable_thinking": False}),
                (True, TOOLS, {"date_string": "1 Jan 2025", "enable_thinking": False}),
            ]:
                extra = {"date_string": "9 Aug 2026", **extra}
                row = {"template": path.name, "messages": messages, "tools": tools,
                       "add_generation_prompt": generation, "variables": extra}
                try:
                    row["text"] = tokenizer.apply_chat_template(
                        messages, chat_template=source, tokenize=False, tools=tools,
                        add_generation_prompt=generation, **extra)
                except Exception as error:
                    row["error"] = type(error).__name__
                rows.append(row)
        write(path.with_suffix(".jsonl"), rows)

    rows = []
    for source in snippets() + ERRORS:
        try:
            rows.append({"source": source, "text": _compile_jinja_template(source).render()})
        except Exception as error:
            rows.append({"source": source, "error": type(error).__name__})
    write(folder / "snippets.jsonl", rows)


def write(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    if "--conformance" in sys.argv:
        import conformance

        conformance.main(sys.argv[2], *map(int, sys.argv[3:]))
    make_qwen2()
    make_llama3()
    make_gpt2()
    make_bytes()
    make_characters()
    make_smollm2()
    make_llama2()
    make_mistral()
    make_metaspace()
    make_folding()
    make_arithmetic()
    make_templates()
