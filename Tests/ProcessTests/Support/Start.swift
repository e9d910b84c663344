import Foundation
import Testing

/// What all runs here start from: a tiny model that is right about half the time, so that rewards differ
/// within a group and the weights move.
struct Start: Sendable {
    let model: String
    let data: String

    /// Made once.
    static var shared: Start { get async throws { try await making.value } }

    private static let making = Task { try await make() }

    private static func make() async throws -> Start {
        let folder = try SharedFolder.scratch.get()
        let rows = (0..<16).map { #"{"prompt":"\#($0)+\#($0)=","answer":"\#($0 % 4)"}"# }
        let data = try folder.write("rows.jsonl", rows.joined(separator: "\n") + "\n")
        let model = folder.path + "/model"
        let outcome = try await cohort(
            ["sft", "--data", data, "--output", model]
                + sets(tinyShape + [
                    "sft.steps=60", "sft.warmup_steps=5", "sft.batch_size=16",
                    "sft.target_accuracy=1", "sft.learning_rate=0.01",
                ]))
        try #require(outcome.code == 0, "\(outcome)")
        return Start(model: model, data: data)
    }
}

/// `--set` for each assignment.
func sets(_ assignments: [String]) -> [String] { assignments.flatMap { ["--set", $0] } }

/// The built-in model, but one small layer.
let tinyShape = [
    "model.hidden_size=32", "model.intermediate_size=64", "model.num_hidden_layers=1",
    "model.num_attention_heads=2", "model.num_key_value_heads=1",
]

/// Holds what several tests read; removed when the tests end.
enum SharedFolder {
    static let scratch: Result<Scratch, any Error> = Result {
        let scratch = try Scratch()
        atexit { try? SharedFolder.scratch.get().remove() }
        return scratch
    }
}
