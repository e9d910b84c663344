import Foundation
import GRPO
import Testing

@Suite struct DocumentTests {
    private func document(_ json: String) throws -> ObjectiveDocument {
        try JSONDecoder().decode(ObjectiveDocument.self, from: Data(json.utf8))
    }

    private func answer(_ json: String, _ changes: [String: WordValue] = ["beta": 0]) throws
        -> ObjectiveAnswer
    {
        try document(json).evaluate(
            AlgorithmSettings(profile: "cohort", changes: changes), profile: "cohort")
    }

    private func completion(_ members: String) -> String {
        #"{"logprobs": [-1, -2], "behavior_logprobs": [-1, -2], "# + members + "}"
    }

    private func group(_ completions: String...) -> String {
        #"{"groups": [{"id": "g7", "completions": ["# + completions.joined(separator: ",") + "]}]}"
    }

    @Test("Rewards become advantages, loss and gradients in the file's own shape")
    func plain() throws {
        let result = try answer(
            group(completion(#""reward": 1"#), completion(#""reward": 0"#)),
            ["beta": 0, "advantage_epsilon": 0])
        let size = 0.5.squareRoot()
        #expect(result.advantages[0].map { isClose($0.value ?? 0, size) || isClose($0.value ?? 0, -size) } == [true, true])
        #expect(result.gradient.map { $0.map(\.count) } == [[2, 2]])
        #expect(isClose(result.gradient[0][0][1], -size / 4) && result.statistics.loss == 0)
    }

    @Test("Given advantages are used as they are, per completion or per token")
    func given() throws {
        let result = try answer(
            group(completion(#""advantage": 2"#), completion(#""advantages": [1, -1]"#)))
        #expect(result.gradient == [[[-0.5, -0.5], [-0.25, 0.25]]])
    }

    @Test("What the mask excludes may be null")
    func masked() throws {
        let masked = #"{"logprobs": [-1, null], "behavior_logprobs": [null, -2], "mask": [false, true], "advantage": 1}"#
        #expect(throws: DocumentError.self) { try answer(group(masked)) }
        let fine = masked.replacing("[false, true]", with: "[false, false]")
        #expect(try answer(group(fine)).gradient == [[[0, 0]]])
    }

    @Test("Part of a step has the step's denominators")
    func part() throws {
        let json = group(completion(#""advantage": 1"#)).dropLast()
            + #", "step": {"prompts": 2, "completions": 4, "tokens": 10}}"#
        func gradient(_ lossType: WordValue) throws -> Double {
            try answer(String(json), ["beta": 0, "loss_type": lossType]).gradient[0][0][0]
        }
        #expect(try gradient("dapo") == -0.1)
        #expect(try gradient("grpo") == -0.5 / 4)
        #expect(try gradient("bnpo") == -0.5 / 4)
        #expect(try gradient("dr_grpo") == -1.0 / 8)
        #expect(try gradient("original") == -0.5)
    }

    @Test("Staleness is the learner's version less the group's")
    func staleness() throws {
        let json = #"{"learner_version": 9, "groups": [{"version": 7, "completions": ["#
            + completion(#""advantage": 1"#) + "]}]}"
        #expect(try answer(json).staleness == [2])
    }

    @Test("Faults name the place in JSON and the completion")
    func faults() {
        let cases: [(String, [String: WordValue], [String])] = [
            (#"{"groups": []}"#, [:], ["groups is empty"]),
            (group(), [:], ["groups[0].completions is empty", "g7"]),
            (
                group(completion(#""reward": 1, "prompt": "a""#), completion(#""reward": 0, "prompt": "b""#)),
                ["beta": 0], ["groups[0].completions[1].prompt", "g7", "another prompt"]
            ),
            (
                group(completion(#""reward": 1"#), completion(#""reward": 0"#)), [:],
                ["groups[0].completions[0].reference_logprobs is missing", "beta is 0.04"]
            ),
            (
                group(completion(#""reward": 1"#), completion(#""reward": 0, "mask": [true]"#)),
                ["beta": 0], ["groups[0].completions[1].mask has 1 entries", "2 tokens"]
            ),
            (
                group(completion(#""mask": [true, true]"#)), ["beta": 0],
                ["groups[0].completions[0].reward is missing"]
            ),
            (
                group(completion(#""reward": 1"#)), ["beta": 0], ["group \"g7\"", "at least two"]
            ),
            (
                group(completion(#""rewards": {"a": 1}"#), completion(#""rewards": {"b": 1}"#)),
                ["beta": 0], ["groups[0].completions[1].rewards names b", "names a"]
            ),
            (
                group(completion(#""reward": 1"#), completion(#""reward": 0"#)),
                ["beta": 0, "entropy_coef": 1], ["completions[0].entropies is missing"]
            ),
            (
                group(
                    #"{"logprobs": [null], "behavior_logprobs": [-1], "advantage": 1}"#), ["beta": 0],
                ["groups[0].completions[0]: token 0 of completion 0 of group \"g7\" has nan in logprobs"]
            ),
            (
                group(completion(#""advantages": [1, 2]"#)),
                ["beta": 0, "importance_sampling_level": "sequence"],
                ["completion 0 of group \"g7\"", "sequence_token"]
            ),
        ]
        for (json, changes, parts) in cases {
            #expect {
                try answer(json, changes)
            } throws: { error in
                parts.allSatisfy { "\(error)".contains($0) }
            }
        }
    }

    @Test("A step smaller than the document, a bad limit and an unknown weight are refused")
    func documentFaults() throws {
        var value = try document(group(completion(#""advantage": 1"#)))
        let settings = try AlgorithmSettings(profile: "cohort", changes: ["beta": 0])
        value.step = DocumentStep(prompts: 1, completions: 1, tokens: 1)
        #expect(throws: DocumentError.badStep(key: "tokens", count: 1, held: 2)) {
            try value.evaluate(settings, profile: "")
        }
        value.step = nil
        value.maxCompletionLength = 0
        #expect(throws: DocumentError.badLimit(0)) { try value.evaluate(settings, profile: "") }
        value.maxCompletionLength = nil
        value.rewardWeights = ["speed": 1]
        #expect(throws: DocumentError.unknownWeight("speed", functions: [])) {
            try value.evaluate(settings, profile: "")
        }
    }
}
