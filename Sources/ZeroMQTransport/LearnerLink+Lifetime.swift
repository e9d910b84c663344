internal import Sessions
import Synchronization
internal import ZeroMQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension LearnerLink {
    /// Binds both endpoints, runs `body` with the link, and closes it on every path: workers hear a
    /// goodbye, the thread is joined, the context terminated, ipc files are gone.
    ///
    /// libzmq lets a second process take a live ipc path over: hold a `RunDirectoryLock` on its
    /// directory.
    /// Throws: `InsecureEndpoint`, `LinkConfigurationError`, `ZeroMQError` (address in use, …), and
    /// what `body` throws, which workers are told as the run's failure.
    package static func withLink<Result>(
        _ configuration: LearnerLinkConfiguration,
        _ body: nonisolated(nonsending) (LearnerLink) async throws -> Result
    ) async throws -> Result {
        try configuration.address.checkSecurity(
            isSecured: configuration.security != nil, insecure: configuration.insecure,
            remedy: InsecureEndpoint.learnerRemedy)
        let terms = try configuration.terms()
        return try await withContext(linger: LinkOptions.learnerLinger) { context in
            try await withGate(configuration, in: context) { gate in
                try await SocketThread.withThread(named: "learner-link") { thread in
                    let link = try await open(configuration, terms, gate, in: context, on: thread)
                    try await link.proveClosed(in: context)
                    return try await link.watching(in: context) {
                        try await link.serving(body)
                    }
                }
            }
        }
    }

    private static func open(
        _ configuration: LearnerLinkConfiguration, _ terms: LearnerTerms, _ gate: Gatekeeper?,
        in context: Context, on thread: SocketThread
    ) async throws -> LearnerLink {
        let (wanted, bound) = (configuration.address, BoundAddress())
        let rollouts = try await thread.open(
            .router, in: context,
            options: LinkOptions.learnerRollouts(largestFrameBytes: terms.largestFrameBytes)
                + LinkOptions.server(gate?.security, at: wanted.rollouts)
        ) { try bound.bind($0, to: wanted.rollouts, as: \.rollouts) }
        let snapshots = try await thread.open(
            .router, in: context,
            options: LinkOptions.learnerSnapshots
                + LinkOptions.server(gate?.security, at: wanted.snapshots)
        ) { try bound.bind($0, to: wanted.snapshots, as: \.snapshots) }
        let server = SnapshotServer(thread: thread, socket: snapshots, gate: gate)
        return LearnerLink(
            thread: thread, socket: rollouts, address: bound.address, terms: terms,
            drainLimit: configuration.drainLimit, snapshots: server, gate: gate,
            notes: Notes(configuration.note))
    }

    private nonisolated(nonsending) func serving<Result>(
        _ body: nonisolated(nonsending) (LearnerLink) async throws -> Result
    ) async throws -> Result {
        let loops = [
            Task { await self.run() },
            Task {
                do { try await self.snapshots.run() } catch { self.events.finish(throwing: error) }
            },
        ]
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
        // libzmq leaves socket files behind. They go while the sockets still listen: afterwards the
        // next learner may have bound the same paths.
        for path in [address.rollouts.path, address.snapshots.path] { _ = path.map { unlink($0) } }
        await close(failure)
        await snapshots.close()
        for loop in loops { await loop.value }
    }
}

/// Where the sockets really are, reported from the thread that binds them.
private final class BoundAddress: Sendable {
    struct Endpoints {
        var rollouts: Endpoint?
        var snapshots: Endpoint?
    }

    private let endpoints = Mutex(Endpoints())

    func bind(
        _ socket: borrowing Socket, to endpoint: Endpoint,
        as place: any WritableKeyPath<Endpoints, Endpoint?> & Sendable
    ) throws {
        try socket.bind(endpoint)
        let bound = try socket.boundEndpoint() ?? endpoint
        endpoints.withLock { $0[keyPath: place] = bound }
    }

    var address: LearnerAddress {
        let endpoints = endpoints.withLock { $0 }
        guard let rollouts = endpoints.rollouts, let snapshots = endpoints.snapshots else {
            preconditionFailure("a learner's link was made before both sockets were bound")
        }
        return LearnerAddress(rollouts: rollouts, snapshots: snapshots)
    }
}
