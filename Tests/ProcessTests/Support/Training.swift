import Foundation
import Testing

/// A run of `cohort train` on the tiny model.
struct Training: Sendable {
    let directory: String
    var steps = 12
    var workers = 2
    /// More `--set` assignments.
    var settings: [String] = []

    static let groupsPerStep = 8

    /// The words after `cohort`.
    func arguments(_ command: String = "train") async throws -> [String] {
        let start = try await Start.shared
        return [
            command, "--model", start.model, "--data", start.data, "--output-dir", directory,
            "--max-steps", "\(steps)", "--workers", "\(workers)",
        ]
            + sets([
                "grpo.generation_batch_size=32", "grpo.num_generations=4",
                "grpo.max_completion_length=3", "grpo.steps_per_generation=2",
                "grpo.learning_rate=3e-4", "grpo.warmup_steps=0", "data.eval_prompts=8", "run.save_steps=1",
            ] + settings)
    }

    /// Runs it to its end; `onLine` sees what it says.
    func run(
        onLine: @escaping @Sendable (RunningCohort, Channel, String) throws -> Void = { _, _, _ in }
    ) async throws -> Outcome {
        try await cohort(try await arguments(), onLine: onLine)
    }

    func resume() async throws -> Outcome {
        try await cohort(["train", "--resume", "--output-dir", directory])
    }

    func summary() throws -> Summary {
        let bytes = try Data(contentsOf: URL(filePath: directory + "/summary.json"))
        return try JSONDecoder().decode(Summary.self, from: bytes)
    }

    /// The rows of `metrics.jsonl`.
    func metrics() throws -> [[String: Double]] {
        try String(contentsOfFile: directory + "/metrics.jsonl", encoding: .utf8)
            .split(separator: "\n")
            .map { try JSONDecoder().decode([String: Double].self, from: Data($0.utf8)) }
    }

    func requireMetricsOfEveryStep(_ location: SourceLocation = #_sourceLocation) throws {
        let steps = try metrics().map { $0["step"] }
        #expect(steps == (1...steps.count).map(Double.init), sourceLocation: location)
        #expect(steps.count == self.steps, sourceLocation: location)
    }
}

/// `summary.json`
struct Summary: Decodable {
    struct Groups: Decodable {
        var issued: Int
        var leased: Int
        var received: Int
        var consumed: Int
        var reissued: Int
        var dropped: [String: Int]
    }

    var outcome: String
    var steps: Int
    var weights_sha256: String
    var groups: Groups
}

/// What the tiny run ends with if nothing disturbs it.
enum Undisturbed {
    static var digest: String { get async throws { try await making.value } }

    private static let making = Task {
        let run = Training(directory: try SharedFolder.scratch.get().path + "/undisturbed")
        let outcome = try await run.run()
        try #require(outcome.code == 0, "\(outcome)")
        return try run.summary().weights_sha256
    }
}
