import GRPO
import Ports
import Tasks
import Testing
import Tokenization

@Suite("Rewards by TRL's names") struct BuiltInRewardTests {
    private func reward(
        _ name: String, _ completion: Completion, _ parameters: RewardParameters = .init()
    ) async throws -> Double? {
        let function = try Graders.named(
            name, tokenizer: byteTokenizer(), stopTokens: [256], parameters: parameters
        ).function
        #expect(function.name == name)
        return try await function.rewards(prompt: [1], completions: [completion], columns: "{}")[0]
    }

    // TRL's own documented example: 90 of 100 tokens with a cache of 20 give −0.5.
    @Test(
        "The soft overlong punishment is 0, then falls in a line, then stays −1",
        arguments: [
            (1, 0.0), (80, 0), (81, -0.05), (90, -0.5), (99, -0.95), (100, -1), (101, -1), (500, -1),
        ])
    func overlong(_ length: Int, _ expected: Double) async throws {
        let parameters = RewardParameters(maxCompletionLength: 100, softPunishCache: 20)
        let tokens = [Int32](repeating: 7, count: length)
        #expect(
            try await reward("soft_overlong_punishment_reward", completion(tokens), parameters) == expected)
    }

    // The first two are TRL's documented examples.
    @Test(
        "The repetition penalty is the share of n-grams that come again",
        arguments: [
            ([1, 2, 3, 4], 2, -1.0, 0.0), ([5, 5, 5, 5, 5], 2, -1, -0.75), ([5], 2, -1, 0),
            ([5, 5], 2, -1, 0), ([1, 2, 1, 2, 1], 2, -0.5, -0.25), ([1, 2, 3, 1, 2, 3], 3, -1, -0.25),
            ([9, 9, 9], 1, -3, -2),
        ] as [([Int32], Int, Double, Double)])
    func repetition(_ tokens: [Int32], _ size: Int, _ penalty: Double, _ expected: Double) async throws {
        let parameters = RewardParameters(ngramSize: size, maxPenalty: penalty)
        let value = try #require(
            try await reward("repetition_penalty_reward", completion(tokens), parameters))
        #expect(abs(value - expected) < 1e-15)
    }

    @Test(
        "The think format is one block of reasoning at the very beginning",
        arguments: [
            ("<think>a</think>b", 1.0), ("<think></think>", 1), ("<think>a\nb</think>\nc\n", 1),
            ("<think>a</think>b</think>", 1), (" <think>a</think>", 0), ("a<think>b</think>", 0),
            ("<think>a", 0), ("<think><think>a</think>", 0), ("<think>a</think><think>", 0),
            ("</think>", 0), ("", 0), ("<think>a</think >", 0),
        ])
    func thinkFormat(_ text: String, _ expected: Double) async throws {
        let tokens = try byteTokenizer().encode(text) + [256]
        #expect(try await reward("think_format_reward", completion(tokens)) == expected)
    }

    @Test("Only what looks at answers demands them, and all that do together")
    func answerChecks() throws {
        let tokenizer = try byteTokenizer()
        func check(_ names: [String]) -> AnswerCheck? {
            Graders.answerCheck(names: names, tokenizer: tokenizer, stopTokens: [256])
        }
        #expect(check(["think_format_reward", "offered_by_a_program"]) == nil)
        #expect(check(["exact"])?.objection("x") == nil)
        #expect(check(["think_format_reward", "exact", "numeric"])?.objection("x") == "has no number in it")
        #expect(check(["exact", "numeric"])?.grader == "exact")
    }
}
