import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// `cohort` while it runs.
struct RunningCohort: Sendable {
    let processID: pid_t

    func send(_ signal: Int32) { kill(processID, signal) }
}

/// Runs `cohort` to its end, for `seconds` at most; `input` is what it can read. `onLine` sees each line
/// as it is said.
@discardableResult
func cohort(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    seconds: Int = 50,
    onStart: @escaping @Sendable (RunningCohort) -> Void = { _ in },
    onLine: @escaping @Sendable (RunningCohort, Channel, String) throws -> Void = { _, _, _ in }
) async throws -> Outcome {
    let variables = environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
    let result = try await Subprocess.run(
        .path(FilePath(Program.path)), arguments: Arguments(arguments),
        environment: .inherit.updating(Dictionary(uniqueKeysWithValues: variables)),
        input: .string(input), output: .sequence, error: .sequence
    ) { execution in
        let running = RunningCohort(processID: execution.processIdentifier.value)
        onStart(running)
        let watch = Watchdog(running, seconds: seconds)
        defer { watch.stop() }
        async let output = lines(of: execution.standardOutput) { try onLine(running, .output, $0) }
        async let notes = lines(of: execution.standardError) { try onLine(running, .notes, $0) }
        do { return (try await output, try await notes, watch.hasBitten) } catch {
            running.send(SIGKILL)
            throw error
        }
    }
    let ending: Outcome.Ending =
        switch result.terminationStatus {
        case .exited(let code): .code(code)
        case .signaled(let number): .signal(number)
        }
    let (output, notes, isOverdue) = result.closureResult
    return Outcome(ending: ending, output: output, notes: notes, isOverdue: isOverdue)
}

/// Reads to the end of the pipe, which comes when the program and its children are gone.
private func lines(
    of sequence: SubprocessOutputSequence, _ onLine: (String) throws -> Void
) async throws -> [String] {
    var lines: [String] = []
    for try await line in sequence.strings() {
        lines.append(line.trimmingCharacters(in: .newlines))
        try onLine(lines[lines.count - 1])
    }
    return lines
}

/// Kills a program whose time is up, so that no test waits for ever.
private struct Watchdog {
    private final class Bite: Sendable { let happened = Atomic(false) }

    private let bite = Bite()
    private let waiting: Task<Void, any Error>

    init(_ program: RunningCohort, seconds: Int) {
        waiting = Task { [bite] in
            try await Task.sleep(for: .seconds(seconds))
            bite.happened.store(true, ordering: .relaxed)
            program.send(SIGKILL)
        }
    }

    var hasBitten: Bool { bite.happened.load(ordering: .relaxed) }

    func stop() { waiting.cancel() }
}
