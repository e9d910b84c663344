import Foundation
import Testing

extension ProcessTests {
    @Suite("Deaths and interruptions") struct DeathTests {
        @Test("A killed worker or learner changes no bit", arguments: ["worker-0", "learner"])
        func killed(_ name: String) async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run")
                let (children, isFirst) = (Children(), Once())
                let outcome = try await run.run { _, channel, line in
                    children.note(line)
                    guard channel == .output, reportsStep(3, line), isFirst.claim() else { return }
                    try children.kill(name)
                }
                #expect(outcome.code == 0, "\(outcome)")
                #expect(outcome.notes.contains("\(name) ended with signal 9; starting it again"))
                #expect(outcome.children.filter { $0.name == name }.count == 2, "\(outcome)")
                #expect(try run.summary().weights_sha256 == (try await Undisturbed.digest))
                try run.requireMetricsOfEveryStep()
                if name != "learner" { try expectAllConsumed(run) }
            }
        }

        @Test("Ctrl-C leaves a checkpoint and says how to go on; going on changes no bit")
        func interrupted() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run")
                let isFirst = Once()
                let outcome = try await run.run { program, _, line in
                    if reportsStep(3, line), isFirst.claim() { program.send(SIGINT) }
                }
                #expect(outcome.code == 130, "\(outcome)")
                let advice = "go on with: cohort train --resume --output-dir \(run.directory)"
                #expect(outcome.notes.last?.hasSuffix(advice) == true, "\(outcome)")
                #expect(try run.summary().outcome == "interrupted")
                let stopped = try run.summary().steps
                #expect((3..<run.steps).contains(stopped))
                let checkpoint = run.directory + "/checkpoints/checkpoint-\(stopped)"
                #expect(FileManager.default.fileExists(atPath: checkpoint))
                #expect(try await survivors(of: outcome.children.map(\.processID), after: .zero) == [])
                try await expectGoesOn(run)
            }
        }

        @Test("Where train itself is killed its processes end, and nothing of them is in the way later")
        func orphaned() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run")
                let (children, isFirst) = (Children(), Once())
                let outcome = try await run.run { program, _, line in
                    children.note(line)
                    if reportsStep(3, line), isFirst.claim() { program.send(SIGKILL) }
                }
                #expect(outcome.ending == .signal(SIGKILL))
                #expect(children.all.count == 3)
                #expect(try await survivors(of: children.all, after: .seconds(10)) == [])
                try await expectGoesOn(run)
            }
        }

        @Test("A killed run can be resumed at once, while its learner still leaves")
        func resumedAtOnce() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run")
                let (isFirst, isKilled) = (Once(), Latch())
                async let killed = run.run { program, _, line in
                    guard reportsStep(3, line), isFirst.claim() else { return }
                    program.send(SIGKILL)
                    isKilled.open()
                }
                await isKilled.wait()
                var again = try await run.resume()
                // The killed program's own lock lives as long as the program does: a moment.
                while again.code == 75 { again = try await run.resume() }
                #expect(again.code == 0, "\(again)")
                #expect(try await killed.ending == .signal(SIGKILL))
                #expect(try run.summary().weights_sha256 == (try await Undisturbed.digest))
                try run.requireMetricsOfEveryStep()
            }
        }

        @Test("A damaged newest checkpoint gives way to the one before it, loudly, and no bit changes")
        func damaged() async throws {
            try await Scratch.with { scratch in
                let run = Training(directory: scratch.path + "/run")
                let isFirst = Once()
                let outcome = try await run.run { program, _, line in
                    if reportsStep(3, line), isFirst.claim() { program.send(SIGINT) }
                }
                #expect(outcome.code == 130, "\(outcome)")
                let newest = "checkpoint-\(try run.summary().steps)"
                let weights = URL(filePath: "\(run.directory)/checkpoints/\(newest)/model.safetensors")
                var bytes = try Data(contentsOf: weights)
                bytes[bytes.count - 9] ^= 1
                try bytes.write(to: weights)
                let again = try await expectGoesOn(run)
                let note = again.output.first { $0.contains("\(newest) passed over") }
                #expect(note?.contains("model.safetensors is damaged") == true, "\(again)")
            }
        }

        @discardableResult
        private func expectGoesOn(_ run: Training) async throws -> Outcome {
            let outcome = try await run.resume()
            #expect(outcome.code == 0, "\(outcome)")
            #expect(try run.summary().outcome == "completed")
            #expect(try run.summary().weights_sha256 == (try await Undisturbed.digest))
            try run.requireMetricsOfEveryStep()
            return outcome
        }
    }
}

/// Progress lines begin with "step  3/12".
private func reportsStep(_ step: Int, _ line: String) -> Bool {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "/" })
    return words.count > 2 && words[0] == "step" && words[1] == "\(step)"
}
