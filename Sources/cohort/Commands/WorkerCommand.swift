import ArgumentParser
import Foundation
import ZeroMQTransport

/// `cohort worker`: samples for a learner anywhere.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Sample completions for a learner; everything but its address comes from there.")

    @Option(help: "The learner: tcp://host:port or ipc://path. Default: the environment variable COHORT_LEARNER.")
    var connect: String?

    @Option(help: "Where snapshots come from, if not the next port or path-snapshots.")
    var snapshots: String?

    @Option(help: "This worker's name in logs and metrics; a later worker of the same name replaces it.")
    var name: String?

    @Option(help: "Computing threads.")
    var threads = 1

    @Option(help: "Groups that are decoded together.")
    var batchGroups = 16

    @Option(help: "Seconds of the learner's silence after which this worker gives up.")
    var reconnectSeconds = 60.0

    @Option(help: "This worker's key file, NAME.key of cohort keygen; it is then called NAME@PROCESS.")
    var key: String?

    @Option(help: "The learner's public key file, learner.pub.")
    var learnerKey: String?

    @Flag(help: "Allow tcp beyond loopback without encryption.")
    var insecure = false

    /// Of a run on this machine: this worker's log and its report go there.
    @Option(help: .hidden)
    var runDirectory: String?

    /// Whether the log names every ticket.
    @Flag(help: .hidden)
    var trace = false

    @Flag(help: .hidden)
    var supervised = false

    func validate() throws {
        guard threads >= 1 else { throw ValidationError("--threads must be at least 1") }
        guard (1...512).contains(batchGroups) else {
            throw ValidationError("--batch-groups must be 1 to 512")
        }
        guard (key == nil) == (learnerKey == nil) else {
            throw ValidationError("--key and --learner-key belong together: both, or neither")
        }
        guard key == nil || !insecure else {
            throw ValidationError("--insecure goes without the encryption that --key asks for; drop one")
        }
        guard reconnectSeconds > 0 else { throw ValidationError("--reconnect-seconds must be above 0") }
    }

    func run() async throws {
        // Not `exit`: it runs oneDNN's destructors under the feet of threads that compute, which crashes.
        let signals = StopSignals { number, _ in
            _exit(number == SIGTERM ? ExitCode.terminated.rawValue : ExitCode.interrupted.rawValue)
        }
        defer { withExtendedLifetime(signals) {} }
        if supervised { ParentWatch.start { _exit(ExitCode.peerUnavailable.rawValue) } }
        let key = try key.map { try KeyFile.readSecret($0) }
        let name = name ?? key.map { "\($0.name)@\(getpid())" } ?? "\(hostName)-\(getpid())"
        let directory = runDirectory.map { RunDirectory(existing: $0) }
        let totals = try await WorkerProcess(
            address: try address(), name: name, threads: threads, batchGroups: batchGroups,
            security: try security(key), insecure: insecure,
            reconnectDeadline: .seconds(reconnectSeconds),
            log: try directory.map { try log(in: $0, of: name) }, traces: trace
        ).run()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let line = String(decoding: try encoder.encode(totals), as: UTF8.self)
        if let directory { try POSIXFile.replace("\(directory.logs)/\(name).json", with: line + "\n") }
        if !supervised { StandardStream.output.write(line + "\n") }
    }

    private func security(_ key: KeyFile.Named?) throws -> WorkerSecurity? {
        guard let key, let learnerKey else { return nil }
        return WorkerSecurity(pair: key.pair, learnerKey: try KeyFile.readPublic(learnerKey))
    }

    private func log(in directory: RunDirectory, of name: String) throws -> ProcessLog {
        try ProcessLog(
            path: "\(directory.logs)/\(name).log", run: directory.name, role: "worker",
            worker: name.split(separator: "-").last.flatMap { Int($0) },
            now: { Date().timeIntervalSince1970 })
    }

    private func address() throws -> LearnerAddress {
        let variable = ProcessInfo.processInfo.environment["COHORT_LEARNER"]
        guard let learner = connect ?? variable, !learner.isEmpty else {
            throw CommandFailure(
                "no learner: give --connect tcp://host:port, or set COHORT_LEARNER", .usage)
        }
        do { return try LearnerAddress(learner, snapshots: snapshots) } catch {
            throw CommandFailure("--connect \(learner): \(error)", .usage)
        }
    }

    /// Up to the first dot, with what names do not allow taken out.
    private var hostName: String {
        let first = ProcessInfo.processInfo.hostName.split(separator: ".").first ?? "worker"
        return String(first.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
    }
}
