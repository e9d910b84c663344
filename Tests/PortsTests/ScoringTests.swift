import GRPO
import Ports
import Testing

@Suite struct ScoringTests {
    private let unscored = group(answering: lease(1).ticket)

    @Test("Each completion gets its own reward, in order")
    func inOrder() async throws {
        let scored = try await FixedReward(values: [0.25, -3]).scored(unscored, columns: "{}")
        #expect(scored.completions.map(\.reward) == [0.25, -3])
        #expect(scored.completions.map(\.rewards) == [[0.25], [-3]])
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
            try await FixedReward(values: values).scored(unscored, columns: "{}")
        }
        #expect(error?.count == values.count && error?.expected == 2)
        #expect(error?.description.contains("fixed") == true)
    }

    @Test("Rewards that are not finite pass through: the learner drops them with a cause")
    func notFinite() async throws {
        let scored = try await FixedReward(values: [.nan, .infinity]).scored(unscored, columns: "{}")
        #expect(scored.completions[0].reward?.isNaN == true)
        #expect(scored.completions[1].reward == .infinity)
    }

    @Test("A function that does not apply is left out of the sum, and none at all is no number")
    func doesNotApply() async throws {
        let table: [[Double?]] = [[1, nil], [nil, nil], [4, 0.5]]
        let rewarded = unscored.rewarded(table, weights: [2, 100, -0.5])
        #expect(rewarded.completions.map(\.reward) == [0, -0.25])
        #expect(rewarded.completions.map(\.rewards) == [[1, nil, 4], [nil, nil, 0.5]])
        #expect(weightedSum([nil, nil], weights: [1, 1]).isNaN)
        #expect(weightedSum([], weights: []).isNaN)
    }

    @Test("A single function of weight 1 keeps every bit")
    func bits() {
        let values: [Double] = [-0.0, 0.1, .leastNonzeroMagnitude, -.infinity]
        let sums = values.map { weightedSum([$0], weights: [1]) }
        #expect(sums.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test("Several groups keep their order and their own columns")
    func severalGroups() async throws {
        struct Columns: RewardFunction {
            let name = "columns"
            func rewards(
                prompt: [Int32], completions: [Completion], columns: String
            ) async throws -> [Double?] { completions.map { _ in Double(columns) } }
        }
        let groups = (0..<9).map { group(answering: lease($0).ticket) }
        let scored = try await Columns().scored(groups, columns: (0..<9).map(String.init))
        #expect(scored.map(\.key) == groups.map(\.key))
        #expect(scored.map { $0.completions[0].reward } == (0..<9).map(Double.init))
    }
}
