import Foundation
import Testing

extension ProcessTests {
    @Suite("Training on this machine") struct TrainTests {
        @Test("train ends well, leaves what it promises, and is a learner with two workers")
        func complete() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run")
                let outcome = try await run.run()
                #expect(outcome.code == 0, "\(outcome)")
                #expect(Set(outcome.children.map(\.name)) == ["learner", "worker-0", "worker-1"])
                #expect(Set(outcome.children.map(\.processID)).count == 3)
                #expect(try await survivors(of: outcome.children.map(\.processID), after: .zero) == [])
                for name in [
                    "configuration.json", "completions.jsonl", "model/model.safetensors",
                    "model/config.json", "model/tokenizer.json", "logs/learner.log",
                    "logs/worker-0.log", "logs/worker-1.log", "checkpoints/checkpoint-12",
                ] {
                    #expect(FileManager.default.fileExists(atPath: run.directory + "/" + name), "\(name)")
                }
                let summary = try run.summary()
                #expect(summary.outcome == "completed")
                #expect(summary.steps == run.steps)
                try run.requireMetricsOfEveryStep()
                let names = try #require(try run.metrics().last).keys
                for name in [
                    "loss", "reward", "reward_std", "kl", "entropy", "learning_rate", "num_tokens",
                    "frac_reward_zero_std", "completions/mean_length", "clip_ratio/region_mean",
                    "rewards/exact/mean", "sampling/sampling_logp_difference/max",
                ] {
                    #expect(names.contains(name), "\(name)")
                }
            }
        }

        @Test("The weights do not depend on the number of workers", arguments: [1, 2, 3])
        func workers(_ count: Int) async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run", workers: count)
                let outcome = try await run.run()
                #expect(outcome.code == 0, "\(outcome)")
                #expect(try run.summary().weights_sha256 == (try await Undisturbed.digest))
                try expectAllConsumed(run)
            }
        }

        @Test("Nor do they with policies one version behind")
        func staleness() async throws {
            try await Scratch.with { scratch in
                var digests: Set<String> = []
                for count in [1, 3] {
                    let run = Training(
                        directory: scratch.path + "/run\(count)", workers: count,
                        settings: ["cluster.max_staleness=1"])
                    let outcome = try await run.run()
                    #expect(outcome.code == 0, "\(outcome)")
                    digests.insert(try run.summary().weights_sha256)
                    try expectAllConsumed(run)
                    #expect(try run.metrics().last?["staleness/max"] == 1)
                }
                #expect(digests.count == 1)
                #expect(!digests.contains(try await Undisturbed.digest))
            }
        }

        @Test("The bounded schedule accounts for every group")
        func bounded() async throws {
            try await Scratch.with { scratch in
                let run = Training(
                    directory: scratch.path + "/run",
                    settings: ["cluster.schedule=bounded", "cluster.max_staleness=2"])
                let outcome = try await run.run()
                #expect(outcome.code == 0, "\(outcome)")
                let groups = try run.summary().groups
                #expect(groups.consumed == run.steps * Training.groupsPerStep)
                let dropped = groups.dropped.values.reduce(0, +)
                #expect(groups.issued == groups.leased + groups.received + groups.consumed + dropped)
                try run.requireMetricsOfEveryStep()
                #expect(try run.metrics().allSatisfy { ($0["staleness/max"] ?? 9) <= 2 })
            }
        }
    }
}

/// In lockstep every group that was handed out was trained on.
func expectAllConsumed(_ run: Training, _ location: SourceLocation = #_sourceLocation) throws {
    let groups = try run.summary().groups
    #expect(groups.consumed == run.steps * Training.groupsPerStep, sourceLocation: location)
    #expect(groups.issued == groups.consumed, sourceLocation: location)
    #expect(groups.dropped.values.reduce(0, +) == 0, sourceLocation: location)
    #expect(groups.leased == 0 && groups.received == 0, sourceLocation: location)
}
