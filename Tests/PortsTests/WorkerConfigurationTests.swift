import Foundation
import GRPO
import Ports
import Testing

@Suite("What workers are told, over releases") struct WorkerConfigurationTests {
    private func configuration(_ names: [String]) -> WorkerConfiguration {
        WorkerConfiguration(
            runID: String(repeating: "0f", count: 16), seed: 7, model: "{}", groupSize: 2,
            sampling: SamplingParameters(maxCompletionLength: 8, stopTokens: [2]),
            rewardPlacement: .worker, rewards: RewardPlan(names: names), modelDirectory: "/m")
    }

    @Test("The configuration comes back as it was")
    func again() throws {
        for names in [["a"], ["a", "b"]] {
            let json = try JSONEncoder().encode(configuration(names))
            #expect(try JSONDecoder().decode(WorkerConfiguration.self, from: json) == configuration(names))
        }
    }

    @Test("A worker of 1.0 finds the only reward function under the key that it knows")
    func forWorkers() throws {
        func reward(_ names: [String]) throws -> String? {
            let json = try JSONEncoder().encode(configuration(names))
            return try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])["reward"]
                as? String
        }
        #expect(try reward(["exact_match"]) == "exact_match")
        #expect(try reward(["exact_match", "length"]) == nil)
    }

    @Test("What a learner of 1.0 says is understood")
    func fromLearners() throws {
        let json = #"""
            {"groupSize":2,"model":"{}","modelDirectory":"/m","reward":"exact_match",
            "rewardPlacement":"worker","runID":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
            "sampling":{"maxCompletionLength":8,"stopTokens":[2],"temperature":1,"topK":0,"topP":1},
            "seed":7}
            """#
        let decoded = try JSONDecoder().decode(WorkerConfiguration.self, from: Data(json.utf8))
        #expect(decoded == configuration(["exact_match"]))
        let without = json.replacingOccurrences(of: #""reward":"exact_match","#, with: "")
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(WorkerConfiguration.self, from: Data(without.utf8))
        }
    }
}
