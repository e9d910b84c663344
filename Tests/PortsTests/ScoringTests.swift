import GRPO
import Ports
import Testing

@Suite struct ScoringTests {
    private let unscored = group(answering: lease(1).ticket)

    @Test("Each completion gets its own reward, in order")
    func inOrder() async throws {
        let scored = try await unscored.scored(by: FixedReward(values: [0.25, -3]), columns: "{}")
        #expect(scored.completions.map(\.reward) == [0.25, -3])
        #expect(scored.key == unscored.key && scored.prompt == unscored.prompt)
        #expect(try scored.rewards() == [0.25, -3])
    }

    @Test(
        "A wrong number of rewards is an error and never a broadcast",
        arguments: [
            [], [1], [1, 2, 3],
        ] as [[Double]])
    func wrongCount(values: [Double]) async {
        let error = await #expect(throws: WrongRewardCount.self) {
            try await unscored.scored(by: FixedReward(values: values), columns: "{}")
        }
        #expect(error?.count == values.count && error?.expected == 2)
        #expect(error?.description.contains("fixed") == true)
    }

    @Test("Rewards that are not finite pass through: the learner drops them with a cause")
    func notFinite() async throws {
        let scored = try await unscored.scored(
            by: FixedReward(values: [.nan, .infinity]), columns: "{}")
        #expect(scored.completions[0].reward?.isNaN == true)
        #expect(scored.completions[1].reward == .infinity)
    }
}
