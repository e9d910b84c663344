import Foundation
import Subprocess
import SystemPackage
import Testing

extension ProcessTests {
    @Suite("A full disk", .enabled("mounting is permitted") { await SmallDisk.isPermitted })
    struct FullDiskTests {
        @Test("pauses the run; with more space it goes on by itself, and no bit is lost")
        func pauses() async throws {
            try await Scratch.with { scratch in
                try await SmallDisk.with(at: scratch.path + "/disk", kilobytes: 800) { disk in
                    let run = Training(
                        directory: disk.path + "/run", settings: ["run.save_total_limit=0"])
                    let isPaused = Latch()
                    async let running = {
                        // However it ends, nobody waits for a pause any more.
                        defer { isPaused.open() }
                        return try await run.run { _, _, line in if isPause(line) { isPaused.open() } }
                    }()
                    await isPaused.wait()
                    try await disk.resize(kilobytes: 32_768)
                    let outcome = try await running
                    #expect(outcome.code == 0, "\(outcome)")
                    #expect(outcome.output.filter(isPause).count == 1, "\(outcome)")
                    #expect(outcome.output.contains { $0.contains("has room again") }, "\(outcome)")
                    #expect(try run.summary().weights_sha256 == (try await Undisturbed.digest))
                    try run.requireMetricsOfEveryStep()
                }
            }
        }

        @Test("A stop during the pause ends the run with the reason; going on later changes no bit")
        func stopped() async throws {
            try await Scratch.with { scratch in
                try await SmallDisk.with(at: scratch.path + "/disk", kilobytes: 800) { disk in
                    let run = Training(
                        directory: disk.path + "/run", settings: ["run.save_total_limit=0"])
                    let isFirst = Once()
                    let outcome = try await run.run { program, _, line in
                        if isPause(line), isFirst.claim() { program.send(SIGINT) }
                    }
                    #expect(outcome.code == 74, "\(outcome)")
                    let said = outcome.notes.filter { $0.hasPrefix("cohort: ") }
                    #expect(said.count == 1, "\(outcome)")
                    // The ledger or a checkpoint, whichever came first.
                    #expect(said.first?.contains(disk.path + "/run/") == true, "\(outcome)")
                    #expect(said.first?.contains("space") == true, "\(outcome)")
                    try await disk.resize(kilobytes: 32_768)
                    let again = try await run.resume()
                    #expect(again.code == 0, "\(again)")
                    #expect(try run.summary().weights_sha256 == (try await Undisturbed.digest))
                    try run.requireMetricsOfEveryStep()
                }
            }
        }
    }
}

private func isPause(_ line: String) -> Bool { line.contains("is full") && line.contains("is paused") }

/// A file system in memory that is soon full.
struct SmallDisk {
    let path: String

    /// Where this process may mount one.
    static var isPermitted: Bool {
        get async {
            guard let scratch = try? Scratch() else { return false }
            defer { scratch.remove() }
            return (try? await with(at: scratch.path + "/disk", kilobytes: 64) { _ in }) != nil
        }
    }

    static func with(
        at path: String, kilobytes: Int, _ body: (SmallDisk) async throws -> Void
    ) async throws {
        let disk = SmallDisk(path: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try await disk.call("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path)
        do { try await body(disk) } catch {
            try await disk.call("umount", path)
            throw error
        }
        try await disk.call("umount", path)
    }

    func resize(kilobytes: Int) async throws {
        try await call("mount", "-o", "remount,size=\(kilobytes)k", path)
    }

    private func call(_ program: String, _ arguments: String...) async throws {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), output: .discarded, error: .discarded)
        guard result.terminationStatus.isSuccess else { throw Failure(call: [program] + arguments) }
    }

    struct Failure: Error { var call: [String] }
}
