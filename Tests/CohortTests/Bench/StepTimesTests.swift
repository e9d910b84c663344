import Foundation
import Testing
import cohort

@Test("A step's times come back from the line that the metrics wrote")
func timesOfALine() throws {
    var row = MetricsRow(step: 3, time: 10)
    row.record(.stepTime, 0.5)
    row.record(.waitTime, 0.2)
    row.record(.optimizeTime, 0.25)
    row.record(.weightSyncTime, 0.05)
    row.record(.generationTokensPerSecond, 1_000)
    row.record(.loss, nil as Double?)
    let times = try StepTimes(line: row.json)
    #expect(
        times
            == StepTimes(
                total: 0.5, waiting: 0.2, optimizing: 0.25, movingWeights: 0.05, tokens: 500))
}

@Test(
    "A line that lacks a time, or is none, is refused",
    arguments: [
        #"{"step":1,"step_time":0.5}"#, "", "{", "[]", "null",
        #"{"step_time":null,"time/wait_for_batch":1,"time/optimize":1,"weight_sync_time_s":1,"#
            + #""generation_tok_per_s":1}"#,
    ])
func brokenLines(line: String) {
    #expect(throws: (any Error).self) { try StepTimes(line: line) }
}

@Test("A broken line of a file is named by its number")
func brokenFile() throws {
    let path = FileManager.default.temporaryDirectory
        .appending(path: "cohort-steps-\(UInt64.random(in: .min ... .max)).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let good =
        #"{"step_time":1,"time/wait_for_batch":0,"time/optimize":1,"weight_sync_time_s":0,"#
        + #""generation_tok_per_s":7}"#
    try Data((good + "\n").utf8).write(to: URL(filePath: path))
    #expect(try StepTimes.read(path).map(\.tokens) == [7])
    try Data((good + "\n{}\n").utf8).write(to: URL(filePath: path))
    do {
        _ = try StepTimes.read(path)
        Issue.record("a line without times was taken")
    } catch let failure as CommandFailure {
        #expect(failure.message.contains("line 2"))
        #expect(failure.exitCode == .badData)
    }
}
