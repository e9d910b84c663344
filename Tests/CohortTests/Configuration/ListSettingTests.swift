import Testing

import cohort

@Test("A list is an array, a single element, or words with commas on the command line")
func lists() throws {
    let written = try resolve(
        """
        [reward]
        name = ["exact", "numeric"]
        weights = [1, 0.25]
        """
    ).configuration.reward
    #expect(written.names == ["exact", "numeric"] && written.weights == [1, 0.25])
    #expect(try resolve("[reward]\nname = \"numeric\"\nweights = 2").configuration.reward.weights == [2])
    for set in [
        ["reward.name=exact, numeric", "reward.weights=1, .25"],
        [#"reward.name=["exact","numeric"]"#, "reward.weights=[1,0.25]"],
    ] {
        let reward = try resolve("", set: set).configuration.reward
        #expect(reward.names == written.names && reward.weights == written.weights)
    }
}

@Test("A command may hold commas and quotes; several commands are a list")
func commands() throws {
    func programs(_ text: String) throws -> [String] {
        try resolve("", set: ["reward.name=judged", "reward.programs=\(text)"]).configuration.reward.programs
    }
    #expect(try programs("python3 judge.py --names=a,b 'c'") == ["python3 judge.py --names=a,b 'c'"])
    #expect(try programs(#"["one, two", "three"]"#) == ["one, two", "three"])
}

@Test("Lists read back from TOML and from the run's record as they were, single names as before")
func listsRoundTrip() throws {
    for text in [
        "", "[reward]\nname = [\"exact\", \"judged\"]\nweights = [1, -0.5]\nprograms = [\"a \\\"b\\\"\", \"c\"]",
        "[reward]\nname = \"judged\"\nprograms = \"a\"",
    ] {
        let resolved = try resolve(text)
        #expect(try resolve(resolved.toml).configuration == resolved.configuration)
        let again = try ResolvedConfiguration(json: resolved.json, name: "c.json")
        #expect(again.configuration == resolved.configuration)
    }
    #expect(try resolve("").toml.contains("name "))
    #expect(try resolve("").toml.split(separator: "\n").contains { $0.hasPrefix("name") && $0.contains("= \"exact\" ") })
    #expect(try resolve("").json.contains(#""name": "exact""#))
}

@Test(
    "What is no such list is refused with an example",
    arguments: [
        ("name = 3", "reward.name must be a name or a list of names, not the integer 3"),
        ("name = [\"exact\", 1]", "reward.name must be a name or a list of names, not an array"),
        ("name = \"a b\"", "reward.name must be a name or a list of names of letters, digits, _, - and ., not \"a b\""),
        ("weights = [\"x\"]", "reward.weights must be a number or a list of numbers, not an array; for example: weights = [1.0, 0.5]"),
        ("programs = [[]]", "reward.programs must be a text in quotes or a list of them, not an array"),
    ])
func badLists(_ line: String, _ sentence: String) {
    let found = problems("[reward]\n\(line)")
    #expect(found.count == 1 && found[0].contains(sentence), "\(found)")
}

@Test(
    "Rewards that do not fit together are refused",
    arguments: [
        (["reward.name="], "reward.name is empty"),
        (["reward.name=exact,exact"], "reward.name has \"exact\" twice"),
        (["reward.name=exact,exakt"], "there is no grader \"exakt\""),
        (["reward.weights=1,2"], "reward.weights has 2 weights for the 1 functions"),
        (["reward.name=soft_overlong_punishment_reward"], "soft_punish_cache = 0"),
        (["reward.programs=cat"], "every function of reward.name is built in"),
        (
            ["reward.name=a", "reward.programs=cat", "reward.placement=worker", "cluster.bind=tcp://127.0.0.1:5555"],
            "which they refuse; take placement = \"learner\""
        ),
        (
            ["reward.name=a", "reward.programs=cat", "reward.program_seconds=500"],
            "program_seconds = 500.0 is not less than lease_seconds"
        ),
    ])
func misfits(_ set: [String], _ sentence: String) {
    let found = problems("", set: set)
    #expect(found.contains { $0.contains(sentence) }, "\(found)")
}

@Test("Rewards that fit together are taken")
func fits() throws {
    let reward = try resolve(
        "",
        set: [
            "reward.name=exact,soft_overlong_punishment_reward,judged", "reward.weights=1,0.5,0.1",
            "reward.soft_punish_cache=4", "reward.programs=python3 judge.py",
            "reward.on_program_failure=default", "cluster.bind=tcp://127.0.0.1:5555",
        ]
    ).configuration.reward
    #expect(reward.names.count == 3 && reward.onProgramFailure == .default)
}
