/// A learner's turn in a run directory: where `cohort train` was killed, its learner still leaves in
/// order while the next one may already start, and both would write the same files.
struct LearnerTurn {
    private let lock: DirectoryLock

    private static let patience = Duration.seconds(20)
    private static let pause = Duration.milliseconds(50)

    /// Waits until an earlier learner is gone. Throws `CommandFailure` with exit code 75 if it stays.
    init(in directory: RunDirectory) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do throws(CommandFailure) {
                lock = try DirectoryLock(DirectoryLock.learner, of: directory.path)
                return
            } catch {
                let mayEnd = error.exitCode == .tryAgain && ContinuousClock.now < deadline
                guard mayEnd else { throw error }
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}
