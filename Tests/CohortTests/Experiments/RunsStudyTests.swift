import Foundation
import Testing
import cohort

private func run(_ directory: String, _ name: String, rewards: [String]) throws -> String {
    let path = directory + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let rows = rewards.enumerated().map { "{\"step\":\($0 + 1),\"reward\":\($1)}\n" }
    try rows.joined().write(toFile: path + "/metrics.jsonl", atomically: true, encoding: .utf8)
    return path
}

@Suite("Training runs on the experiments' page") struct RunsStudyTests {
    @Test("Runs of one name are one curve with its spread; the table has every run")
    func curves() throws {
        try withTemporaryDirectory { directory in
            let sources = [
                RunsStudy.Source(
                    name: "dapo", directory: try run(directory, "a", rewards: ["0.1", "0.5", "0.9"])),
                RunsStudy.Source(
                    name: "gspo", directory: try run(directory, "b", rewards: ["0.2", "null", "0.4"])),
                RunsStudy.Source(
                    name: "dapo", directory: try run(directory, "c", rewards: ["0.3", "0.7"])),
            ]
            var summary = RunSummary(run: "a", outcome: .completed, seed: 1)
            summary.evaluationAfter = RunSummary.Evaluation(
                prompts: 10, samples: 40, reward: 0.9, sampledAccuracy: 0.85, greedyAccuracy: 0.9,
                meanLength: 3)
            try summary.write(to: sources[0].directory + "/summary.json")
            let section = try RunsStudy(sources).run().section
            guard case .lines(let plot)? = section.figures[0].plot else {
                Issue.record("the first figure has curves")
                return
            }
            #expect(plot.series.map(\.name) == ["dapo", "gspo"])
            #expect(plot.series[0].points.map(\.x) == [1, 2, 3])
            #expect(plot.series[0].points[0].y == Estimate(0.2, low: 0.1, high: 0.3))
            #expect(plot.series[0].points[2].y == Estimate(exact: 0.9))
            #expect(plot.series[1].points.map(\.x) == [1, 3])
            let rows = section.figures[1].table.rows
            #expect(rows.map { $0[0] } == ["dapo", "dapo", "gspo"])
            #expect(rows[0] == ["dapo", "a", "3", "0.1", "0.5", "–", "0.85 sampled, 0.9 greedy"])
        }
    }

    @Test("A directory without metrics, without rewards, or with broken rows is one sentence")
    func broken() throws {
        try withTemporaryDirectory { directory in
            func failure(_ path: String) -> CommandFailure? {
                #expect(throws: CommandFailure.self) {
                    try RunsStudy([RunsStudy.Source(name: "x", directory: path)]).run()
                }
            }
            let absent = failure(directory + "/absent")
            #expect(absent?.exitCode == .noInput)
            #expect(absent?.message.contains("absent/metrics.jsonl") == true)
            let empty = failure(try run(directory, "empty", rewards: []))
            #expect(empty?.message.contains("has no step with a reward") == true)
            let broken = failure(try run(directory, "broken", rewards: ["0.1", "oops"]))
            #expect(broken?.message.contains("metrics.jsonl:2: invalid JSON") == true)
        }
    }

    @Test("A run is named NAME=DIRECTORY; a directory may have the sign too")
    func argument() {
        #expect(
            RunsStudy.Source(argument: "dapo=runs/a=1")
                == RunsStudy.Source(name: "dapo", directory: "runs/a=1"))
        #expect(RunsStudy.Source(argument: "runs/a") == nil)
        #expect(RunsStudy.Source(argument: "=runs/a") == nil)
        #expect(RunsStudy.Source(argument: "dapo=") == nil)
    }

    @Test("Long runs are averaged over windows")
    func windows() throws {
        try withTemporaryDirectory { directory in
            let rewards = (1...160).map { "\($0 % 2)" }
            let source = RunsStudy.Source(name: "long", directory: try run(directory, "l", rewards: rewards))
            let section = try RunsStudy([source]).run().section
            guard case .lines(let plot)? = section.figures[0].plot else {
                Issue.record("the first figure has curves")
                return
            }
            #expect(plot.series[0].points.count == 80)
            #expect(plot.series[0].points.allSatisfy { $0.y.value == 0.5 })
        }
    }
}
