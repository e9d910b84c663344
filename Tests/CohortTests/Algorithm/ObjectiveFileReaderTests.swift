import GRPO
import Testing
import cohort

@Suite("Objective files")
struct ObjectiveFileReaderTests {
    private func document(_ text: String) throws -> ObjectiveDocument {
        try ObjectiveFileReader(path: "f.json").document(Array(text.utf8))
    }

    private let completion = #"{"logprobs": [-1], "behavior_logprobs": [-1], "advantage": 1}"#

    @Test("A file is read, and its answer is one line of JSON")
    func answer() throws {
        let document = try document(#"{"groups": [{"completions": ["# + completion + "]}]}")
        let settings = try AlgorithmSettings(profile: "dr-grpo", changes: [:])
        let text = try document.evaluate(settings, profile: "dr-grpo").json
        #expect(text.hasPrefix(#"{"profile":"dr-grpo","advantages":[[1]],"loss":-1,"policy_loss":-1,"#))
        #expect(text.contains(#""gradient":[[[-1]]]"#) && text.hasSuffix("}\n"))
        #expect(!text.contains("entropy_gradient"))
    }

    @Test("Advantages that differ by token are lists in the answer")
    func tokenAdvantages() throws {
        let tokens = completion.replacing(#""advantage": 1"#, with: #""advantages": [0.5]"#)
        let document = try document(#"{"groups": [{"completions": ["# + tokens + "]}]}")
        let settings = try AlgorithmSettings(profile: "cohort", changes: ["beta": 0])
        #expect(try document.evaluate(settings, profile: "").json.contains("[[[0.5]]]"))
    }

    @Test("A fault is told with its place, and ends with exit code 65")
    func faults() {
        let cases: [(String, String)] = [
            ("{\n\"groups\": [}", "f.json: invalid JSON at line 2, column 12"),
            ("[]", "f.json: the file must be an object, not an array"),
            ("{}", "f.json: groups is missing"),
            (#"{"groups": [], "group": 1}"#, #"f.json: the file has no key "group""#),
            (#"{"groups": [], "groups": []}"#, "twice"),
            (
                #"{"groups": [{"completions": [{"logprob": []}]}]}"#,
                #"groups[0].completions[0] has no key "logprob""#
            ),
            (
                #"{"groups": [{"completions": [{"logprobs": [1, "a"], "behavior_logprobs": []}]}]}"#,
                "groups[0].completions[0].logprobs[1] must be a number"
            ),
            (
                #"{"groups": [{"completions": [{"logprobs": []}]}]}"#,
                "groups[0].completions[0].behavior_logprobs is missing"
            ),
        ]
        for (text, message) in cases {
            #expect {
                try document(text)
            } throws: { error in
                guard let failure = error as? CommandFailure else { return false }
                return failure.exitCode == .badData && failure.message.contains(message)
            }
        }
    }
}

@Suite("Tables of profiles and of conformance")
struct AlgorithmTableTests {
    @Test("Every profile is listed with what it states")
    func profiles() {
        let text = ProfileTable().text
        #expect(Profile.all.allSatisfy { text.contains($0.name) })
        #expect(text.contains("    epsilon_high = 0.28\n"))
        #expect(ProfileTable().json.contains(#""states":{"scale_rewards":"none","beta":0,"#))
    }

    @Test("A group has its advantages under every profile and every known rule")
    func advantages() {
        let lines = ProfileTable().text(rewards: [1, 0, 0, 0]).split(separator: "\n")
        #expect(lines.count == 2 + Profile.all.count + KnownRule.all.count)
        #expect(lines.contains { $0.hasPrefix("cohort") && $0.contains("+1.499997  -0.499999") })
        #expect(lines.contains { $0.contains("NeMo-RL") && $0.contains("-0.732") })
        #expect(ProfileTable().json(rewards: [1, 0]).contains(#""rloo":[1,-1]"#))
    }

    @Test("A rule that refuses the group says why in its row")
    func refused() {
        let text = ProfileTable().text(rewards: [1])
        #expect(text.contains("at least two") && text.contains("+0.999999"))
        #expect(ProfileTable().json(rewards: [1]).contains(#""cohort":null"#))
    }

    @Test("A value out of bounds is counted and told")
    func conformance() throws {
        let json = #"{"versions": {}, "cases": [{"name": "n", "profile": "rloo", "settings": {}, "#
            + #""source": "s", "rewards": [[1, 0]], "advantages": [[1, -1.5]]}]}"#
        let golden = try ObjectiveFileReader(path: "f").golden(Array(json.utf8))
        var table = ConformanceTable()
        table.add(try #require(try golden.cases[0].result()))
        #expect(table.caseCount == 1 && table.failures.count == 1)
        #expect(table.failures[0].contains("rloo, n: advantages is off by"))
        #expect(table.text.contains("out of bounds") && table.text.contains("3.3e-1"))
    }
}
