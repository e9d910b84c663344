internal import Sessions
internal import ZeroMQ

extension WorkerLink {
    /// Connects to a learner, runs `body` with the link, and closes it on every path: the learner
    /// hears a goodbye, the thread is joined, the context terminated. The learner need not be there
    /// yet.
    ///
    /// Throws: `InsecureEndpoint`, `LinkConfigurationError`, `WireError` for a name that cannot be
    /// a worker's, `ZeroMQError`, and what `body` throws.
    package static func withLink<Result>(
        _ configuration: WorkerLinkConfiguration,
        _ body: nonisolated(nonsending) (WorkerLink) async throws -> Result
    ) async throws -> Result {
        try configuration.check()
        return try await withContext(linger: LinkOptions.workerLinger) { context in
            try await SocketThread.withThread(named: "worker-link") { thread in
                let link = try await open(configuration, in: context, on: thread)
                // The monitor is there before the first handshake.
                try await link.connect(to: configuration.address.rollouts)
                return try await link.serving(body)
            }
        }
    }

    private static func open(
        _ configuration: WorkerLinkConfiguration, in context: Context, on thread: SocketThread
    ) async throws -> WorkerLink {
        let address = configuration.address
        let rollouts = try await thread.open(
            .dealer, in: context,
            options: LinkOptions.workerRollouts(to: address.rollouts)
                + [.handshakeInterval(configuration.handshakeInterval)]
                + LinkOptions.client(configuration.security, of: address.rollouts))
        let monitor = try await thread.openMonitor(of: rollouts.id, in: context)
        let snapshots = try await thread.open(
            .dealer, in: context,
            options: LinkOptions.workerSnapshots(to: address.snapshots)
                + [.handshakeInterval(configuration.handshakeInterval)]
                + LinkOptions.client(configuration.security, of: address.snapshots)
        ) { try $0.connect(address.snapshots) }
        let client = SnapshotClient(
            thread: thread, socket: snapshots,
            timing: .init(progress: configuration.fetchDeadline))
        return WorkerLink(
            thread: thread, socket: rollouts, monitor: monitor, client: client,
            configuration: configuration)
    }

    private nonisolated(nonsending) func serving<Result>(
        _ body: nonisolated(nonsending) (WorkerLink) async throws -> Result
    ) async throws -> Result {
        let loops = [Task { await self.run() }, Task { await self.client.run() }]
        do {
            let result = try await body(self)
            await finish(loops, failure: nil)
            return result
        } catch {
            await finish(loops, failure: error)
            throw error
        }
    }

    private nonisolated func finish(_ loops: [Task<Void, Never>], failure: (any Error)?) async {
        await close(failure)
        await client.close()
        for loop in loops { await loop.value }
    }
}
