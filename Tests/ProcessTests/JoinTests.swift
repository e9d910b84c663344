import Foundation
import FreePorts
import Testing

extension ProcessTests {
    @Suite("Workers that join over tcp") struct JoinTests {
        @Test("A worker that finds nobody says so and gives up in time")
        func nobody() async throws {
            let address = "tcp://127.0.0.1:\(try freePorts(2))"
            let outcome = try await cohort(
                ["worker", "--connect", address, "--reconnect-seconds", "1"], seconds: 20)
            #expect(outcome.code == 69, "\(outcome)")
            #expect(outcome.notes.count == 2)
            #expect(
                outcome.notes.first?.contains("waiting for the learner, for 1.0 s at most") == true,
                "\(outcome)")
            #expect(outcome.notes.last?.contains("lost") == true, "\(outcome)")
            #expect(outcome.notes.allSatisfy { $0.contains(address) }, "\(outcome)")
        }

        @Test("A late worker takes over from one that was killed, and the weights are the usual ones")
        func late() async throws {
            try await Scratch.with { scratch in
                let address = "tcp://127.0.0.1:\(try freePorts(2))"
                let run = Training(
                    directory: scratch.path + "/run", workers: 0,
                    settings: ["cluster.heartbeat_seconds=0.2", "cluster.liveness_seconds=1"])
                let (listens, isUnderWay) = (Latch(), Latch())
                async let learner = try await cohort(
                    try await run.arguments("learner") + ["--bind", address],
                    onLine: { _, channel, line in
                        if line.hasPrefix("listening on \(address)") { listens.open() }
                        if channel == .output { isUnderWay.open() }
                    })
                async let first = worker(address, after: listens, killedAfter: isUnderWay)
                async let second = worker(address, after: isUnderWay)
                let (ended, early, late) = try await (learner, first, second)
                #expect(ended.code == 0, "\(ended)")
                #expect(early.ending == .signal(SIGKILL), "\(early)")
                #expect(late.code == 0, "\(late)")
                let record = try JSONDecoder().decode(
                    LearnerRecord.self,
                    from: Data(contentsOf: URL(filePath: run.directory + "/learner.json")))
                #expect(record.weightsSHA256 == (try await Undisturbed.digest))
                try run.requireMetricsOfEveryStep()
            }
        }

        @Test("With keys, a listed worker carries the run to the usual weights, and a stranger gets nothing")
        func keys() async throws {
            try await Scratch.with { scratch in
                let address = "tcp://127.0.0.1:\(try freePorts(2))"
                let keys = scratch.path + "/keys"
                for name in ["learner", "node", "stranger"] {
                    #expect(try await cohort(["keygen", name, "--directory", keys]).code == 0)
                }
                let list = keys + "/authorized_workers"
                try FileManager.default.createDirectory(
                    atPath: list, withIntermediateDirectories: false)
                try FileManager.default.copyItem(
                    atPath: keys + "/node.pub", toPath: list + "/node.pub")
                let run = Training(directory: scratch.path + "/run", workers: 0, settings: [])
                let listens = Latch()
                async let learner = try await cohort(
                    try await run.arguments("learner") + ["--bind", address, "--keys", keys],
                    onLine: { _, _, line in
                        if line.hasPrefix("listening on \(address)") { listens.open() }
                    })
                await listens.wait()
                let options = ["--learner-key", keys + "/learner.pub"]
                // One after the other: without a worker the learner waits.
                let refused = try await cohort(
                    ["worker", "--connect", address, "--key", keys + "/stranger.key"] + options
                        + ["--reconnect-seconds", "1"])
                let worked = try await cohort(
                    ["worker", "--connect", address, "--key", keys + "/node.key"] + options)
                let ended = try await learner
                #expect(ended.code == 0, "\(ended)")
                #expect(ended.output.contains { $0.contains("the unknown key") }, "\(ended)")
                #expect(refused.code == 69, "\(refused)")
                #expect(worked.code == 0, "\(worked)")
                let record = try JSONDecoder().decode(
                    LearnerRecord.self,
                    from: Data(contentsOf: URL(filePath: run.directory + "/learner.json")))
                #expect(record.weightsSHA256 == (try await Undisturbed.digest))
            }
        }

        private func worker(
            _ address: String, after start: Latch, killedAfter end: Latch? = nil
        ) async throws -> Outcome {
            await start.wait()
            let arguments = ["worker", "--connect", address, "--reconnect-seconds", "20"]
            return try await cohort(arguments, onStart: { program in
                guard let end else { return }
                Task {
                    await end.wait()
                    program.send(SIGKILL)
                }
            })
        }
    }
}

/// The part of `learner.json` that is looked at here.
private struct LearnerRecord: Decodable {
    var weightsSHA256: String
}
