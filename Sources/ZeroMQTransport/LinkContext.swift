internal import ZeroMQ

/// Runs `body` with a context and terminates it on every path.
///
/// Throws: `ZeroMQError` when the context cannot be made or does not end: a socket was kept open.
func withContext<Result>(
    linger: Duration, _ body: nonisolated(nonsending) (Context) async throws -> Result
) async throws -> Result {
    let context = try Context(ioThreads: LinkOptions.ioThreads)
    let limit = linger + .seconds(3)
    do {
        let result = try await body(context)
        try await context.terminate(within: limit)
        return result
    } catch {
        // The first error says more than a termination that it may have made fail.
        try? await context.terminate(within: limit)
        throw error
    }
}
