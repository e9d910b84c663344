/// Runs `work` and cancels it after `limit`. Throws `CommandFailure` then, with exit code 75: a
/// machine that was too busy may do it another time.
///
/// `work` must end soon after it is cancelled; what it throws then is not reported.
package func withDeadline<Result: Sendable>(
    _ limit: Duration, for what: String, _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        if let first = try await group.next(), let result = first { return result }
        throw CommandFailure(
            "\(what) was not over after \(DecimalText.duration(limit)); is this machine very busy?",
            .tryAgain)
    }
}
