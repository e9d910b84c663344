import GRPO
import Testing

import cohort

@Test("Values of a file reach their properties")
func fileValues() throws {
    let configuration = try resolve(
        """
        [run]
        seed = 7
        max_steps = 1_000

        [grpo]
        beta = 0          # an integer where a number is wanted
        epsilon_high = 0.28
        lr_scheduler_type = "cosine"
        loss_type = 'original'

        [sft]
        enabled = false
        [data]
        shuffle_dataset = false
        path = "a b.jsonl"
        """
    ).configuration
    #expect(configuration.run.seed == 7)
    #expect(configuration.run.maxSteps == 1000)
    #expect(configuration.grpo.algorithm.objective.beta == 0)
    #expect(configuration.grpo.algorithm.objective.epsilonHigh == 0.28)
    #expect(configuration.grpo.algorithm.objective.epsilonHigh == 0.28)
    #expect(configuration.grpo.learningRateSchedule == .cosine)
    #expect(configuration.grpo.algorithm.objective.lossType == .original)
    #expect(configuration.sft.enabled == .no)
    #expect(configuration.data.shuffleDataset == false)
    #expect(configuration.data.path == "a b.jsonl")
}

@Test("Dotted keys, quoted keys and inline tables mean the same as a table")
func otherForms() throws {
    let plain = try resolve("[grpo]\nbeta = 0.1\nepsilon = 0.3").configuration
    #expect(try resolve("grpo.beta = 0.1\ngrpo.epsilon = 0.3").configuration == plain)
    #expect(try resolve("grpo = { beta = 0.1, epsilon = 0.3 }").configuration == plain)
    #expect(try resolve("[\"grpo\"]\n'beta' = 0.1\n\"epsilon\" = 0.3").configuration == plain)
}

@Test("An empty table changes nothing")
func emptyTable() throws {
    #expect(try resolve("[grpo]\n[run]\n").configuration == RunConfiguration())
}

@Test("Without epsilon_high both clip bounds are epsilon")
func clipHigh() throws {
    let bounds = try resolve("[grpo]\nepsilon = 0.3").configuration.grpo.algorithm.objective
        .bounds(Double.self)
    #expect(bounds.low == 0.7 && bounds.high == 1.3)
}

@Test("Command line beats environment beats later file beats earlier file beats default")
func precedence() throws {
    let sources = ConfigurationSources(
        files: [
            TOMLSource(
                name: "a.toml",
                text: "[grpo]\nbeta = 0.1\nepsilon = 0.1\ntop_p = 0.1\nlearning_rate = 0.1"),
            TOMLSource(name: "b.toml", text: "[grpo]\nbeta = 0.2\nepsilon = 0.2\ntop_p = 0.2"),
        ],
        environment: ["COHORT_GRPO_BETA": "0.3", "COHORT_GRPO_EPSILON": "0.3"],
        assignments: [
            try SettingAssignment(parsing: "grpo.beta=0.35"),
            SettingAssignment(key: "grpo.beta", text: "0.4", option: "--kl 0.4"),
        ])
    let resolved = try ResolvedConfiguration(sources)
    let grpo = resolved.configuration.grpo
    #expect(grpo.algorithm.objective.beta == 0.4)
    #expect(resolved.origin(of: SettingKey("grpo.beta")) == .commandLine("--kl 0.4"))
    #expect(grpo.algorithm.objective.epsilon == 0.3)
    #expect(
        resolved.origin(of: SettingKey("grpo.epsilon")) == .environment("COHORT_GRPO_EPSILON"))
    #expect(grpo.topP == 0.2)
    #expect(resolved.origin(of: SettingKey("grpo.top_p")) == .file(name: "b.toml", line: 4))
    #expect(grpo.learningRate == 0.1)
    #expect(
        resolved.origin(of: SettingKey("grpo.learning_rate")) == .file(name: "a.toml", line: 5))
    #expect(resolved.origin(of: SettingKey("grpo.top_k")) == .default)
}

@Test("Values on the command line are read by their key's type")
func commandLineValues() throws {
    let configuration = try resolve(
        "",
        set: [
            "run.seed = 9", "run.max_steps=1_000", "data.path=7=8", "data.eval_path=\"x y\"",
            "data.shuffle_dataset=false", "sft.enabled=true", "grpo.learning_rate=1e-4",
            "grpo.top_k=5.0", "reward.name=numeric",
        ]
    ).configuration
    #expect(configuration.run.seed == 9)
    #expect(configuration.run.maxSteps == 1000)
    #expect(configuration.data.path == "7=8")
    #expect(configuration.data.evalPath == "x y")
    #expect(configuration.data.shuffleDataset == false)
    #expect(configuration.sft.enabled == .yes)
    #expect(configuration.grpo.learningRate == 1e-4)
    #expect(configuration.grpo.topK == 5)
    #expect(configuration.reward.names == ["numeric"])
}

@Test(
    "A --set without a key or an equals sign says how it is written", arguments: ["beta", "=1", ""])
func malformedAssignment(argument: String) {
    #expect(throws: ConfigurationFailure.self) { try SettingAssignment(parsing: argument) }
}

@Test("Environment variables that are empty or not ours are ignored")
func foreignEnvironment() throws {
    let environment = [
        "COHORT_GRPO_BETA": "", "COHORT_LEARNER": "tcp://10.0.0.1:5555", "PATH": "/bin",
        "COHORT_GRPO_": "1",
    ]
    let resolved = try resolve("", environment: environment)
    #expect(resolved.configuration == RunConfiguration())
}

@Test("The largest seed that TOML can write is kept exactly, a larger one is refused")
func seedRange() throws {
    let resolved = try resolve("[run]\nseed = 9223372036854775807")
    #expect(resolved.configuration.run.seed == UInt64(Int64.max))
    #expect(
        problems("[run]\nseed = -1") == [
            "run.toml:2:8: run.seed must be an integer of at least 0, not -1 [config-out-of-range]"
        ])
    #expect(problems("", set: ["run.seed=9223372036854775808"]).count == 1)
}
