internal import Sessions
internal import Wire
internal import ZeroMQ

extension LearnerLink {
    /// Runs `body` with the handler that decides who may connect, bound before any other socket is.
    static func withGate<Result>(
        _ configuration: LearnerLinkConfiguration, in context: Context,
        _ body: nonisolated(nonsending) (Gatekeeper?) async throws -> Result
    ) async throws -> Result {
        let isOverTCP = [configuration.address.rollouts, configuration.address.snapshots]
            .contains { $0.port != nil }
        guard let security = configuration.security, isOverTCP else { return try await body(nil) }
        let gate = Gatekeeper(security, note: configuration.note)
        return try await SocketThread.withThread(named: "learner-zap") { thread in
            let handler = try await ZAPHandler.open(in: context, on: thread) { gate.judge($0) }
            let loops = [
                Task { do { try await handler.run() } catch { gate.fail(error) } },
                Task { await gate.rereadRegularly() },
            ]
            do {
                let result = try await body(gate)
                await close(handler, loops)
                return result
            } catch {
                await close(handler, loops)
                throw error
            }
        }
    }

    private static func close(_ handler: ZAPHandler, _ loops: [Task<Void, Never>]) async {
        await handler.close()
        for loop in loops {
            loop.cancel()
            await loop.value
        }
    }

    /// Throws `StrangerAdmitted` unless both endpoints are shown to refuse an unknown key.
    nonisolated func proveClosed(in context: Context) async throws {
        guard let gate else { return }
        for endpoint in [address.rollouts, address.snapshots] where endpoint.port != nil {
            try await StrangerTest(endpoint: endpoint, gate: gate, context: context, thread: thread)
                .run()
        }
    }

    /// Counts the handshakes that fail at both sockets while `body` runs.
    nonisolated(nonsending) func watching<Result>(
        in context: Context, _ body: nonisolated(nonsending) () async throws -> Result
    ) async throws -> Result {
        guard let gate else { return try await body() }
        var watches: [HandshakeWatch] = []
        for socket in [id, snapshots.id] {
            let monitor = try await thread.openMonitor(of: socket, in: context)
            watches.append(HandshakeWatch(thread: thread, monitor: monitor) { gate.hear($0) })
        }
        let loops = watches.map { watch in Task { await watch.run() } }
        do {
            let result = try await body()
            await HandshakeWatch.close(watches, loops)
            return result
        } catch {
            await HandshakeWatch.close(watches, loops)
            throw error
        }
    }

    // MARK: In the loop

    /// Says in the log whose messages were refused for want of the right key.
    func report(_ actions: [LearnerSession.Action], from address: String?) {
        for case .send(.reject(let rejection), _) in actions
        where rejection.code == .notAuthorized {
            gate?.report(rejection.reason, from: address ?? "")
        }
    }

    /// Ends the sessions of those who were taken off the list since the last look.
    func expelUnlisted() {
        guard let gate, gate.security.workers.generation != listGeneration else { return }
        listGeneration = gate.security.workers.generation
        let actions = session.expel { gate.security.workers.lists($0) }
        for case .lost(let worker, let cause) in actions {
            gate.report("worker \(worker.name): \(cause)", from: "")
        }
        perform(actions)
    }
}
