import Foundation
import Testing

extension ProcessTests {
    @Suite("Rewards from programs") struct RewardProgramTests {
        @Test(
            "The Python example rewards a run: the same bits for workers and the learner",
            .enabled(if: Python.isInstalled, "there is no python3 in PATH"))
        func example() async throws {
            try await Scratch.with { scratch in
                let settings = [
                    "reward.name=right,brevity", "reward.weights=1,0.1",
                    "reward.programs=python3 \(Python.example)", "run.log_completions_steps=12",
                ]
                let workers = Training(directory: scratch.path + "/workers", settings: settings)
                let outcome = try await workers.run()
                #expect(outcome.code == 0, "\(outcome)")
                try expectAllConsumed(workers)
                let metrics = try #require(try workers.metrics().last)
                let right = try #require(metrics["rewards/right/mean"])
                #expect((0...1).contains(right) && metrics["rewards/right/std"] != nil)
                #expect(metrics["rewards/brevity/mean"] != nil && metrics["reward"] ?? 0 > right)
                try expectRewardsOfBoth(workers)
                for role in ["evaluation", "worker-0", "worker-1"] {
                    let log = workers.directory + "/logs/reward-1-\(role).log"
                    #expect(FileManager.default.fileExists(atPath: log))
                }
                let learner = Training(
                    directory: scratch.path + "/learner", workers: 1,
                    settings: settings + ["reward.placement=learner"])
                #expect(try await learner.run().code == 0)
                #expect(try learner.summary().weights_sha256 == workers.summary().weights_sha256)
            }
        }

        @Test("A program that dies now and then costs nothing: every completion is judged once")
        func dying() async throws {
            try await Scratch.with { scratch in
                var digests: Set<String> = []
                for (name, deathAfter) in [("calm", 1_000_000), ("dying", 50)] {
                    let judge = try scratch.write("\(name).sh", Self.judge(deathAfter: deathAfter))
                    let run = Training(
                        directory: "\(scratch.path)/\(name)-run",
                        settings: ["reward.name=threes", "reward.programs=exec sh \(judge)"])
                    let outcome = try await run.run()
                    #expect(outcome.code == 0, "\(outcome)")
                    try expectAllConsumed(run)
                    digests.insert(try run.summary().weights_sha256)
                    let said = try String(
                        contentsOfFile: run.directory + "/logs/worker-0.log", encoding: .utf8)
                    #expect(said.contains("it was ended by signal 9") == (name == "dying"))
                }
                #expect(digests.count == 1)
            }
        }

        @Test("A program's failure ends the run where it shall, with its own words")
        func abort() async throws {
            try await Scratch.with { scratch in
                let judge = try scratch.write("judge.sh", Self.judge(deathAfter: 1_000_000, refusesThrees: true))
                let run = Training(
                    directory: scratch.path + "/run",
                    settings: [
                        "reward.name=threes", "reward.programs=exec sh \(judge)", "reward.program_retries=0",
                        "reward.on_program_failure=abort",
                    ])
                let outcome = try await run.run()
                #expect(outcome.code == 65, "\(outcome)")
                let last = try #require(outcome.notes.last)
                #expect(last.contains("it said: no threes, and on_program_failure is abort"), "\(outcome)")
                #expect(last.contains("the reward program \"exec sh \(judge)\""))
                #expect(try await survivors(of: outcome.children.map(\.processID), after: .zero) == [])
            }
        }

        /// Rewards completions that begin with 3, and is killed after some answers.
        private static func judge(deathAfter: Int, refusesThrees: Bool = false) -> String {
            let three = refusesThrees ? #""error":"no threes""# : #""rewards":{"threes":1}"#
            return """
                echo '{"v":1,"rewards":["threes"]}'
                left=\(deathAfter)
                while IFS= read -r line; do
                    [ $left = 0 ] && kill -9 $$
                    left=$((left - 1))
                    id=${line#*'"id":"'}; id=${id%%'"'*}
                    case "$line" in
                    *'"completion":"3'*) echo "{\\"id\\":\\"$id\\",\(three.replacing("\"", with: "\\\""))}";;
                    *) echo "{\\"id\\":\\"$id\\",\\"rewards\\":{\\"threes\\":0}}";;
                    esac
                done
                """
        }

        /// `completions.jsonl` says what each function gave, and null where brevity does not apply.
        private func expectRewardsOfBoth(_ run: Training) throws {
            struct Row: Decodable {
                var right: Double
                var brevity: Double?
                var reward: Double
            }
            let lines = try String(
                contentsOfFile: run.directory + "/completions.jsonl", encoding: .utf8
            ).split(separator: "\n")
            let rows = try lines.map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
            #expect(rows.count == 32)
            #expect(Set(rows.map(\.right)) == [0, 1])
            #expect(rows.allSatisfy { ($0.brevity != nil) == ($0.right == 1) })
            #expect(rows.allSatisfy { $0.reward == $0.right + 0.1 * ($0.brevity ?? 0) })
        }
    }
}

private enum Python {
    static let example = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "protocols/examples/brevity.py").path

    static var isInstalled: Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: $0 + "/python3") }
    }
}
