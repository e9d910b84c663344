import Foundation
import Tasks
import Testing

@Suite("Reward programs", .timeLimit(.minutes(2))) struct RewardProgramTests {
    @Test("Every completion gets its own reward, whatever the order of the answers")
    func order() async throws {
        let reversed = """
            a=$id; x=$completion
            IFS= read -r line; b=${line#*'"id":"'}; b=${b%%'"'*}
            IFS= read -r line; c=${line#*'"id":"'}; c=${c%%'"'*}
            id=$c; answer 3; id=$b; answer null; id=$a; answer 1
            """
        try await ProgramCase.with(program(reversed)) { it in
            #expect(try await it.program.start() == ["a"])
            let outcomes = try await it.judge(["x", "y", "z"])
            #expect(outcomes == [.rewards(["a": 1]), .rewards(["a": nil]), .rewards(["a": 3])])
            #expect(it.starts == 1 && it.notes.isEmpty)
        }
    }

    @Test("Calls at the same time do not mix, and more items than are in flight at once all return")
    func concurrentCalls() async throws {
        try await ProgramCase.with(program("answer \"$completion\"")) { it in
            _ = try await it.program.start()
            async let many = it.judge((0..<600).map(String.init))
            async let few = it.judge(["-1", "-2"])
            #expect(try await many.map(\.reward) == (0..<600).map(Double.init))
            #expect(try await few.map(\.reward) == [-1, -2])
        }
    }

    @Test(
        "A program that fails on one completion loses that one only, with a sentence that names both",
        arguments: [
            ("exit 3", "it ended with exit code 3"),
            ("kill -9 $$", "it was ended by signal 9"),
            ("echo so sorry >&2; exit 1", "it ended with exit code 1, saying «so sorry»"),
            ("echo hello there", "a line that is no JSON (column 1: not a JSON value): «hello there»"),
            ("echo '{\"rewards\":{\"a\":1}}'", "it printed an answer without an \"id\""),
            ("echo '{\"id\":\"x\",\"rewards\":{\"a\":1}}'", "for «x», which it was not asked"),
            ("head -c 1048580 /dev/zero | tr '\\0' x", "a line of more than 1048576 bytes"),
            ("exec 1>&-", "it ended with exit code 0"),
            ("echo \"{\\\"id\\\":\\\"$id\\\",\\\"rewards\\\":{\\\"b\\\":1}}\"", "no reward \"a\""),
            (
                "echo \"{\\\"id\\\":\\\"$id\\\",\\\"rewards\\\":{\\\"a\\\":1,\\\"b\\\":1}}\"",
                "a reward \"b\", which its hello does not offer"
            ),
            ("answer '\"good\"'", "the reward \"a\" is a string, not a number or null"),
            ("echo \"{\\\"id\\\":\\\"$id\\\"}\"", "its answer has no object \"rewards\""),
            ("echo \"{\\\"id\\\":\\\"$id\\\",\\\"error\\\":\\\"too odd\\\"}\"", "it said: too odd"),
        ])
    func bomb(_ bomb: String, _ problem: String) async throws {
        try await ProgramCase.with(program(bomb: bomb)) { it in
            _ = try await it.program.start()
            let outcomes = try await it.judge(["1", "2", "bomb", "4", "5"])
            #expect(outcomes.map(\.reward) == [1, 2, nil, 4, 5])
            let sentence = try #require(outcomes[2].failure)
            #expect(sentence.contains("the reward program \"echo started"))
            #expect(sentence.contains("completion bomb"))
            #expect(sentence.contains(problem), "\(sentence)")
            #expect(try await it.judge(["6"]).map(\.reward) == [6])
        }
    }

    @Test("A program that hangs on one completion is ended and loses that one only")
    func hang() async throws {
        try await ProgramCase.with(program(bomb: "sleep 1000"), .hasty) { it in
            _ = try await it.program.start()
            let outcomes = try await it.judge(["1", "bomb", "3", "4"])
            #expect(outcomes.map(\.reward) == [1, nil, 3, 4])
            #expect(outcomes[1].failure?.contains("it gave no answer within 0.3 s") == true)
        }
    }

    @Test("A second answer to the same question changes nothing but the program's life")
    func duplicate() async throws {
        try await ProgramCase.with(program("answer \"$completion\"; answer 99")) { it in
            _ = try await it.program.start()
            #expect(try await it.judge(["1", "2"]).map(\.reward) == [1, 2])
            _ = try await it.judge(["3"])
            #expect(it.notes.contains { $0.contains("for «1», it answered twice") }, "\(it.notes)")
        }
    }

    @Test("A completion is asked again as often as it may be, and then counts")
    func retry() async throws {
        // It fails on the first two starts and keeps count in a file.
        let flaky = "if [ $(grep -c started log) -lt 3 ]; then exit 9; fi; answer \"$completion\""
        try await ProgramCase.with(
            program(flaky),
            RewardLimits(
                item: .seconds(20), start: .seconds(20), restarts: 3, retries: 2, pause: .zero)
        ) { it in
            _ = try await it.program.start()
            #expect(try await it.judge(["7"]).map(\.reward) == [7])
            #expect(it.starts == 3)
            #expect(it.notes.count { $0.contains("is asked again about completion 7") } == 2)
        }
        try await ProgramCase.with(
            program(flaky),
            RewardLimits(
                item: .seconds(20), start: .seconds(20), restarts: 3, retries: 1, pause: .zero)
        ) { it in
            _ = try await it.program.start()
            #expect(try await it.judge(["7"])[0].failure?.contains("exit code 9") == true)
            #expect(it.starts == 2)
        }
    }

    @Test("A program that only ever fails is given up, and everything asked of it says so")
    func givenUp() async throws {
        try await ProgramCase.with(program("exit 4")) { it in
            _ = try await it.program.start()
            let outcomes = try await it.judge(["1", "2", "3"])
            #expect(outcomes.allSatisfy { $0.failure?.contains("exit code 4") == true })
            guard case .abandoned = try await it.judge(["4"])[0] else {
                Issue.record("the program is still asked")
                return
            }
            #expect(it.starts == 4)
            #expect(it.notes.last?.contains("that was failure 4 in a row") == true)
        }
    }

    @Test("Rewards that are not finite are rewards, in every spelling")
    func notFinite() async throws {
        try await ProgramCase.with(program("answer \"$completion\"")) { it in
            _ = try await it.program.start()
            let spellings = ["NaN", "Infinity", "-Infinity", "1e999", "1.5"]
            let rewards = try await it.judge(spellings).map(\.reward)
            #expect(rewards[0]?.isNaN == true)
            #expect(rewards[1...] == [.infinity, -.infinity, .infinity, 1.5])
            #expect(it.starts == 1)
        }
    }

    @Test("A program that asks for batches gets arrays of at most that many")
    func batches() async throws {
        let body = """
            ids=$(printf '%s' "$line" | grep -o '"id":"[0-9]*"' | cut -d'"' -f4)
            echo "batch of" $(printf '%s\\n' $ids | wc -l) >&2
            text=
            for id in $ids; do text="$text,{\\"id\\":\\"$id\\",\\"rewards\\":{\\"a\\":$id}}"; done
            echo "[${text#,}]"
            """
        let hello = #"{"v":1,"rewards":["a"],"batch":4}"#
        try await ProgramCase.with(program(hello: hello, body)) { it in
            _ = try await it.program.start()
            let rewards = try await it.judge((0..<10).map(String.init)).map(\.reward)
            #expect(rewards == (1...10).map(Double.init))
            let sizes = it.log.split(separator: "\n").filter { $0.hasPrefix("batch of") }
            #expect(sizes == ["batch of 4", "batch of 4", "batch of 2"])
        }
    }

    @Test(
        "A program that does not get as far as its hello is refused with what it said",
        arguments: [
            ("echo no such module >&2; exit 1", "it ended with exit code 1, saying «no such module»"),
            ("/no/such/program", "exit code 127"),
            ("echo hello; cat", "a line that is no JSON"),
            ("echo '{\"v\":2,\"rewards\":[\"a\"]}'; cat", "it speaks version 2 of the reward protocol, and 1"),
            ("echo '{\"v\":1,\"rewards\":[]}'; cat", "offers no list of 1 to 64 different names"),
            ("echo '{\"v\":1,\"rewards\":[\"a\",\"a\"]}'; cat", "offers no list of 1 to 64 different names"),
            ("echo '{\"v\":1,\"rewards\":[\"a\"],\"batch\":0}'; cat", "asks for batches of 0"),
            ("echo '{\"id\":\"1\"}'; cat", "its first line is no hello"),
        ])
    func badStart(_ command: String, _ problem: String) async throws {
        try await ProgramCase.with(command) { it in
            let error = await #expect(throws: RewardProgramError.self) { try await it.program.start() }
            #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("the reward program \"\(command)\"") == true)
        }
    }

    @Test("A program that says nothing at all is ended")
    func silentStart() async throws {
        let limits = RewardLimits(
            item: .seconds(20), start: .milliseconds(300), restarts: 3, retries: 0, pause: .zero)
        try await ProgramCase.with("sleep 1000", limits) { it in
            let error = await #expect(throws: RewardProgramError.self) { try await it.program.start() }
            #expect(error?.description.contains("no hello line within 0.3 s") == true)
        }
    }

    @Test(
        "When it is stopped nothing of it is left, whether it listens or not",
        arguments: ["cat >/dev/null", "exec sleep 1000"])
    func stop(_ rest: String) async throws {
        let command = "echo $$ >&2; echo '{\"v\":1,\"rewards\":[\"a\"]}'; \(rest)"
        let log = try await ProgramCase.with(command) { it in
            _ = try await it.program.start()
            await it.program.stop()
            return it.log
        }
        let id = try #require(pid_t(log.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(-id, 0) == -1 && errno == ESRCH)
    }

    @Test("Whoever is cancelled does not wait for an answer, and others are not disturbed")
    func cancellation() async throws {
        // It answers only once something else has come.
        let body = """
            if [ "$completion" = later ]; then first=$id; else
            answer "$completion"; [ -z "$first" ] || { id=$first; answer 0; first=; }; fi
            """
        try await ProgramCase.with(program(body)) { it in
            _ = try await it.program.start()
            let waiting = Task { try await it.judge(["later"]) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(try await it.judge(["1"]).map(\.reward) == [1])
            #expect(try await it.judge(["2"]).map(\.reward) == [2])
            #expect(it.starts == 1 && it.notes.isEmpty, "\(it.notes)")
        }
    }
}
