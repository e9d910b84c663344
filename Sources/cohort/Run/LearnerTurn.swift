/// A learner's turn in a run directory: where `cohort train` was killed, its learner still leaves in order
/// while the next one may already start, and both would write the same files.
struct LearnerTurn {
    private let lock: RunDirectoryLock

    private static let patience = Duration.seconds(20)
    private static let pause = Duration.milliseconds(50)

    /// Waits until an earlier learner is gone. Throws `CommandFailure` with exit code 75 if it stays.
    init(in directory: RunDirectory) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                lock = try RunDirectoryLock(directory: directory.path, fileName: "learner.lock")
                return
            } catch let failure as CommandFailure {
                guard failure.exitCode == .tryAgain, ContinuousClock.now < deadline else { throw failure }
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}
