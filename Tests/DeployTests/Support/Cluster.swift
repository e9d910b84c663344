import Foundation
import FreePorts
import Subprocess
import Testing

/// A learner here, an sshd of our own, and `cohort-ssh` between them.
struct Cluster {
    let server: SSHServer
    let folder: URL
    let learnerPort: UInt16

    var hostFile: URL { folder.appending(path: "hosts") }
    var state: URL { folder.appending(path: "state") }
    /// The learner's, where it has some.
    var keys: URL { folder.appending(path: "keys") }

    /// Lines of the host file: this machine with so many slots, once for each element.
    func writeHosts(slots: [Int], more: String = "") throws {
        let lines = slots.map { "127.0.0.1:\(server.port) \($0)  # this machine\n" }.joined()
        try (lines + more).write(to: hostFile, atomically: true, encoding: .utf8)
    }

    /// What the first or the second of those lines is called.
    func label(_ line: Int) -> String {
        "127.0.0.1_\(server.port)" + (line > 1 ? ".\(line)" : "")
    }

    /// Finds the installed cohort on the other side, or copies ours there.
    func up(copies: Bool = false, keys: Bool = false) async throws -> Outcome {
        try await cohortSSH(
            ["up", "--port", "\(learnerPort)"] + (copies ? ["--binary", Checkout.cohort] : [])
                + (keys ? ["--keys", self.keys.path] : [])
                + server.options)
    }

    func cohortSSH(_ words: [String]) async throws -> Outcome {
        try await run(
            "/usr/bin/env",
            ["bash", Checkout.cohortSSH, hostFile.path, "--state", state.path] + words)
    }

    /// What the session of a line has told.
    func events(_ line: Int) throws -> String { try record("events", of: line) }

    /// The local process that `file`, `ssh` or `keeper`, names.
    func process(_ file: String, of line: Int) throws -> Int32 {
        let first = try record(file, of: line).split(separator: " ").first
        return try #require(first.flatMap { Int32($0) })
    }

    /// The workers that were ever started for a line.
    func workers(of line: Int) throws -> [Int32] {
        try events(line).split(separator: "\n").compactMap {
            let words = $0.split(separator: " ")
            return words.count == 4 && words[2] == "started" ? Int32(words[3]) : nil
        }
    }

    private func record(_ name: String, of line: Int) throws -> String {
        try String(
            contentsOf: state.appending(path: "hosts/\(label(line))/\(name)"), encoding: .utf8)
    }

    /// Everything that runs because of `up`: what works in a session's folder, and ssh itself.
    func runningProcesses() -> [Int32] {
        ProcessTable.all().filter { process in
            ProcessTable.folder(of: process).contains("/127.0.0.1_\(server.port)")
                || ProcessTable.name(of: process) == "ssh"
                    && ProcessTable.arguments(of: process).contains("\(server.port)")
        }
    }

    /// Runs `body` with a learner that trains a tiny policy for `steps` steps and has no worker of its own.
    /// Unless `body` throws, the learner is left to end by itself, or ended first if `endsLearner`; the
    /// result is how it ended.
    static func with(
        steps: Int, endsLearner: Bool, keys: Bool = false, _ body: (Cluster) async throws -> Void,
        then after: (Cluster, TerminationStatus) async throws -> Void = { _, _ in }
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cohort-\(UUID())")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        try await SSHServer.with(in: folder) { server in
            let cluster = Cluster(server: server, folder: folder, learnerPort: try freePorts(2))
            do {
                if keys {
                    let made = try await run(
                        Checkout.cohort, ["keygen", "learner", "--directory", cluster.keys.path])
                    #expect(made.code == 0, "\(made)")
                }
                let arguments = cluster.learnerArguments(steps: steps)
                    + (keys ? ["--keys", cluster.keys.path] : [])
                let status = try await withProgram(
                    Checkout.cohort, arguments, error: .discarded
                ) { learner in
                    try await body(cluster)
                    if endsLearner { try learner.send(signal: .kill) }
                }
                try await after(cluster, status)
            } catch {
                _ = try? await cluster.cohortSSH(["down", "--forget", "yes"])
                throw error
            }
            _ = try await cluster.cohortSSH(["down", "--forget", "yes"])
        }
    }

    private func learnerArguments(steps: Int) -> [String] {
        let settings = [
            "sft.enabled=false", "model.hidden_size=32", "model.intermediate_size=64",
            "model.num_hidden_layers=1", "model.num_attention_heads=2",
            "model.num_key_value_heads=1",
            "grpo.num_generations=2", "grpo.generation_batch_size=8", "data.eval_prompts=8",
        ]
        return [
            "learner", "--bind", "tcp://127.0.0.1:\(learnerPort)", "--workers", "0",
            "--max-steps", "\(steps)", "--output-dir", folder.appending(path: "run").path,
        ] + settings.flatMap { ["--set", $0] }
    }
}
