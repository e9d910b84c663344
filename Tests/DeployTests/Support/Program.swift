import Foundation
import Subprocess
import SystemPackage

/// How a program ended, and what it said.
struct Outcome: CustomStringConvertible {
    /// -1: a signal ended it.
    var code: Int32
    var output: String
    var error: String

    var description: String { "code \(code)\n\(output)\n\(error)" }
}

/// Files of this checkout.
enum Checkout {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let cohortSSH = root.appending(path: "deploy/ssh/cohort-ssh").path

    /// The program that was built beside these tests. (`COHORT_BINARY` names another.)
    static let cohort =
        ProcessInfo.processInfo.environment["COHORT_BINARY"]
        ?? root.appending(path: ".build/release/cohort").path

    static let sshd = "/usr/sbin/sshd"
    static let hasSSH =
        FileManager.default.isExecutableFile(atPath: sshd)
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/ssh")
}

/// Runs a program to its end, for 50 seconds at most (then `timeout` ends it: code 124).
func run(_ program: String, _ arguments: [String]) async throws -> Outcome {
    let result = try await Subprocess.run(
        .path("/usr/bin/timeout"),
        arguments: Arguments(["--kill-after=5", "50", program] + arguments),
        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let code: Int32 =
        switch result.terminationStatus {
        case .exited(let code): code
        case .signaled: -1
        }
    return Outcome(code: code, output: result.standardOutput, error: result.standardError)
}

/// Runs a program while `body` runs, and ends it then, however `body` ended.
func withProgram<Output: ErrorOutputProtocol>(
    _ program: String, _ arguments: [String], error: Output,
    _ body: (Execution<NoInput, DiscardedOutput, Output>) async throws -> Void
) async throws -> TerminationStatus {
    try await Subprocess.run(
        .path(FilePath(program)), arguments: Arguments(arguments), input: .none, output: .discarded,
        error: error
    ) { execution in
        let ending = [
            TeardownStep.send(signal: .terminate, allowedDurationToNextStep: .seconds(5))
        ]
        do { try await body(execution) } catch {
            await execution.teardown(using: ending)
            throw error
        }
    }.terminationStatus
}

/// Waits until a process that is not our child has ended; `false`: it has not in time. (Not with
/// `tail --pid`: where nobody reaps orphans, as in many containers, it waits for a zombie for ever. The
/// command line of a zombie is empty.)
func waitForEnd(of process: Int32) async throws -> Bool {
    let loop = "while grep -qs . /proc/\(process)/cmdline; do sleep 0.05; done"
    return try await run("/bin/sh", ["-c", loop]).code == 0
}
