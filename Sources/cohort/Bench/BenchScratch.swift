import Foundation

/// A directory for the time of a benchmark.
struct BenchScratch: Sendable {
    let path: String

    /// Makes it below `parent`, or below the system's directory for temporary files with a name short
    /// enough for sockets.
    init(in parent: String? = nil) throws(CommandFailure) {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        let number = String(UInt32.random(in: .min ... .max), radix: 36)
        path = (parent.hasSuffix("/") ? parent : parent + "/") + "cohort-bench-\(number)"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false)
        } catch {
            throw CommandFailure(
                "cannot make the directory \(path): \(readable(error))", .cannotCreate)
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Runs `body` with a directory and removes it on every path; Ctrl-C cancels `body`, a second
    /// one ends the program at once.
    static func with<Result: Sendable>(
        in parent: String? = nil,
        _ body: @escaping @Sendable (BenchScratch) async throws -> Result
    ) async throws -> Result {
        let scratch = try BenchScratch(in: parent)
        defer { scratch.remove() }
        let task = Task { try await body(scratch) }
        let signals = StopSignals { _, earlier in
            if earlier > 0 {
                scratch.remove()
                _exit(ExitCode.interrupted.rawValue)
            }
            task.cancel()
        }
        defer { withExtendedLifetime(signals) {} }
        let result = await task.result
        if task.isCancelled { throw CommandFailure("interrupted", .interrupted) }
        return try result.get()
    }
}
