import GRPO
import Testing

import cohort

private let unusual = """
    [run]
    seed = 9223372036854775807
    output_dir = "a \\"b\\" \\\\ \\t é 🙂 \\u0001 \\u0085"
    [grpo]
    epsilon_high = 0.28
    learning_rate = 1e-7
    adam_beta2 = 0.99999999999
    temperature = 2
    [sft]
    enabled = true
    """

@Test("The printed configuration reads back as the same configuration")
func tomlRoundTrip() throws {
    let resolved = try resolve(unusual, environment: ["COHORT_GRPO_BETA": "0.5"])
    let again = try resolve(resolved.toml)
    #expect(again.configuration == resolved.configuration)
    let defaults = try resolve("")
    #expect(try resolve(defaults.toml).configuration == RunConfiguration())
}

@Test("The printed configuration names the origin of every value")
func origins() throws {
    let resolved = try resolve(
        "[grpo]\nbeta = 0.1\n", environment: ["COHORT_CLUSTER_WORKERS": "3"],
        set: ["grpo.top_p=0.9"])
    let lines = resolved.toml.split(separator: "\n").map(String.init)
    let squeezed = lines.map { $0.split(separator: " ").joined(separator: " ") }
    #expect(squeezed.contains("beta = 0.1 # run.toml:2"))
    #expect(squeezed.contains("workers = 3 # environment variable COHORT_CLUSTER_WORKERS"))
    #expect(squeezed.contains("top_p = 0.9 # command line: --set grpo.top_p=0.9"))
    #expect(squeezed.contains("\(defaultLine("run.seed")) # default"))
    #expect(squeezed.contains("enabled = \"auto\" # default"))
    #expect(squeezed.contains("epsilon_high = \"none\" # default"))
    #expect(lines.count { $0.contains("# ") } == Setting.all.count + 1)
}

@Test("A line end in an option cannot leave its comment")
func originsAreOneLine() throws {
    let resolved = try ResolvedConfiguration(
        ConfigurationSources(assignments: [
            SettingAssignment(key: "data.path", text: "a", option: "--data a\n[grpo]\nbeta = 9")
        ]))
    #expect(try resolve(resolved.toml).configuration == resolved.configuration)
}

@Test("The record in the run directory reads back as the same configuration")
func jsonRoundTrip() throws {
    for text in ["", unusual] {
        let resolved = try resolve(text)
        let again = try ResolvedConfiguration(json: resolved.json, name: "configuration.json")
        #expect(again.configuration == resolved.configuration)
        #expect(again.json.contains("\"version\": 1"))
    }
}

@Test("The record keeps the order of the settings table and names origins")
func jsonText() throws {
    let json = try resolve("[grpo]\nbeta = 0.5\n").json
    let start = """
        {
          "version": 1,
          "configuration": {
            "run": {
              "seed": \(RunConfiguration().run.seed),

        """
    #expect(json.hasPrefix(start))
    #expect(json.contains("\"beta\": 0.5,\n"))
    #expect(json.contains("\"epsilon_high\": \"none\",\n"))
    #expect(json.hasSuffix("  \"origins\": {\n    \"grpo.beta\": \"run.toml:2\"\n  }\n}\n"))
    #expect(try resolve("").json.hasSuffix("  \"origins\": {}\n}\n"))
}

@Test("A key that the record lacks keeps its default; one that is not known is an error")
func recordOfAnotherVersion() throws {
    let older = #"{"version": 1, "configuration": {"run": {"seed": 5}}}"#
    let resolved = try ResolvedConfiguration(json: older, name: "c.json")
    #expect(resolved.configuration.run.seed == 5)
    #expect(resolved.configuration.grpo == RunConfiguration().grpo)
    let failure = #expect(throws: ConfigurationFailure.self) {
        try ResolvedConfiguration(
            json: #"{"version": 1, "configuration": {"grpo": {"betta": null, "x": {}}}}"#,
            name: "c.json")
    }
    #expect(failure?.description.hasPrefix("c.json: cannot be read: ") == true)
    let unknown = #expect(throws: ConfigurationFailure.self) {
        try ResolvedConfiguration(
            json: #"{"version": 1, "configuration": {"grpo": {"betta": null}}}"#, name: "c.json")
    }
    #expect(
        unknown?.description
            == "c.json: unknown key grpo.betta; did you mean grpo.beta? [config-unknown-key]")
}

@Test(
    "What is no record is refused",
    arguments: ["", "{", "[]", #"{"version": 2, "configuration": {}}"#])
func malformedRecord(text: String) {
    #expect(throws: ConfigurationFailure.self) {
        try ResolvedConfiguration(json: text, name: "c.json")
    }
}

@Test("A resumed run keeps what is not mentioned and takes what may change")
func resuming() throws {
    let recorded = try ResolvedConfiguration(
        json: resolve(
            """
            [grpo]
            beta = 0.5
            lr_scheduler_type = "constant_with_warmup"
            [cluster]
            workers = 3
            """
        ).json, name: "c.json")
    let resumed = try ResolvedConfiguration(
        ConfigurationSources(assignments: [SettingAssignment(parsing: "run.max_steps=500")]),
        resuming: recorded)
    #expect(resumed.configuration.grpo.algorithm.objective.beta == 0.5)
    #expect(resumed.configuration.cluster.workers == 3)
    #expect(resumed.configuration.run.maxSteps == 500)
    #expect(resumed.origin(of: SettingKey("grpo.beta")) == .recorded)
}

@Test("A resumed run refuses a change that its results depend on")
func resumingWithChanges() throws {
    let text = "[grpo]\nbeta = 0.04"
    let recorded = try ResolvedConfiguration(json: resolve(text).json, name: "c.json")
    func attempt(_ text: String) -> String? {
        do {
            _ = try ResolvedConfiguration(
                ConfigurationSources(assignments: [SettingAssignment(parsing: text)]),
                resuming: recorded)
            return nil
        } catch {
            return "\(error)"
        }
    }
    #expect(
        attempt("grpo.beta=0.5") == """
            command line: --set grpo.beta=0.5: grpo.beta = 0.5 differs from 0.04, with which this \
            run was started; leave it as it was, or start a new run [config-fixed-for-run]
            """)
    #expect(attempt("grpo.beta=0.04") == nil)
    #expect(attempt("run.seed=1") != nil)
    #expect(attempt("grpo.epsilon_high=0.2") != nil)
    #expect(attempt("cluster.workers=7") == nil)
}

@Test("Where the learning rate falls towards the end, the end is fixed")
func resumingWithAnotherEnd() throws {
    for (schedule, isFixed) in [("linear", true), ("cosine", true), ("constant", false)] {
        let set = ["grpo.lr_scheduler_type=\(schedule)", "grpo.warmup_steps=0"]
        let recorded = try ResolvedConfiguration(
            json: resolve("", set: set).json, name: "c.json")
        let sources = ConfigurationSources(
            assignments: [try SettingAssignment(parsing: "run.max_steps=500")])
        let resumed = try? ResolvedConfiguration(sources, resuming: recorded)
        #expect((resumed == nil) == isFixed)
    }
}
