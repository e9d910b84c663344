import GRPO
import Ports
import Tasks
import Testing
import Tokenization

@Suite("Graders")
struct GraderTests {
    let tokenizer: Tokenizer

    init() throws { tokenizer = try byteTokenizer() }

    /// The reward of one completion text that ends with the stop token.
    private func grade(_ grader: String, _ text: String, _ columns: String) async throws -> Double {
        let function = try Graders.named(grader, tokenizer: tokenizer, stopTokens: [256]).function
        #expect(function.name == grader)
        let tokens = tokenizer.encode(text) + [256]
        let rewards = try await function.checkedRewards(
            prompt: [1], completions: [completion(tokens)], columns: columns)
        return try #require(rewards[0])
    }

    @Test(
        "exact compares the whole text without white space around",
        arguments: [
            ("105", "105", 1.0), (" 105\n", "105", 1), ("105", " 105 ", 1), ("1 05", "105", 0),
            ("105.", "105", 0), ("", "105", 0), ("", "", 1), ("0105", "105", 0),
            ("Paris", "paris", 0),
            ("\u{E9}", "\u{E9}", 1), ("e\u{301}", "\u{E9}", 0),
        ])
    func exact(_ text: String, _ answer: String, _ reward: Double) async throws {
        let columns = JSONValue.object([JSONMember("answer", .string(answer))]).compactText
        #expect(try await grade("exact", text, columns) == reward)
    }

    @Test("exact takes numbers as they were written, and solution where there is no answer")
    func exactColumns() async throws {
        #expect(try await grade("exact", "7", #"{"answer":7}"#) == 1)
        #expect(try await grade("exact", "7.0", #"{"answer":7}"#) == 0)
        #expect(try await grade("exact", "s", #"{"solution":"s","other":[1]}"#) == 1)
    }

    @Test(
        "numeric takes the number that the completion ends on",
        arguments: [
            ("105", "105", 1.0), ("The answer is 105.", "105", 1), ("12 + 93 = 105", "105", 1),
            ("105 or 106", "105", 0), ("no number", "105", 0), ("", "105", 0),
            ("1,234,567", "1234567", 1), ("1234567", "1,234,567", 1), ("1,23", "123", 0),
            ("1,23", "23", 1),
            ("12,345", "12345", 1), ("1234,567", "567", 1), ("-5", "-5", 1), ("5", "-5", 0),
            ("3-5", "5", 1),
            ("3 - 5", "5", 1), ("x-5", "5", 1), ("(2)-5", "5", 1), ("= -5", "-5", 1),
            ("\u{2212}5", "-5", 1),
            ("+5", "5", 1), ("$1,234.50", "1234.5", 1), ("-$5", "-5", 1), ("$-5", "-5", 1),
            ("3.14", "3.140", 1),
            (".5", "0.5", 1), ("0.50", ".5", 1), ("5.", "5", 1), ("007", "7", 1), ("-0", "0", 1),
            ("0.0", "0", 1),
            ("1.2.3", "1.2", 0), ("50%", "50", 1), ("#### 42", "42", 1), ("#### 42 and 7", "42", 1),
            ("1 #### 2 #### 3", "3", 1), ("5 ####", "5", 0), ("so \\boxed{42} of 7", "42", 1),
            ("\\boxed{1} \\boxed{x = \\frac{1}{2} = 9} 8", "9", 1), ("\\boxed{}", "3", 0),
            (
                "99999999999999999999999999999999999999999999999999",
                "99999999999999999999999999999999999999999999999998", 0
            ),
            (
                "99999999999999999999999999999999999999999999999999",
                "99999999999999999999999999999999999999999999999999.0", 1
            ),
            ("0.1", "0.10000000000000000001", 0), ("1000", "1e3", 1), ("1500", "1.5e3", 1),
            ("The sum: 72", "Natalia sold 48/2 = 24.\n#### 72", 1),
            ("24", "She has 48.\n#### 72", 0),
        ])
    func numeric(_ text: String, _ answer: String, _ reward: Double) async throws {
        let columns = JSONValue.object([JSONMember("answer", .string(answer))]).compactText
        #expect(try await grade("numeric", text, columns) == reward, "\(text) against \(answer)")
    }

    @Test("numeric reads JSON numbers too")
    func numericColumns() async throws {
        #expect(try await grade("numeric", "it is 7.0", #"{"answer":7}"#) == 1)
        #expect(try await grade("numeric", "700", #"{"solution":7E+2}"#) == 1)
        #expect(try await grade("numeric", "7", #"{"answer":-7}"#) == 0)
    }

    @Test("Only the stop token at the end and special tokens are left out")
    func stopTokens() async throws {
        let exact = try Graders.named("exact", tokenizer: tokenizer, stopTokens: [256, 59]).function
        let texts: [[Int32]] = [
            tokenizer.encode("42"), tokenizer.encode("42") + [256], tokenizer.encode("42;"),
            tokenizer.encode("42;;"), [256],
        ]
        let rewards = try await exact.rewards(
            prompt: [], completions: texts.map(completion), columns: #"{"answer":"42"}"#)
        #expect(rewards == [1, 1, 1, 0, 0])
    }

    @Test(
        "Columns without a usable answer are errors with the reason",
        arguments: [
            ("exact", "{}", "there is no \"answer\" and no \"solution\""),
            (
                "exact", "",
                "invalid JSON at line 1, column 1: the text ends where a value should be"
            ),
            ("exact", "[]", "they are not a JSON object"),
            ("exact", #"{"answer":true}"#, "\"answer\" is a boolean"),
            ("numeric", #"{"answer":"x"}"#, "the answer \"x\" has no number in it"),
        ])
    func badColumns(_ grader: String, _ columns: String, _ reason: String) async throws {
        let error = await #expect(throws: RewardError.self) {
            try await grade(grader, "1", columns)
        }
        #expect(
            error?.description == "the reward \"\(grader)\" cannot use the row's columns: \(reason)"
        )
    }

    @Test(
        "An unknown grader is answered with the known ones and the nearest",
        arguments: [
            ("exakt", "exact"), ("Exact", "exact"), ("exat", "exact"), ("exacta", "exact"),
            ("xeact", "exact"),
            ("numerical", "numeric"), ("number", "numeric"), ("nunmeric", "numeric"),
        ])
    func unknownGrader(_ name: String, _ suggestion: String) {
        let error = #expect(throws: UnknownGrader.self) {
            try Graders.named(name, tokenizer: tokenizer, stopTokens: [])
        }
        #expect(
            error?.description
                == "there is no grader \"\(name)\"; known are \(Graders.names.joined(separator: ", ")); "
                + "did you mean \"\(suggestion)\"?"
        )
    }

    @Test("A name far from all is answered without a guess")
    func noSuggestion() {
        for name in ["", "sandbox", String(repeating: "x", count: 100_000)] {
            let error = #expect(throws: UnknownGrader.self) {
                try Graders.named(name, tokenizer: tokenizer, stopTokens: [])
            }
            #expect(error?.suggestion == nil)
        }
    }
}

/// Gives what it is told to.
private struct Fixed: RewardFunction {
    let name = "fixed"
    let values: [Double]

    func rewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] { values }
}

@Suite("Checks on any reward function")
struct RewardCheckTests {
    private let two = [completion([1]), completion([2])]

    private func check(_ values: [Double]) async throws -> [Double?] {
        try await Fixed(values: values).checkedRewards(prompt: [], completions: two, columns: "{}")
    }

    @Test("One finite value per completion passes unchanged")
    func sound() async throws {
        #expect(try await check([0.25, -1]) == [0.25, -1])
    }

    @Test(
        "A wrong count is an error, never spread or cut",
        arguments: [[Double](), [1.0], [1.0, 2.0, 3.0]])
    func wrongCount(_ values: [Double]) async {
        let error = await #expect(throws: RewardError.self) { try await check(values) }
        #expect(error?.problem == .wrongCount(expected: 2, found: values.count))
        #expect(
            error?.description
                == "the reward \"fixed\" gave \(values.count) values for 2 completions; it must give one each"
        )
    }

    @Test(
        "A value that is not finite is an error with its completion",
        arguments: [
            ([Double.nan, 1.0], 0, "nan"), ([1.0, Double.infinity], 1, "inf"),
            ([0.0, -Double.infinity], 1, "-inf"),
        ])
    func notFinite(_ values: [Double], _ index: Int, _ shown: String) async {
        let error = await #expect(throws: RewardError.self) { try await check(values) }
        #expect(error?.problem == .notFinite(completion: index, value: shown))
        #expect(
            error?.description
                == "the reward \"fixed\" gave \(shown) for completion \(index); rewards must be finite"
        )
    }

    @Test("Accuracy is the mean reward, and none before the first completion")
    func accuracy() {
        var evaluation = Evaluation()
        #expect(evaluation.accuracy == nil)
        evaluation.add([])
        #expect(evaluation.accuracy == nil)
        evaluation.add([1, 0, 1])
        evaluation.add([1])
        #expect(evaluation.accuracy == 0.75)
        #expect(evaluation.count == 4)
    }
}
