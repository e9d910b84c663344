import Checkpoints
import Foundation
import Testing

@Suite struct DiskFaultTests {
    @Test(
        "After a crash or a power cut at any operation there is the previous checkpoint or the new one",
        arguments: Interruption.all)
    func crash(_ change: Interruption) throws {
        for number in 1... {
            let disk = try change.disk()
            disk.fail(.crash, at: number)
            try? change.perform(on: disk)
            // A killed process leaves what it did; a power cut what of it had arrived.
            let left = [disk.volume] + disk.volume.afterPowerCut(limit: 256, seed: UInt64(number))
            for volume in left {
                if let violation = change.violation(volume, isDone: !disk.hasFailed) {
                    Issue.record("operation \(number): \(violation)")
                }
            }
            guard disk.hasFailed else { break }
        }
    }

    @Test("A second crash while the first one is tidied up loses nothing either", arguments: Interruption.all)
    func crashInRecovery(_ change: Interruption) throws {
        for number in 1... {
            let disk = try change.disk()
            disk.fail(.crash, at: number)
            try? change.perform(on: disk)
            guard disk.hasFailed else { break }
            let left = [disk.volume] + disk.volume.afterPowerCut(limit: 8, seed: UInt64(number))
            for volume in left { try crashAgain(change, on: volume, "operation \(number)") }
        }
    }

    private func crashAgain(_ change: Interruption, on volume: Volume, _ first: String) throws {
        for number in 1... {
            let disk = SimulatedDisk(volume)
            disk.fail(.crash, at: number)
            _ = try? CheckpointDirectory(path: Interruption.path, on: disk)
            guard disk.hasFailed else { break }
            let left = [disk.volume] + disk.volume.afterPowerCut(limit: 8, seed: UInt64(number))
            for volume in left {
                if let violation = change.violation(volume) {
                    Issue.record("\(first), then \(number): \(violation)")
                }
            }
        }
    }

    static let faults: [Fault] = [
        .error(EIO), .error(ENOSPC), .shortWrite, .noise, .gone(EROFS),
    ]

    @Test(
        "Whatever fails at any operation, a typed error says so and no checkpoint is lost",
        arguments: Interruption.all, faults)
    func failure(_ change: Interruption, _ fault: Fault) throws {
        for number in 1... {
            let disk = try change.disk()
            disk.fail(fault, at: number)
            do { try change.perform(on: disk) } catch {
                #expect(error is FileError || error is CheckpointError, "\(number): \(error)")
            }
            guard disk.hasFailed else { break }
            let cut = disk.volume.afterPowerCut(limit: 16, seed: UInt64(number))
            disk.heal()
            for volume in cut + [disk.volume] {
                if let violation = change.violation(volume) {
                    Issue.record("operation \(number): \(violation)")
                }
            }
        }
    }

    @Test(
        "After any failure the same directory takes the next checkpoint", arguments: Interruption.all, faults)
    func goesOn(_ change: Interruption, _ fault: Fault) throws {
        for number in 1... {
            let disk = try change.disk()
            let directory = try CheckpointDirectory(
                path: Interruption.path, retention: CheckpointRetention(limit: change.limit), on: disk)
            disk.fail(fault, at: number)
            _ = try? directory.prune(keeping: directory.save(Interruption.checkpoint(change.saved)))
            guard disk.hasFailed else { break }
            disk.heal()
            for step in [change.saved.step, 9] {
                let next = try Interruption.checkpoint(.init(step: step, variant: "later"))
                try directory.prune(keeping: directory.save(next))
                let latest = try #require(try directory.latest())
                #expect(latest.notes.isEmpty && latest.checkpoint.step == step)
                #expect(try latest.checkpoint.trainerState() == next.trainerState)
                let rest = try disk.entries(of: Interruption.path)
                    .filter { $0.hasPrefix(".checkpoint-\(step).") }
                #expect(rest.isEmpty, "operation \(number)")
            }
        }
    }

    @Test(
        "A disk that stores another byte is found out before the new checkpoint takes its place",
        arguments: Interruption.all)
    func noise(_ change: Interruption) throws {
        for number in 1... {
            let disk = try change.disk()
            let before = try disk.entries(of: Interruption.path).sorted()
            disk.fail(.noise, at: number)
            do {
                try change.perform(on: disk)
                #expect(!disk.hasFailed)
            } catch CheckpointError.unverified(let step, let reason) {
                #expect(step == change.saved.step && reason.contains(Interruption.path))
            }
            guard disk.hasFailed else { break }
            #expect(try disk.entries(of: Interruption.path).sorted() == before)
        }
    }

    @Test("A write that takes a part is gone on with", arguments: Interruption.all)
    func partWrite(_ change: Interruption) throws {
        for number in 1... {
            let disk = try change.disk()
            disk.fail(.partWrite, at: number)
            try change.perform(on: disk)
            #expect(change.violation(disk.volume, isDone: true) == nil)
            guard disk.hasFailed else { break }
        }
    }

    @Test("The simulated disk finds out a writer that does not flush", arguments: [true, false])
    func forgetful(flushesFiles: Bool) throws {
        for change in Interruption.all {
            var violations = 0
            for number in 1... {
                let disk = try change.disk()
                disk.fail(.crash, at: number)
                try? change.perform(on: Forgetful(disk: disk, flushesFiles: flushesFiles))
                violations += disk.volume.afterPowerCut(limit: 64, seed: UInt64(number))
                    .count { change.violation($0, isDone: !disk.hasFailed) != nil }
                guard disk.hasFailed else { break }
            }
            #expect(violations > 0, "\(change.testDescription)")
        }
    }
}

/// Flushes files or directories, but not both.
private struct Forgetful: FileSystem {
    let disk: SimulatedDisk
    let flushesFiles: Bool

    func create(_ path: String) throws(FileError) -> OpenFile { try disk.create(path) }
    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(FileError) -> Int {
        try disk.write(bytes, to: file)
    }
    func flush(_ file: OpenFile) throws(FileError) { if flushesFiles { try disk.flush(file) } }
    func close(_ file: OpenFile) throws(FileError) { try disk.close(file) }
    func read<Result>(
        _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        try disk.read(path, body)
    }
    func makeDirectory(_ path: String) throws(FileError) { try disk.makeDirectory(path) }
    func flushDirectory(_ path: String) throws(FileError) {
        if !flushesFiles { try disk.flushDirectory(path) }
    }
    func entries(of directory: String) throws(FileError) -> [String] { try disk.entries(of: directory) }
    func rename(_ source: String, to destination: String) throws(FileError) {
        try disk.rename(source, to: destination)
    }
    func removeFile(_ path: String) throws(FileError) { try disk.removeFile(path) }
    func removeDirectory(_ path: String) throws(FileError) { try disk.removeDirectory(path) }
    func kind(of path: String, followingLinks: Bool) throws(FileError) -> FileKind? {
        try disk.kind(of: path, followingLinks: followingLinks)
    }
    func freeBytes(at directory: String) throws(FileError) -> UInt64 { try disk.freeBytes(at: directory) }
}
