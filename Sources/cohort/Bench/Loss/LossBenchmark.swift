/// What patterns that look reliable lose under treatment that any run meets, beside our link.
struct LossBenchmark: Sendable {
    /// To a slow reader.
    let messages: Int
    /// To a reader that is killed.
    let killedMessages: Int
    let pause: Duration
    let directory: String

    /// Of one pattern.
    private static let limit = Duration.seconds(120)

    func run(_ say: @escaping @Sendable (String) -> Void) async throws -> LossReport {
        var patterns: [LossCount] = []
        func add(_ what: String, _ work: @escaping @Sendable () async throws -> LossCount) async throws {
            let count = try await withDeadline(Self.limit, for: what, work)
            say("\(what): \(count.lost) of \(count.sent) lost")
            patterns.append(count)
        }
        try await add("PUB/SUB") { try await slowReader(.publish) }
        try await add("ROUTER") { try await slowReader(.route) }
        try await add("PUSH/PULL") { try await killedReader(.pull) }
        try await add("our link") { try await killedReader(.link) }
        return LossReport(patterns: patterns, machine: .current)
    }

    private func slowReader(_ pattern: SlowReader.Pattern) async throws -> LossCount {
        try await SlowReader(
            pattern: pattern, endpoint: "ipc://\(directory)/slow", messages: messages, pause: pause
        ).run()
    }

    private func killedReader(_ pattern: LossReader.Pattern) async throws -> LossCount {
        try await RestartedReader(
            pattern: pattern, directory: directory, messages: killedMessages, pause: pause
        ).run()
    }
}
