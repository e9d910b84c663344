import Foundation
import Testing

extension ProcessTests {
    @Suite("Replay and inspection of runs") struct ReplayTests {
        @Test(
            "Replay leads to the published weights, with a moving reference and values too",
            arguments: [
                ["cluster.schedule=bounded", "cluster.max_staleness=1"],
                [
                    "grpo.beta=0.05", "grpo.num_iterations=2", "grpo.sync_ref_model=true",
                    "grpo.ref_model_sync_steps=3", "grpo.advantage_baseline=value", "grpo.vf_coef=0.5",
                    "grpo.lr_scheduler_type=linear",
                ],
            ])
        func whole(_ settings: [String]) async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run", steps: 4, settings: settings)
                try await run.complete()
                let whole = try await replay(run)
                #expect(whole.start == "the run's start")
                #expect(whole.steps.map(\.step) == [0, 1, 2, 3, 4])
                #expect(whole.steps.allSatisfy { $0.same && $0.recorded == $0.computed })
                let part = try await replay(run, ["--from", "4", "--to", "4"])
                #expect(part.start == "checkpoint-3")
                #expect(part.steps == Array(whole.steps.suffix(2)))
            }
        }

        @Test("Ranges that the run does not hold are refused")
        func ranges() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run", steps: 1)
                try await run.complete()
                for range in [["--from", "2", "--to", "1"], ["--to", "2"], ["--from", "0"]] {
                    let outcome = try await cohort(["replay", run.directory] + range)
                    #expect(outcome.code == 64, "\(outcome)")
                    #expect(outcome.notes.count == 1, "\(outcome)")
                }
                let outcome = try await cohort(["inspect", run.directory, "--step", "2"])
                #expect(outcome.code == 64, "\(outcome)")
            }
        }

        @Test("A starting model that is no longer the same is named as the first difference")
        func otherModel() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run", steps: 1)
                let model = scratch.path + "/model"
                var words = try await run.arguments()
                let place = try #require(words.firstIndex(of: "--model")) + 1
                try FileManager.default.copyItem(atPath: words[place], toPath: model)
                words[place] = model
                let trained = try await cohort(words)
                try #require(trained.code == 0, "\(trained)")
                let weights = URL(filePath: model + "/model.safetensors")
                var bytes = try Data(contentsOf: weights)
                bytes[bytes.count - 4] ^= 1
                try bytes.write(to: weights)
                let outcome = try await cohort(["replay", run.directory])
                #expect(outcome.code == 65, "\(outcome)")
                #expect(outcome.output.last?.hasSuffix("DIFFERENT") == true, "\(outcome)")
                #expect(outcome.notes.last?.contains("the weights that the run started from led to") == true)
            }
        }

        @Test("Inspection agrees with what the run wrote; a damaged group is named by its entry")
        func inspection() async throws {
            try await Scratch.with { scratch in
                let run = Training(
                    directory: scratch.path + "/run", steps: 3, settings: ["run.log_completions_steps=1"])
                try await run.complete()
                let step = try await inspect(run, step: 3)
                let completions = step.groups.flatMap(\.completions)
                #expect(completions.count == 32)
                let mean = completions.reduce(0) { $0 + $1.reward } / 32
                let metrics = try run.metrics()[2]
                #expect(abs(mean - (try #require(metrics["reward"]))) < 1e-9)
                let rows = try run.completionRows().filter { $0.step == 3 }
                #expect(completions.map(\.advantage) == rows.map(\.advantage))
                #expect(completions.map(\.reward) == rows.map(\.reward))
                // On-policy: nothing was trained on since the tokens were sampled.
                let limit = try run.isExact() ? 0 : 1e-3
                for completion in completions {
                    #expect(abs(try #require(completion.ratio_min) - 1) <= limit)
                    #expect(abs(try #require(completion.ratio_max) - 1) <= limit)
                    #expect(completion.clipped_low == 0 && completion.clipped_high == 0)
                    #expect(try #require(completion.kl_per_token) >= 0)
                    #expect(completion.tokens.count == completion.length)
                }
                let text = try await cohort(
                    ["inspect", run.directory, "--step", "2", "--group", "1", "--completion", "2", "--tokens"])
                #expect(text.code == 0, "\(text)")
                #expect(text.output.count == 3 + (try await inspect(run, step: 2)).groups[1].completions[2].length)
                let known = try await cohort(["inspect", run.directory, "--step", "3", "--no-policy"])
                #expect(known.code == 0 && !known.output.contains { $0.contains("ratio") }, "\(known)")
                let longest = try #require(completions.max { $0.length < $1.length })
                try run.damageLedger(at: longest.tokens.map(\.behavior_logprob))
                let damaged = try await cohort(["replay", run.directory])
                #expect(damaged.code == 65, "\(damaged)")
                #expect(damaged.notes.last?.contains("is damaged") == true, "\(damaged)")
            }
        }

        private func replay(_ run: Training, _ words: [String] = []) async throws -> Replayed {
            let outcome = try await cohort(["replay", run.directory, "--json"] + words)
            try #require(outcome.code == 0, "\(outcome)")
            return try JSONDecoder().decode(
                Replayed.self, from: Data(outcome.output.joined(separator: "\n").utf8))
        }

        private func inspect(_ run: Training, step: Int) async throws -> Inspected {
            let outcome = try await cohort(["inspect", run.directory, "--step", "\(step)", "--json"])
            try #require(outcome.code == 0, "\(outcome)")
            return try JSONDecoder().decode(
                Inspected.self, from: Data(outcome.output.joined(separator: "\n").utf8))
        }
    }
}

private struct Replayed: Decodable {
    struct Step: Decodable, Equatable {
        var step: Int
        var computed: String
        var recorded: String?
        var same: Bool
    }

    var start: String
    var steps: [Step]
}

private struct Inspected: Decodable {
    struct Group: Decodable { var completions: [Completion] }
    struct Token: Decodable { var behavior_logprob: Float }
    struct Completion: Decodable {
        var length: Int
        var reward: Double
        var advantage: Double
        var ratio_min: Double?
        var ratio_max: Double?
        var clipped_low: Int?
        var clipped_high: Int?
        var kl_per_token: Double?
        var tokens: [Token]
    }

    var groups: [Group]
}

/// A line of `completions.jsonl` of a run with the one reward function `exact`.
private struct CompletionLine: Decodable {
    var step: Int
    var advantage: Double
    var exact: Double
    var reward: Double { exact }
}

extension Training {
    fileprivate func complete() async throws {
        let outcome = try await run()
        try #require(outcome.code == 0, "\(outcome)")
    }

    fileprivate func completionRows() throws -> [CompletionLine] {
        try String(contentsOfFile: directory + "/completions.jsonl", encoding: .utf8)
            .split(separator: "\n")
            .map { try JSONDecoder().decode(CompletionLine.self, from: Data($0.utf8)) }
    }

    fileprivate func isExact() throws -> Bool {
        struct Exactness: Decodable { var exact: Bool }
        let bytes = try Data(contentsOf: URL(filePath: directory + "/summary.json"))
        return try JSONDecoder().decode(Exactness.self, from: bytes).exact
    }

    /// Changes one bit of the group that holds these log-probabilities.
    fileprivate func damageLedger(at logprobs: [Float]) throws {
        let sought = Data(
            logprobs.flatMap { value in (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 255) } })
        let file = URL(filePath: directory + "/ledger.sqlite")
        var bytes = try Data(contentsOf: file)
        // Pages that are not used any more may hold a copy.
        var (rest, places) = (bytes.startIndex..<bytes.endIndex, 0)
        while let found = bytes.range(of: sought, in: rest) {
            bytes[found.lowerBound] ^= 1
            (rest, places) = (found.upperBound..<bytes.endIndex, places + 1)
        }
        try #require(places > 0)
        try bytes.write(to: file)
    }
}
