import Testing

import cohort

@Test("An unknown key is reported with file, line, column and the nearest key")
func unknownKey() {
    #expect(
        problems("[grpo]\nbeta = 0.1\n  betta = 0.04\n") == [
            "run.toml:3:3: unknown key grpo.betta; did you mean grpo.beta? [config-unknown-key]"
        ])
}

@Test("A key of another table is sent there")
func keyOfAnotherTable() {
    #expect(
        problems("[grpo]\nseed = 1") == [
            "run.toml:2:1: unknown key grpo.seed; seed belongs in [run]: run.seed "
                + "[config-unknown-key]"
        ])
}

@Test("A key outside every table is sent to its table")
func keyOutsideTables() {
    #expect(
        problems("seed = 1") == [
            "run.toml:1:1: unknown key seed; did you mean run.seed? [config-unknown-key]"
        ])
}

@Test("An unknown table is reported once, with the nearest table")
func unknownTable() {
    #expect(
        problems("[gpro]\nbeta = 1\nepsilon = 2") == [
            "run.toml:2:1: there is no table [gpro]; did you mean [grpo]? [config-unknown-key]"
        ])
    #expect(
        problems("[gpro]\n") == [
            "run.toml:1:2: there is no table [gpro]; did you mean [grpo]? [config-unknown-key]"
        ])
    #expect(
        problems("[optimizer]\nweight_decay = 1") == [
            "run.toml:2:1: there is no table [optimizer]; "
                + "weight_decay is probably grpo.weight_decay [config-unknown-key]"
        ])
    #expect(
        problems("[zzzzz]\nx = 1") == [
            "run.toml:2:1: there is no table [zzzzz]; the tables are [run], [model], [data], "
                + "[reward], [sft], [grpo], [cluster] [config-unknown-key]"
        ])
}

@Test("A table name used as a key is a type error")
func tableAsKey() {
    #expect(
        problems("grpo = 3") == [
            "run.toml:1:1: grpo must be a table, not the integer 3; for example: [grpo] on a line "
                + "of its own [config-wrong-type]"
        ])
}

@Test("A table where a value belongs is a type error at the value")
func tableAsValue() {
    #expect(
        problems("[grpo]\nbeta = { low = 1 }") == [
            "run.toml:2:8: grpo.beta must be a number, not a table; "
                + "for example: \(defaultLine("grpo.beta")) "
                + "[config-wrong-type]"
        ])
    #expect(
        problems("[grpo.beta]\nlow = 1") == [
            "run.toml:1:2: grpo.beta must be a number, not a table; "
                + "for example: \(defaultLine("grpo.beta")) "
                + "[config-wrong-type]"
        ])
}

@Test("A wrong type is reported at the value with the expected type and an example")
func wrongType() {
    #expect(
        problems("[grpo]\nbeta   = \"high\"") == [
            "run.toml:2:10: grpo.beta must be a number, not the text \"high\"; "
                + "for example: \(defaultLine("grpo.beta")) [config-wrong-type]"
        ])
    #expect(
        problems("[run]\nmax_steps = 1.5") == [
            "run.toml:2:13: run.max_steps must be an integer, not the number 1.5; "
                + "for example: \(defaultLine("run.max_steps")) [config-wrong-type]"
        ])
    #expect(
        problems("[data]\nshuffle_dataset = 1\npath = [1]\ntask = 2024-01-01") == [
            "run.toml:2:19: data.shuffle_dataset must be true or false, not the integer 1; "
                + "for example: \(defaultLine("data.shuffle_dataset")) [config-wrong-type]",
            "run.toml:3:8: data.path must be a text in quotes, not an array; "
                + "for example: path = \"…\" [config-wrong-type]",
            "run.toml:4:8: data.task must be a text in quotes, not a date or time; "
                + "for example: \(defaultLine("data.task")) [config-wrong-type]",
        ])
}

@Test("A value out of range is answered with the range")
func outOfRange() {
    let text = "[grpo]\ntop_p = 0\nnum_generations = 1\nepsilon = -0.1\nkl_placement = \"both\""
    #expect(
        problems(text) == [
            "run.toml:2:9: grpo.top_p must be a number above 0 and at most 1, not 0 "
                + "[config-out-of-range]",
            "run.toml:3:19: grpo.num_generations must be an integer from 2 to 65536, not 1 "
                + "[config-out-of-range]",
            "run.toml:4:11: grpo.epsilon must be a number above 0, not -0.1 [config-out-of-range]",
            "run.toml:5:16: grpo.kl_placement must be \"loss\" or \"reward\", not \"both\" "
                + "[config-out-of-range]",
        ])
}

@Test("Infinities and NaN are in no range", arguments: ["inf", "-inf", "nan"])
func nonFinite(value: String) {
    #expect(problems("[grpo]\nbeta = \(value)").count == 1)
    #expect(problems("", set: ["grpo.beta=\(value)"]).count == 1)
}

@Test("A syntax error has file, line and column")
func syntaxError() throws {
    let lines = problems("[grpo]\nbeta = = 1\n")
    #expect(lines.count == 1)
    let line = try #require(lines.first)
    #expect(line.hasPrefix("run.toml:2:8: this is not TOML: "))
    #expect(line.hasSuffix("[config-syntax]"))
}

@Test("A key given twice is a syntax error at the second place")
func duplicateKey() throws {
    let line = try #require(problems("[grpo]\nbeta = 1\nbeta = 2\n").first)
    #expect(line.hasPrefix("run.toml:3:"))
}

@Test("A NUL in the file is an error at its place, not the end of the file")
func nulCharacter() throws {
    let line = try #require(problems("[grpo]\nbe\0ta = 1").first)
    #expect(line.hasPrefix("run.toml:2:3: this is not TOML: a NUL character"))
}

@Test("Everything that is wrong is reported at once, from all sources")
func allProblems() {
    let lines = problems(
        "[grpo]\nbetta = 1\ntop_p = 7", environment: ["COHORT_RUN_SEDE": "1"],
        set: ["cluster.worker=3", "grpo.beta=low"])
    #expect(
        lines == [
            "run.toml:2:1: unknown key grpo.betta; did you mean grpo.beta? [config-unknown-key]",
            "run.toml:3:9: grpo.top_p must be a number above 0 and at most 1, not 7 "
                + "[config-out-of-range]",
            "environment variable COHORT_RUN_SEDE: unknown key run.sede; did you mean run.seed? "
                + "[config-unknown-key]",
            "--set cluster.worker=3: unknown key cluster.worker; did you mean cluster.workers? "
                + "[config-unknown-key]",
            "--set grpo.beta=low: grpo.beta must be a number, not the text \"low\"; "
                + "for example: \(defaultLine("grpo.beta")) [config-wrong-type]",
        ])
}

@Test("Names of other systems are answered with ours, but not accepted")
func foreignNames() {
    #expect(
        problems("[grpo]\nlr = 1e-6") == [
            "run.toml:2:1: unknown key grpo.lr; the same setting is grpo.learning_rate here "
                + "[config-unknown-key]"
        ])
    #expect(
        problems("[grpo]\nuse_vllm = true") == [
            "run.toml:2:1: unknown key grpo.use_vllm; sampling happens in rollout workers; "
                + "see cluster.workers [config-unknown-key]"
        ])
}

@Test("A key that resembles nothing is answered with the keys of its table")
func keyLikeNothing() {
    #expect(
        problems("[model]\nfrobnicate = 1") == [
            "run.toml:2:1: unknown key model.frobnicate; [model] has path, dtype, "
                + "max_position_embeddings, hidden_size, intermediate_size, num_hidden_layers, "
                + "num_attention_heads, num_key_value_heads, initializer_range [config-unknown-key]"
        ])
}
