import Testing

extension ProcessTests {
    @Suite("Agreement of sampler and learner") struct ExactnessTests {
        @Test("Without learning every ratio is exactly 1 and the divergence exactly 0")
        func frozen() async throws {
            try await Scratch.with { scratch in
                let run = Training(
                    directory: scratch.path + "/run", steps: 4, settings: ["grpo.learning_rate=0"])
                let outcome = try await run.run()
                #expect(outcome.code == 0, "\(outcome)")
                for row in try run.metrics() {
                    #expect(row["ratio/min"] == 1)
                    #expect(row["ratio/max"] == 1)
                    #expect(row["kl"] == 0)
                    #expect(row["sampling/sampling_logp_difference/max"] == 0)
                }
                // The rewards differ, so this was no run with nothing to learn.
                #expect(try run.metrics().contains { ($0["grad_norm"] ?? 0) > 0 })
            }
        }

        @Test("With learning the ratio moves between the steps of a batch, but not in the first")
        func moving() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run", steps: 4)
                let outcome = try await run.run()
                #expect(outcome.code == 0, "\(outcome)")
                let last = try #require(try run.metrics().last)
                #expect(try #require(last["ratio/max"]) > 1)
                #expect(try #require(last["kl"]) > 0)
                #expect(last["sampling/sampling_logp_difference/max"] == 0)
            }
            try await Scratch.with { scratch in
                let run = Training(
                    directory: scratch.path + "/run", steps: 4,
                    settings: ["grpo.steps_per_generation=1"])
                let outcome = try await run.run()
                #expect(outcome.code == 0, "\(outcome)")
                #expect(try run.metrics().allSatisfy { $0["ratio/min"] == 1 && $0["ratio/max"] == 1 })
            }
        }

        @Test("In bfloat16 too, whatever the number of workers, with activations kept or not")
        func brain() async throws {
            try await Scratch.with { scratch in
                var digests: Set<String> = []
                for (workers, checkpoints) in [(1, false), (2, false), (2, true)] {
                    let run = Training(
                        directory: "\(scratch.path)/run-\(workers)-\(checkpoints)", steps: 6,
                        workers: workers,
                        settings: [
                            "model.dtype=bfloat16", "grpo.gradient_checkpointing=\(checkpoints)",
                        ])
                    let outcome = try await run.run()
                    #expect(outcome.code == 0, "\(outcome)")
                    #expect(
                        try run.metrics().allSatisfy {
                            $0["sampling/sampling_logp_difference/max"] == 0
                        })
                    digests.insert(try run.summary().weights_sha256)
                }
                #expect(digests.count == 1)
            }
        }

        /// oneDNN's AVX2 products depend on what is computed together, and it has none of bfloat16.
        @Test(
            "With older instructions the weights still do not depend on the number of workers",
            arguments: ["float32", "bfloat16"])
        func olderInstructions(dtype: String) async throws {
            try await Scratch.with { scratch in
                let older = ["DNNL_MAX_CPU_ISA": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"]
                let doctor = try await cohort(["doctor"], environment: older)
                #expect(doctor.code == 0, "\(doctor)")
                let isExact = doctor.output.contains { $0.hasPrefix("exact in \(dtype)") && $0.contains("on:") }
                var digests: Set<String> = []
                for workers in [1, 2] {
                    let run = Training(
                        directory: "\(scratch.path)/run-\(workers)", steps: 3, workers: workers,
                        settings: ["model.dtype=\(dtype)"])
                    let outcome = try await cohort(try await run.arguments(), environment: older)
                    #expect(outcome.code == 0, "\(outcome)")
                    let saysSo = (outcome.output + outcome.notes).contains {
                        $0.contains("exact mode is off")
                    }
                    #expect(saysSo == !isExact)
                    digests.insert(try run.summary().weights_sha256)
                }
                #expect(digests.count == 1)
            }
        }
    }
}
