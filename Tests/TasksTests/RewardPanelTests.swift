import Foundation
import GRPO
import Ports
import Tasks
import Testing
import Tokenization

@Suite("Several rewards together", .timeLimit(.minutes(2))) struct RewardPanelTests {
    /// "1" and "2" as completions of a prompt whose answer is 2.
    private func group() throws -> Group {
        let tokenizer = try byteTokenizer()
        return Group(
            key: TicketKey(pass: 0, promptIndex: 5, attempt: 0), ordinal: 5,
            version: PolicyVersion(incarnation: 0, number: 0), prompt: tokenizer.encode("1+1="),
            completions: ["1", "2"].map { completion(tokenizer.encode($0) + [256]) })
    }

    private func scored(
        _ names: [String], weights: [Double]? = nil, _ commands: [String] = [],
        restarts: Int = 3, defaultReward: Double? = nil
    ) async throws -> Group {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "cohort-panel-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let programs = RewardPrograms(
            commands: commands, directory: folder, logDirectory: folder, secondsPerItem: 20,
            secondsToStart: 20, restarts: restarts, retries: 0, defaultReward: defaultReward)
        let plan = RewardPlan(
            names: names, weights: weights, programs: commands.isEmpty ? nil : programs)
        let group = try group()
        return try await RewardPanel.withPanel(
            plan, tokenizer: byteTokenizer(), stopTokens: [256], role: "test", note: { _ in }
        ) { panel in
            #expect(panel.rewardNames == names)
            return try await panel.scored(group, columns: #"{"answer":"2"}"#)
        }
    }

    @Test("One built-in function with weight 1 gives its reward, bit for bit")
    func single() async throws {
        let scored = try await scored(["exact"])
        #expect(scored.completions.map(\.reward) == [0, 1])
        #expect(scored.completions.map(\.rewards) == [[0], [1]])
    }

    @Test("Functions and programs keep their places, and the sum is over what applies")
    func weighted() async throws {
        let halves = program("if [ \"$completion\" = 1 ]; then answer null; else answer 0.5; fi")
        let other = program(hello: #"{"v":1,"rewards":["unused","b"]}"#, """
            echo "{\\"id\\":\\"$id\\",\\"rewards\\":{\\"b\\":-1,\\"unused\\":7}}"
            """)
        let scored = try await scored(
            ["b", "exact", "a"], weights: [1, 10, 100], [halves, other])
        #expect(scored.completions.map(\.rewards) == [[-1, 0, nil], [-1, 1, 0.5]])
        #expect(scored.completions.map(\.reward) == [-1, 59])
        #expect(scored.scoringFailure == nil)
    }

    @Test("What a program is given is the text, the columns and the length")
    func request() async throws {
        let check = """
            case "$line" in '{"v":1,"id":"'*'","prompt":"1+1=","completion":"'*'","columns":{"answer":"2"},\
            "tokens":2,"finish_reason":"stop","deadline_ms":20000}') answer 1;; *) answer 0;; esac
            """
        #expect(try await scored(["a"], [program(check)]).completions.map(\.reward) == [1, 1])
    }

    @Test("A failure costs the group its rewards and names program and completion")
    func failure() async throws {
        let scored = try await scored(["a", "exact"], [program("[ \"$completion\" = 1 ] && exit 5; answer 1")])
        #expect(scored.completions.allSatisfy { $0.reward == nil && $0.rewards.isEmpty })
        let failure = try #require(scored.scoringFailure)
        #expect(failure.contains("completion 0 (pass 0, prompt 5, attempt 0)"))
        #expect(failure.contains("exit code 5") && failure.utf8.count <= 2_000)
    }

    @Test("With a default it costs nothing but that completion's value")
    func defaultReward() async throws {
        let command = program("[ \"$completion\" = 1 ] && exit 5; answer 1")
        let scored = try await scored(["a", "exact"], [command], defaultReward: -2)
        #expect(scored.completions.map(\.rewards) == [[-2, 0], [1, 1]])
    }

    @Test("A default is never the word of a program that was given up")
    func abandoned() async throws {
        let scored = try await scored(["a"], [program("exit 5")], restarts: 1, defaultReward: -2)
        #expect(scored.scoringFailure?.contains("it is not asked any more") == true)
    }

    @Test("No function that applies gives a sum that is no number")
    func nothingApplies() async throws {
        let scored = try await scored(["a"], [program("answer null")])
        #expect(scored.completions.allSatisfy { $0.reward?.isNaN == true && $0.rewards == [nil] })
    }

    @Test(
        "Functions that nobody offers, or several do, are refused by name",
        arguments: [
            (["a", "c"], 1, "no reward program offers \"c\""),
            (["a"], 2, "the reward \"a\" is offered by the reward program"),
            (["exact"], 1, "offers a, and reward.name has none of them"),
        ])
    func misfits(_ names: [String], _ copies: Int, _ problem: String) async throws {
        let commands = [String](repeating: program("answer 1"), count: copies)
        let error = await #expect(throws: RewardProgramError.self) {
            try await scored(names, commands)
        }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    }

    @Test("Without programs an unknown name is an unknown grader")
    func unknown() async throws {
        await #expect(throws: UnknownGrader.self) { try await scored(["exakt"]) }
    }
}
