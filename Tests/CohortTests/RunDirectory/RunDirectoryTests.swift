import Foundation
import Testing

import cohort

@Test("A new run gets a directory of its own, even in the same second")
func uniqueDirectories() throws {
    try withTemporaryDirectory { parent in
        let runs = parent + "/deep/runs"
        let directories = try (0..<3).map { _ in
            try RunDirectory.createUnique(under: runs, time: 1_772_355_907)
        }
        let expected = ["20260301-090507", "20260301-090507-2", "20260301-090507-3"]
        #expect(directories.map(\.name) == expected)
        #expect(try names(in: directories[0].path) == ["checkpoints", "logs", "run.lock"])
    }
}

@Test("Many tasks at once get different directories")
func concurrentDirectories() async throws {
    let parent = NSTemporaryDirectory() + "cohort-runs-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: parent) }
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
    let paths = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<20 {
            group.addTask { try RunDirectory.createUnique(under: parent, time: 0).path }
        }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(paths.count == 20)
}

@Test("An empty directory may be used, one with something in it may not")
func existingDirectories() throws {
    try withTemporaryDirectory { parent in
        #expect(try RunDirectory.create(at: parent + "/").path == parent)
        // What an attempt that failed early leaves does not count.
        _ = try RunDirectory.create(at: parent)
        try put("x", at: parent + "/notes.txt")
        let failure = #expect(throws: CommandFailure.self) { try RunDirectory.create(at: parent) }
        #expect(failure?.exitCode == .cannotCreate)
        #expect(failure?.message.contains("is not empty (it has notes.txt)") == true)
        #expect(failure?.message.contains("--resume") == true)
    }
}

@Test("A refused directory is left as it was")
func refusedDirectory() throws {
    try withTemporaryDirectory { parent in
        try put("x", at: parent + "/mine")
        #expect(throws: CommandFailure.self) { try RunDirectory.create(at: parent) }
        let left = try names(in: parent)
        #expect(left == ["mine"])
    }
}

@Test("A file in the way is an error with its path")
func fileInTheWay() throws {
    try withTemporaryDirectory { parent in
        try put("x", at: parent + "/run")
        let failure = #expect(throws: CommandFailure.self) {
            try RunDirectory.create(at: parent + "/run")
        }
        #expect(failure?.message.contains("cannot make the directory \(parent)/run") == true)
        #expect(throws: CommandFailure.self) { try RunDirectory.create(at: parent + "/run/deeper") }
    }
}

@Test("Logs of an earlier run count as something in the directory")
func directoryWithLogs() throws {
    try withTemporaryDirectory { parent in
        try FileManager.default.createDirectory(
            atPath: parent + "/logs", withIntermediateDirectories: false)
        try put("{}\n", at: parent + "/logs/learner.log")
        #expect(throws: CommandFailure.self) { try RunDirectory.create(at: parent) }
    }
}

@Test("Two learners never work in one directory")
func lockedDirectory() throws {
    try withTemporaryDirectory { parent in
        var first: RunDirectory? = try RunDirectory.create(at: parent)
        try first?.record(ResolvedConfiguration(ConfigurationSources()))
        let failure = #expect(throws: CommandFailure.self) { try RunDirectory.resume(at: parent) }
        #expect(failure?.exitCode == .tryAgain)
        #expect(failure?.message.contains("in use by process") == true)
        first = nil
        _ = try RunDirectory.resume(at: parent)
    }
}

@Test("Resuming needs a recorded run")
func resumingNothing() throws {
    try withTemporaryDirectory { parent in
        let failure = #expect(throws: CommandFailure.self) { try RunDirectory.resume(at: parent) }
        #expect(failure?.exitCode == .noInput)
        let left = try names(in: parent)
        #expect(left == [])
    }
}

@Test("The recorded configuration reads back")
func recordedConfiguration() throws {
    try withTemporaryDirectory { parent in
        let directory = try RunDirectory.create(at: parent + "/run")
        let resolved = try resolve("[grpo]\nbeta = 0.125")
        try directory.record(resolved)
        let view = RunDirectory(existing: parent + "/run")
        #expect(try view.recordedConfiguration().configuration == resolved.configuration)
        try put("{}", at: directory.configuration)
        let failure = #expect(throws: CommandFailure.self) { try view.recordedConfiguration() }
        #expect(failure?.exitCode == .badData)
    }
}

@Test("Paths in the directory have fixed names")
func fixedNames() {
    let directory = RunDirectory(existing: "runs/a")
    #expect(directory.name == "a")
    #expect(directory.metrics == "runs/a/metrics.jsonl")
    #expect(directory.completions == "runs/a/completions.jsonl")
    #expect(directory.summary == "runs/a/summary.json")
    #expect(directory.learnerLog == "runs/a/logs/learner.log")
    #expect(directory.workerLog(3) == "runs/a/logs/worker-3.log")
}

@Test("A path that is too long for a socket is refused before libzmq cuts it")
func socketPaths() throws {
    let short = RunDirectory(existing: "runs/a")
    #expect(try short.ipcEndpoint("rollouts") == "ipc://runs/a/ipc/rollouts.sock")
    let long = RunDirectory(existing: String(repeating: "d", count: 92))
    // 92 bytes, "/ipc/" and ".sock" leave room for one letter in 103 bytes.
    #expect(try long.ipcEndpoint("r").utf8.count == "ipc://".utf8.count + 103)
    #expect(throws: CommandFailure.self) { try long.ipcEndpoint("rr") }
    let failure = #expect(throws: CommandFailure.self) { try long.ipcEndpoint("rollouts") }
    #expect(failure?.message.contains("shorter path") == true)
}

@Test("A configuration file that is missing or is no UTF-8 has an exit code of its own")
func configurationFiles() throws {
    try withTemporaryDirectory { parent in
        let path = parent + "/c.toml"
        let missing = #expect(throws: CommandFailure.self) { try TOMLSource(contentsOf: path) }
        #expect(missing?.exitCode == .noInput)
        #expect(missing?.message.hasSuffix(": No such file or directory") == true)
        try Data([0x61, 0xFF]).write(to: URL(filePath: path))
        let wrong = #expect(throws: CommandFailure.self) { try TOMLSource(contentsOf: path) }
        #expect(wrong?.exitCode == .badData)
        let endless = #expect(throws: CommandFailure.self) {
            try TOMLSource(contentsOf: "/dev/zero")
        }
        #expect(endless?.exitCode == .badData)
        try put("[run]\nseed = 1", at: path)
        #expect(try TOMLSource(contentsOf: path) == TOMLSource(name: path, text: "[run]\nseed = 1"))
    }
}
