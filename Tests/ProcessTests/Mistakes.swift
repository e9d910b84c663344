import Foundation

extension Mistake {
    static let all = models + rows + settings + others

    private static let models = [
        Mistake("no model", "train --model {}/m --output-dir {}/run", 66, "there is no directory {}/m"),
        model("no weights", "model.safetensors", 66, "there is no {}/m/model.safetensors") { _ in nil },
        model("no config", "config.json", 66, "there is no {}/m/config.json") { _ in nil },
        model("no tokenizer", "tokenizer.json", 66, "tokenizer.json: cannot be read: No such file") { _ in nil },
        model("cut-off weights", "model.safetensors", 65, "model.safetensors: the safetensors image ends") {
            $0.dropLast(100)
        },
        model("no header", "model.safetensors", 65, "not a safetensors image") { _ in Data() },
        model("integers as weights", "model.safetensors", 65, "is I32; only F32, F16 and BF16") {
            $0.replacingText(#""F32""#, by: #""I32""#)
        },
        model("another architecture", "config.json", 65, "gpt2, which this engine does not compute") {
            $0.replacingText("\"qwen2\"", by: "\"gpt2\"")
        },
        model("another width", "config.json", 65, "model {}/m: weights: tensor model.embed_tokens.weight has shape [64, 32]") {
            $0.replacingText(#""hidden_size" : 32"#, by: #""hidden_size" : 64"#)
        },
        model("another vocabulary", "config.json", 65, "tokenizer.json has 64 tokens, config.json says") {
            $0.replacingText(#""vocab_size" : 64"#, by: #""vocab_size" : 20"#)
        },
        model("unknown pre-tokenizer", "tokenizer.json", 65, "pre_tokenizer Fancy is not supported") {
            $0.replacingText(
                #""pre_tokenizer":{"type":"ByteLevel""#, by: #""pre_tokenizer":{"type":"Fancy""#)
        },
    ]

    private static let rows = [
        row("broken JSON", #"{"prompt":"1+1=","answer":"#, "invalid JSON at column 27"),
        row("no prompt", #"{"answer":"1"}"#, #"the column "prompt" is missing"#),
        row("no answer", #"{"prompt":"1+1="}"#, #"the column "answer" is missing"#),
        row("a number as prompt", #"{"prompt":7,"answer":"1"}"#, #"the column "prompt" must be a string"#),
        row("a list as row", "[]", "a row must be a JSON object"),
        row("empty prompt", #"{"prompt":"","answer":"1"}"#, #"the column "prompt" is empty"#),
        row(
            "long prompt", #"{"prompt":"\#(String(repeating: "1", count: 80))","answer":"1"}"#,
            "the prompt has 80 tokens, more than the limit of 56"),
        Mistake(
            "no data", "train --model {model} --data {}/rows.jsonl --output-dir {}/run", 66,
            "{}/rows.jsonl: cannot be read: No such file or directory"),
    ]

    private static let settings = [
        toml("unknown key", "[grpo]\nlearning_rat = 1\n", "2:1: unknown key grpo.learning_rat; did you mean grpo.learning_rate?"),
        toml("text for a number", "[grpo]\nlearning_rate = \"fast\"\n", "2:17: grpo.learning_rate must be a number"),
        toml("no TOML", "[grpo\n", "1:6: this is not TOML"),
        Mistake("no such file", "train {}/c.toml", 66, "{}/c.toml: No such file or directory"),
        Mistake("unknown --set key", "train --set grpo.lerning_rate=1", 78, "did you mean grpo.learning_rate?"),
        Mistake("misspelt option", "train --max-step 3", 64, "Did you mean '--max-steps'?"),
        Mistake("one generation", "train --set grpo.num_generations=1", 78, "from 2 to 65536, not 1"),
        Mistake(
            "a group cut in two", "train --set grpo.generation_batch_size=33 --set grpo.num_generations=4", 78,
            "is not a multiple of num_generations = 4"),
        Mistake("no room", "train --set grpo.max_completion_length=64", 78, "leaves no room for a prompt"),
        Mistake(
            "unknown reward", "train --reward exakt --output-dir {}/run", 78,
            #"did you mean "exact"?"#),
        Mistake(
            "no reward program",
            "eval --model {model} --set data.path={data} --set reward.name=a --set reward.programs=/no/such/program", 78,
            #"the reward program "/no/such/program" (log: "#),
        Mistake(
            "a reward that no program offers",
            "eval --model {model} --set data.path={data} --set reward.name=a,b --set reward.programs={}/judge", 78,
            #"no reward program offers "b", and it is not built in"#
        ) { scratch, _ in
            let judge = try scratch.write("judge", "#!/bin/sh\necho '{\"v\":1,\"rewards\":[\"a\"]}'\ncat >&2\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: judge)
        },
        Mistake(
            "a reward program for workers over tcp",
            "train --set reward.name=a --set reward.programs=cat --set reward.placement=worker "
                + "--set cluster.bind=tcp://127.0.0.1:5555", 78, "which they refuse; take placement = \"learner\""),
        Mistake("unknown task", "train --set data.task=chess", 78, #"there is no built-in task "chess""#),
        Mistake("nobody to sample", "train --workers 0", 78, "nobody could sample"),
        Mistake("open port", "learner --bind tcp://0.0.0.0:5555", 78, "can be reached from other machines"),
        Mistake(
            "open peer", "worker --connect tcp://192.0.2.1:5555 --reconnect-seconds 1", 78,
            "is reachable from other machines"),
        Mistake("no keys", "learner --bind tcp://0.0.0.0:5555 --keys {}/k", 78, "{}/k/learner.key cannot be read"),
        Mistake(
            "keys and none", "learner --bind tcp://0.0.0.0:5555 --keys {}/k --insecure", 78,
            "take one of the two away"),
        Mistake(
            "half of the keys", "worker --connect tcp://127.0.0.1:5555 --key {}/a.key", 64,
            "--key and --learner-key belong together"),
        Mistake(
            "a key for all", "worker --connect tcp://127.0.0.1:5555 --key {}/a.key --learner-key {}/a.pub", 78,
            "{}/a.key can be read by others than its owner; chmod 600 it"
        ) { scratch, _ in
            try scratch.write("a.key", "name = \"a\"")
            chmod(scratch.path + "/a.key", 0o644)
        },
        Mistake("a key with a path", "keygen ../a", 78, "\"../a\" is no name for a key"),
    ]

    private static let others = [
        Mistake("nowhere to put it", "sft --output {}/a/b", 73, "there is no directory {}/a to put"),
        Mistake(
            "a path too long for sockets", "train --output-dir {}/\(String(repeating: "d", count: 100))", 73,
            "is too long for a socket"),
        Mistake("occupied directory", "train --output-dir {}", 73, "exists and is not empty (it has note)") { scratch, _ in
            try scratch.write("note", "mine")
        },
        Mistake("nothing to resume", "train --resume --output-dir {}/run", 66, "there is no run to resume in {}/run"),
        Mistake("resume of what", "train --resume", 64, "--resume needs --output-dir"),
        Mistake("existing output", "init {}", 73, "{} exists already"),
        Mistake("no learner", "worker", 64, "no learner: give --connect"),
        Mistake("no transport", "worker --connect 127.0.0.1:5555", 64, "no transport; write tcp://host:port"),
        Mistake("no tokenizer to tokenize with", "tokenize --model {}", 66, "{}/tokenizer.json: cannot be read: No such file"),
        Mistake("no directory to render with", "render --model {}/m", 66, "there is no directory {}/m"),
        Mistake("no template", "render --model {}", 66, "{} has no chat template"),
        Mistake("broken template", "render --model {}", 65, "chat_template.jinja, line 2: ") { scratch, _ in
            try scratch.write("chat_template.jinja", "first\n{% if %}")
        },
        Mistake("tokenizer to measure", "bench tokenizer --model {}", 66, "{}/tokenizer.json: cannot be read"),
        Mistake("foreign prompt", "generate --model {model} ω", 65, #"the prompt "ω" has no token"#),
    ]
}
