import Foundation
import Testing

extension ProcessTests {
    @Suite("Chaos") struct ChaosTests {
        @Test("Worker kills, learner kills and stopped processes change no bit and lose no group")
        func chaos() async throws {
            try await Scratch.with { scratch in
                let report = try await run(
                    in: scratch, steps: 200,
                    ["--kills", "9", "--stops", "3", "--target", "both", "--stop-seconds", "0.3"])
                #expect(report.is_same_bits == true)
                #expect(report.problems == [])
                #expect(report.count("kill", "worker") == 6)
                #expect(report.count("kill", "learner") == 3)
                #expect(report.count("stop", "worker") == 2)
                #expect(report.count("stop", "learner") == 1)
                let groups = report.chaos.groups
                #expect(groups.consumed == 200 * Training.groupsPerStep)
                #expect(groups.leased == 0 && groups.received == 0)
            }
        }

        @Test("Faults that find no run to strike are a failure, not a success")
        func tooFewSteps() async throws {
            try await Scratch.with { scratch in
                let arguments = try await self.arguments(
                    in: scratch, steps: 1, ["--kills", "1000", "--every", "1", "--no-calm"])
                let outcome = try await cohort(arguments)
                #expect(outcome.code == 70, "\(outcome)")
                #expect(outcome.notes.contains { $0.contains("of 1000 faults; raise --max-steps") })
            }
        }

        @Test("Ctrl-C while a killed learner comes back leaves a run that can go on")
        func interruptedRecovery() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run")
                let (children, isKilled, isInterrupted) = (Children(), Once(), Once())
                let outcome = try await run.run { program, channel, line in
                    children.note(line)
                    if channel == .output, line.hasPrefix("step"), line.contains("3/12"), isKilled.claim() {
                        try children.kill("learner")
                    }
                    let isBack = line == "learner ended with signal 9; starting it again"
                    if isBack, isInterrupted.claim() { program.send(SIGINT) }
                }
                #expect(outcome.code == 130, "\(outcome)")
                #expect(outcome.notes.last?.hasSuffix("--resume --output-dir \(run.directory)") == true)
                #expect(try await survivors(of: children.all, after: .zero) == [])
                let again = try await run.resume()
                #expect(again.code == 0, "\(again)")
                #expect(try run.summary().weights_sha256 == (try await Undisturbed.digest))
                try run.requireMetricsOfEveryStep()
            }
        }

        @Test("A learner that is killed more often than max_restarts goes on as long as it gets on")
        func manyRestarts() async throws {
            try await Scratch.with { scratch in
                let run = Training(
                    directory: scratch.path + "/run", settings: ["cluster.max_restarts=1"])
                let children = Children()
                let kills = (2...6).map { (step: $0 * 2, once: Once()) }
                let outcome = try await run.run { _, channel, line in
                    children.note(line)
                    for kill in kills where channel == .output && line.contains("\(kill.step)/12") {
                        if line.hasPrefix("step"), kill.step < 12, kill.once.claim() {
                            try children.kill("learner")
                        }
                    }
                }
                #expect(outcome.code == 0, "\(outcome)")
                #expect(outcome.children.count { $0.name == "learner" } == 5)
                #expect(try run.summary().weights_sha256 == (try await Undisturbed.digest))
            }
        }

        /// The report of a `cohort chaos` on the tiny model that must end well.
        private func run(in scratch: Scratch, steps: Int, _ options: [String]) async throws -> Report {
            let arguments = try await arguments(in: scratch, steps: steps, options)
            let outcome = try await cohort(arguments + ["--json"])
            try #require(outcome.code == 0, "\(outcome)")
            return try JSONDecoder().decode(
                Report.self, from: Data(outcome.output.joined(separator: "\n").utf8))
        }

        private func arguments(
            in scratch: Scratch, steps: Int, _ options: [String]
        ) async throws -> [String] {
            let training = Training(directory: scratch.path + "/runs", steps: steps)
            return try await training.arguments("chaos") + options
        }
    }
}

/// What `cohort chaos --json` prints.
private struct Report: Decodable {
    struct Row: Decodable {
        var kind: String
        var target: String
        var count: Int
    }

    struct Run: Decodable {
        var groups: Summary.Groups
    }

    var rows: [Row]
    var chaos: Run
    var is_same_bits: Bool?
    var problems: [String]

    func count(_ kind: String, _ target: String) -> Int {
        rows.filter { $0.kind == kind && $0.target == target }.reduce(0) { $0 + $1.count }
    }
}
