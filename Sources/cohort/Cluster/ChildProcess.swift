import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// How a child ended.
enum ChildExit: Equatable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    var isSignal: Bool {
        if case .signal = self { true } else { false }
    }

    var description: String {
        switch self {
        case .code(let code): "exit code \(code)"
        case .signal(let number): "signal \(number)"
        }
    }
}

/// The pipe that tells children of their parent's death; one for all of them. See `ParentWatch`.
struct LifeLine {
    let readEnd: FileDescriptor
    private let writeEnd: FileDescriptor

    init() throws {
        (readEnd, writeEnd) = try FileDescriptor.pipe()
        // No child may inherit either end but as its standard input: a write end that lives on in a child
        // would keep the others alive.
        for end in [readEnd, writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    }

    func close() {
        try? readEnd.close()
        try? writeEnd.close()
    }
}

/// One child of this program: this very binary with other arguments, in a process group of its own (else
/// the terminal's Ctrl-C would reach workers before the drain does).
final class ChildProcess: Sendable {
    let name: String
    private let arguments: [String]
    private let processID = Mutex<pid_t?>(nil)

    init(name: String, arguments: [String]) {
        self.name = name
        self.arguments = arguments
    }

    var currentProcessID: pid_t? { processID.withLock { $0 } }

    /// Sends a signal if the child runs.
    func send(_ signal: Int32) {
        processID.withLock { id in
            if let id { kill(id, signal) }
        }
    }

    /// Starts the child and waits for its end. Its standard output is ours if `showsOutput`; otherwise it
    /// goes to `log`, as standard error does.
    func run(
        lifeLine: LifeLine, log: FilePath, showsOutput: Bool, onStart: @Sendable (pid_t) -> Void
    ) async throws -> ChildExit {
        let logFile = try FileDescriptor.open(
            log, .writeOnly, options: [.create, .append, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        var options = PlatformOptions()
        options.processGroupID = 0
        let result = try await Subprocess.run(
            .path(Self.executable), arguments: Arguments(arguments), platformOptions: options,
            input: .fileDescriptor(lifeLine.readEnd, closeAfterSpawningProcess: false),
            output: showsOutput
                ? .currentStandardOutput : .fileDescriptor(logFile, closeAfterSpawningProcess: false),
            error: .fileDescriptor(logFile, closeAfterSpawningProcess: true)
        ) { execution in
            let id = execution.processIdentifier.value
            self.processID.withLock { $0 = id }
            onStart(id)
        }
        processID.withLock { $0 = nil }
        switch result.terminationStatus {
        case .exited(let code): return .code(code)
        case .signaled(let number): return .signal(number)
        }
    }

    /// The file of the running program.
    static var executable: FilePath {
        #if os(Linux)
        if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            return FilePath(path)
        }
        #endif
        return FilePath(Bundle.main.executablePath ?? CommandLine.arguments[0])
    }
}
