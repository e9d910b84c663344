import Foundation
import FreePorts
import Testing

extension ProcessTests {
    @Suite("Wrong input") struct MistakeTests {
        @Test("is answered with one sentence and its exit code", arguments: Mistake.all)
        func answer(_ mistake: Mistake) async throws {
            try await Scratch.with { scratch in
                let outcome = try await mistake.run(in: scratch)
                #expect(outcome.code == mistake.code, "\(outcome)")
                let said = outcome.notes.filter { $0.hasPrefix("cohort: ") || $0.hasPrefix("Error: ") }
                #expect(said.count == 1, "\(outcome)")
                let fragment = mistake.filled(mistake.fragment, scratch, try await Start.shared)
                #expect(said.first?.contains(fragment) == true, "\(outcome)")
                #expect(!FileManager.default.fileExists(atPath: scratch.path + "/run"), "a run was begun")
                for noise in ["Domain", "NSCocoa", "Optional(", "Swift.", "Fatal"] {
                    #expect(!"\(outcome)".contains(noise), "\(outcome)")
                }
            }
        }

        @Test("A directory that another train works in is not resumed, and the other goes on")
        func locked() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run", steps: 100_000)
                let (isUnderWay, isRefused) = (Latch(), Latch())
                async let first = run.run { program, channel, line in
                    guard channel == .output, line.hasPrefix("step ") else { return }
                    isUnderWay.open()
                    if isRefused.isOpen { program.send(SIGINT) }
                }
                await isUnderWay.wait()
                let second = try await run.resume()
                isRefused.open()
                #expect(second.code == 75, "\(second)")
                #expect(second.notes.count == 1)
                #expect(second.notes.first?.contains("is in use by process") == true)
                #expect(try await first.code == 130)
            }
        }

        @Test("A port that is taken ends train at once and leaves nobody behind")
        func portTaken() async throws {
            try await Scratch.with { scratch in
                let address = "tcp://127.0.0.1:\(try freePorts(2))"
                let holder = Training(directory: scratch.path + "/holder", workers: 0)
                let (listens, isDone) = (Latch(), Latch())
                async let holding = cohort(
                    try await holder.arguments("learner") + ["--bind", address],
                    onStart: { program in
                        Task {
                            await isDone.wait()
                            program.send(SIGKILL)
                        }
                    },
                    onLine: { _, _, line in if line.hasPrefix("listening on") { listens.open() } })
                await listens.wait()
                let run = Training(
                    directory: scratch.path + "/run", settings: ["cluster.bind=\(address)"])
                let outcome = try await run.run()
                isDone.open()
                _ = try await holding
                #expect(outcome.code == 69, "\(outcome)")
                #expect(outcome.notes.last?.contains("already in use") == true, "\(outcome)")
                #expect(outcome.children.count == 3, "\(outcome)")
                #expect(try await survivors(of: outcome.children.map(\.processID), after: .zero) == [])
            }
        }
    }
}
