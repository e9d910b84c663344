import Foundation
import Testing

extension ProcessTests {
    @Suite("Workers that join over tcp") struct JoinTests {
        @Test("A worker that finds nobody says so and gives up in time")
        func nobody() async throws {
            let address = "tcp://127.0.0.1:\(try freePorts(2))"
            let outcome = try await cohort(
                ["worker", "--connect", address, "--reconnect-seconds", "1"], seconds: 20)
            #expect(outcome.code == 69, "\(outcome)")
            #expect(outcome.notes.count == 1)
            #expect(outcome.notes.first?.contains("lost") == true, "\(outcome)")
            #expect(outcome.notes.first?.contains(address) == true, "\(outcome)")
        }

        @Test("Workers join a learner, one of them late, and the weights are those of one machine")
        func late() async throws {
            try await Scratch.with { scratch in
                let address = "tcp://127.0.0.1:\(try freePorts(2))"
                let run = Training(directory: scratch.path + "/run", steps: 12, workers: 0)
                let (listens, isUnderWay) = (Latch(), Latch())
                async let learner = try await cohort(
                    try await run.arguments("learner") + ["--bind", address]
                ) { _, channel, line in
                    if line.hasPrefix("listening on \(address)") { listens.open() }
                    if channel == .output { isUnderWay.open() }
                }
                async let first = worker(address, after: listens)
                async let second = worker(address, after: isUnderWay)
                let (ended, one, other) = try await (learner, first, second)
                #expect(ended.code == 0, "\(ended)")
                #expect(one.code == 0, "\(one)")
                #expect(other.code == 0, "\(other)")
                let record = try JSONDecoder().decode(
                    LearnerRecord.self,
                    from: Data(contentsOf: URL(filePath: run.directory + "/learner.json")))
                #expect(record.weightsSHA256 == (try await Undisturbed.digest))
                try run.requireMetricsOfEveryStep()
            }
        }

        private func worker(_ address: String, after latch: Latch) async throws -> Outcome {
            await latch.wait()
            return try await cohort(["worker", "--connect", address, "--reconnect-seconds", "20"])
        }
    }
}

/// The part of `learner.json` that is looked at here.
private struct LearnerRecord: Decodable {
    var weightsSHA256: String
}

/// Opened once; whoever waits goes on.
final class Latch: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func open() { continuation.finish() }

    func wait() async { for await _ in stream {} }
}
