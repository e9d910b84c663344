import ZeroMQ

/// One of a run directory's locks, shared by copies of whoever holds it: the last one lets go.
final class DirectoryLock: Sendable {
    /// Keeps two runs out of one directory.
    static let run = "run.lock"
    /// Keeps two learners from writing the same files.
    static let learner = "learner.lock"

    private let lock: RunDirectoryLock

    /// Throws with exit code 75 where another process holds it.
    init(_ fileName: String, of directory: String) throws(CommandFailure) {
        do throws(RunDirectoryError) {
            lock = try RunDirectoryLock(directory: directory, fileName: fileName)
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension CommandFailure {
    init(_ error: RunDirectoryError) {
        switch error.problem {
        case .held: self.init("\(error)", .tryAgain)
        case .system(let code):
            self.init(errno: code, "cannot lock the run directory \(error.directory)")
        }
    }
}
