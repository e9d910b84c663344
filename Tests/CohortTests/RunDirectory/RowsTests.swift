import Foundation
import Logging
import Synchronization
import Testing

import cohort

@Test("A completion's row has TRL's columns and ours")
func completionRow() {
    let row = CompletionRow(
        step: 20, prompt: "1+\"1\"=", completion: "2\n", rewards: [("exact", 1), ("format", nil)],
        advantage: -0.5, groupID: "0/17/0", policyVersion: 19, worker: "worker-0", seed: .max,
        finishReason: "stop")
    #expect(
        row.json
            == #"{"step":20,"prompt":"1+\"1\"=","completion":"2\n","exact":1,"format":null,"#
            + #""advantage":-0.5,"group_id":"0/17/0","policy_version":19,"worker":"worker-0","#
            + #""seed":18446744073709551615,"finish_reason":"stop"}"#)
}

@Test("A reward function that is called like a column does not hide it")
func rewardNamedLikeAColumn() {
    let row = CompletionRow(
        step: 1, prompt: "", completion: "", rewards: [("prompt", 1)], advantage: nil, groupID: "",
        policyVersion: 0, worker: "", seed: 0, finishReason: "length")
    #expect(row.json.contains(#""prompt":"","completion":"","rewards/prompt":1,"advantage":null"#))
}

@Test("Completions with any characters stay one line that reads back")
func hostileCompletions() throws {
    try withTemporaryDirectory { directory in
        let texts = [
            "\u{0}\u{1F}\u{7F}\u{85}\u{2028}", "a\r\nb", "\\u0041", "</script>", "🙂\u{202E}",
        ]
        let writer = try CompletionsWriter(path: directory + "/completions.jsonl")
        try writer.write(
            texts.map {
                CompletionRow(
                    step: 1, prompt: "", completion: $0, rewards: [], advantage: nil, groupID: "",
                    policyVersion: 0, worker: "", seed: 0, finishReason: "stop")
            })
        let lines = try contents(directory + "/completions.jsonl")
            .split(separator: "\n", omittingEmptySubsequences: true)
        struct Row: Decodable { var completion: String }
        let read = try lines.map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8)).completion
        }
        #expect(read == texts)
    }
}

@Test("A log line has its fields in order, and metadata beside them")
func logLines() throws {
    try withTemporaryDirectory { directory in
        let path = directory + "/worker-1.log"
        let log = try ProcessLog(
            path: path, run: "r1", role: "worker", worker: 1, now: { 1_772_355_907.25 })
        var logger = Logger(label: "cohort", factory: { _ in ProcessLogHandler(log) })
        logger[metadataKey: "peer"] = "learner"
        logger.warning("no \"credit\"\nfor 5 s", metadata: ["step": "7", "waited": "5"])
        logger.debug("not shown")
        logger.info("step is no number", metadata: ["step": "x"])
        let lines = try contents(path).split(separator: "\n")
        let start = #"{"ts":"2026-03-01T09:05:07.250Z","level":"#
        let place = #","run":"r1","role":"worker","worker":1,"step":"#
        let warning = #"7,"msg":"no \"credit\"\nfor 5 s","data":{"peer":"learner","waited":"5"}}"#
        let info = #"null,"msg":"step is no number","data":{"peer":"learner","step":"x"}}"#
        #expect(lines.count == 2)
        #expect(lines.first == "\(start)\"warning\"\(place)\(warning)")
        #expect(lines.last == "\(start)\"info\"\(place)\(info)")
    }
}

@Test("The learner's log has no worker")
func learnerLog() throws {
    try withTemporaryDirectory { directory in
        let log = try ProcessLog(
            path: directory + "/learner.log", run: "r", role: "learner", now: { 0 })
        log.log(level: "info", step: 3, "published")
        #expect(
            try contents(directory + "/learner.log")
                == #"{"ts":"1970-01-01T00:00:00.000Z","level":"info","run":"r","role":"learner","#
                + #""worker":null,"step":3,"msg":"published"}"# + "\n")
        #expect(log.lostLineCount == 0)
    }
}

@Test("A summary reads back as it was written, and replaces an older one as a whole")
func summaryRoundTrip() throws {
    try withTemporaryDirectory { directory in
        let path = directory + "/summary.json"
        var summary = RunSummary(run: "r", outcome: .completed, seed: .max)
        summary.steps = 120
        summary.evaluationAfter = .init(
            prompts: 500, samples: 2000, reward: 0.1, sampledAccuracy: 1 / 3, greedyAccuracy: 0.5,
            meanLength: 4)
        try RunSummary(run: "r", outcome: .failed, seed: 0).write(to: path)
        try summary.write(to: path)
        #expect(try RunSummary(contentsOf: path) == summary)
        #expect(try names(in: directory) == ["summary.json"])
        #expect(try contents(path).contains("\"mean_length\" : 4"))
    }
}

@Test("A summary with a number that is not finite is refused, and the old one stays")
func nonFiniteSummary() throws {
    try withTemporaryDirectory { directory in
        let path = directory + "/summary.json"
        var summary = RunSummary(run: "r", outcome: .completed, seed: 1)
        try summary.write(to: path)
        let before = try contents(path)
        summary.wallSeconds = .nan
        #expect(throws: CommandFailure.self) { try summary.write(to: path) }
        #expect(try contents(path) == before)
    }
}

@Test("What is no summary is refused with the right exit code")
func malformedSummary() throws {
    try withTemporaryDirectory { directory in
        try put("{}", at: directory + "/a")
        let wrong = #expect(throws: CommandFailure.self) {
            try RunSummary(contentsOf: directory + "/a")
        }
        #expect(wrong?.exitCode == .badData)
        let none = #expect(throws: CommandFailure.self) {
            try RunSummary(contentsOf: directory + "/b")
        }
        #expect(none?.exitCode == .noInput)
    }
}
