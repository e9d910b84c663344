import Foundation
import Testing

extension ProcessTests {
    @Suite("Runs by other members of the family") struct AlgorithmTests {
        @Test("With DAPO constant groups are replaced, and the weights do not depend on the workers")
        func dapo() async throws {
            try await Scratch.with { scratch in
                var digests: Set<String> = []
                for workers in [1, 2] {
                    let run = Training(
                        directory: "\(scratch.path)/run-\(workers)", steps: 4, workers: workers,
                        settings: ["grpo.profile=dapo"])
                    let outcome = try await run.run()
                    #expect(outcome.code == 0, "\(outcome)")
                    let groups = try run.summary().groups
                    let replaced = groups.dropped["constant_rewards"] ?? 0
                    #expect(replaced > 0 && groups.consumed == 4 * Training.groupsPerStep)
                    #expect(groups.issued == groups.consumed + replaced)
                    #expect(
                        try run.metrics().last?["groups/dropped/constant_rewards"] == Double(replaced))
                    digests.insert(try run.summary().weights_sha256)
                }
                #expect(digests.count == 1)
            }
        }

        @Test("A learned value baseline has a loss of its own, and comes back from a checkpoint")
        func valueBaseline() async throws {
            try await expectSurvivesDeath(["grpo.advantage_baseline=value"]) { row in
                #expect(row["value_loss"] ?? 0 > 0 && row["value/explained_variance"] != nil)
            }
        }

        @Test("A reference that follows the policy comes back from a checkpoint")
        func movingReference() async throws {
            // One optimiser step of two moves it, so that every second checkpoint lies between two moves.
            try await expectSurvivesDeath([
                "grpo.sync_ref_model=true", "grpo.ref_model_sync_steps=3", "grpo.beta=0.5",
            ]) { row in #expect(row["kl"] ?? 0 > 0) }
        }

        @Test("Evaluations on the way are in the metrics, and the best model is kept")
        func evaluations() async throws {
            try await Scratch.with { scratch in
                let run = Training(
                    directory: scratch.path + "/run", steps: 4, settings: ["run.eval_steps=2", "run.save_total_limit=0"])
                let outcome = try await run.run()
                #expect(outcome.code == 0, "\(outcome)")
                let rows = try run.metrics()
                for name in ["eval_reward", "eval_completions/mean_length"] {
                    #expect(rows.map { $0[name] != nil } == [false, true, false, true], "\(name)")
                }
                #expect(Set(rows.flatMap(\.keys).filter { $0.hasPrefix("eval_") }).count == 4)
                struct Best: Decodable { var step: Int }
                let best = try JSONDecoder().decode(
                    Best.self,
                    from: Data(contentsOf: URL(filePath: run.directory + "/best-evaluation.json")))
                #expect([2, 4].contains(best.step))
                let kept = try Data(
                    contentsOf: URL(filePath: run.directory + "/best/model.safetensors"))
                let checkpoint = run.directory + "/checkpoints/checkpoint-\(best.step)"
                #expect(
                    try kept == Data(contentsOf: URL(filePath: checkpoint + "/model.safetensors")))
            }
        }

        @Test("Where no worker is left the run ends and says why")
        func nobodyLeft() async throws {
            try await Scratch.with { scratch in
                // It starts for the evaluation before the run, and never again.
                let judge = try scratch.write(
                    "judge.sh",
                    """
                    mkdir \(scratch.path)/started 2>/dev/null || { echo no more >&2; exit 3; }
                    echo '{"v":1,"rewards":["zero"]}'
                    while IFS= read -r line; do
                        id=${line#*'"id":"'}; id=${id%%'"'*}
                        echo "{\\"id\\":\\"$id\\",\\"rewards\\":{\\"zero\\":0}}"
                    done
                    """)
                let run = Training(
                    directory: scratch.path + "/run",
                    settings: ["reward.name=zero", "reward.programs=exec sh \(judge)"])
                let outcome = try await run.run()
                #expect(outcome.code == 78 && !outcome.isOverdue, "\(outcome)")
                let last = try #require(outcome.notes.last)
                #expect(last.hasPrefix("cohort: no worker is left to sample"), "\(outcome)")
                #expect(last.contains(judge), "\(outcome)")
                #expect(try await survivors(of: outcome.children.map(\.processID), after: .zero) == [])
            }
        }

        /// Kills the learner on the way, and compares with an uninterrupted run.
        private func expectSurvivesDeath(
            _ settings: [String], _ check: ([String: Double]) throws -> Void
        ) async throws {
            try await Scratch.with { scratch in
                let whole = Training(
                    directory: scratch.path + "/whole", steps: 6, settings: settings)
                let undisturbed = try await whole.run()
                #expect(undisturbed.code == 0, "\(undisturbed)")
                let killed = Training(
                    directory: scratch.path + "/killed", steps: 6, settings: settings)
                let (children, isFirst) = (Children(), Once())
                let outcome = try await killed.run { _, channel, line in
                    children.note(line)
                    guard channel == .output, line.hasPrefix("step 3/"), isFirst.claim() else { return }
                    try children.kill("learner")
                }
                #expect(outcome.code == 0, "\(outcome)")
                #expect(outcome.children.filter { $0.name == "learner" }.count == 2, "\(outcome)")
                #expect(try killed.summary().weights_sha256 == whole.summary().weights_sha256)
                try killed.requireMetricsOfEveryStep()
                try check(try #require(try whole.metrics().last))
            }
        }
    }
}
