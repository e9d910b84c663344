private import Foundation
private import Subprocess
private import Synchronization
private import SystemPackage

/// One start of a reward program: a shell in a process group of its own, lines in, lines out, standard
/// error into a file.
///
/// It ends by itself at the end of its input, which comes when this process dies; whoever does not listen
/// is killed with its group after a second.
final class ProgramProcess: Sendable {
    struct Order: Sendable {
        /// For `/bin/sh -c`.
        var command: String
        /// Where it starts.
        var directory: String
        /// The file that its standard error is added to.
        var log: String
    }

    enum Event: Sendable {
        case piece(LineSplitter.Piece)
        /// The last event. How it ended, as a clause about the program.
        case ended(String)
    }

    private struct State {
        /// While it runs.
        var group: pid_t?
        var isKilled = false
    }

    private let order: Order
    private let input: AsyncStream<[UInt8]>
    private let lines: AsyncStream<[UInt8]>.Continuation
    private let state = Mutex(State())

    init(_ order: Order) {
        self.order = order
        (input, lines) = AsyncStream.makeStream()
    }

    /// Adds a line to the program's input; it is written as fast as the program reads.
    func write(_ line: String) { lines.yield(Array(line.utf8) + [UInt8(ascii: "\n")]) }

    /// Ends the program's input after what was written.
    func close() { lines.finish() }

    /// Kills the program and what it has started.
    func kill() {
        lines.finish()
        state.withLock { state in
            state.isKilled = true
            if let group = state.group { _ = Foundation.kill(-group, SIGKILL) }
        }
    }

    /// Runs the program to its end.
    func run(_ onEvent: @Sendable (Event) async -> Void) async {
        _ = Self.brokenPipesAreErrors
        let logged = Self.size(order.log)
        var ending: String
        do { ending = try await spawn(onEvent) } catch { ending = "it could not be started: \(error)" }
        if let words = lastWords(after: logged) { ending += ", saying \(words)" }
        await onEvent(.ended(ending))
    }

    /// Writing to a program that has ended must not end this process.
    private static let brokenPipesAreErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    private func spawn(_ onEvent: @Sendable (Event) async -> Void) async throws -> String {
        let log = try FileDescriptor.open(
            FilePath(order.log), .writeOnly, options: [.create, .append, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        var options = PlatformOptions()
        options.processGroupID = 0
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", order.command],
            // Python would otherwise keep its answers until it has many.
            environment: .inherit.updating(["PYTHONUNBUFFERED": "1"]),
            workingDirectory: FilePath(order.directory), platformOptions: options,
            input: .inputWriter, output: .sequence,
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            began(execution.processIdentifier.value)
            async let writing: Void = feed(execution.standardInputWriter)
            await read(execution.standardOutput, onEvent)
            close()
            let reaper = Task {
                try await Task.sleep(for: .seconds(1))
                kill()
            }
            await writing
            return reaper
        }
        state.withLock { $0.group = nil }
        result.closureResult.cancel()
        return switch result.terminationStatus {
        case .exited(let code): "it ended with exit code \(code)"
        case .signaled(let number): "it was ended by signal \(number)"
        }
    }

    private func began(_ processID: pid_t) {
        state.withLock { state in
            state.group = processID
            if state.isKilled { _ = Foundation.kill(-processID, SIGKILL) }
        }
    }

    /// Until its input is closed, or it does not take any more.
    private func feed(_ writer: StandardInputWriter) async {
        for await line in input {
            guard (try? await writer.write(line)) != nil else { break }
        }
        try? await writer.finish()
    }

    private func read(
        _ output: SubprocessOutputSequence, _ onEvent: @Sendable (Event) async -> Void
    ) async {
        var splitter = LineSplitter()
        do {
            for try await buffer in output {
                for piece in splitter.add(buffer.withUnsafeBytes { Array($0) }) {
                    await onEvent(.piece(piece))
                }
            }
        } catch {}
    }

    /// What the program said last on its standard error since it was started: one line, quoted.
    private func lastWords(after offset: UInt64) -> String? {
        guard let file = FileHandle(forReadingAtPath: order.log) else { return nil }
        defer { try? file.close() }
        let end = Self.size(order.log)
        guard end > offset else { return nil }
        try? file.seek(toOffset: max(offset, end > 4_096 ? end - 4_096 : 0))
        guard let bytes = try? file.readToEnd() else { return nil }
        let line = bytes.split(separator: UInt8(ascii: "\n")).last { !$0.allSatisfy { $0 <= 0x20 } }
        return line.map { excerpt(Array($0), atMost: 200) }
    }

    private static func size(_ path: String) -> UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }
}
