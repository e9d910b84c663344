import GRPO
package import Ports
import ZeroMQ
import ZeroMQTransport

/// What is measured: groups through the real link, each leased, answered with a verdict and
/// followed by the next lease, between both ends in this process.
package struct LinkExchange: Sendable {
    /// To bind, for instance `tcp://127.0.0.1:0`.
    package let endpoint: String
    package let load: WireLoad
    /// Leases that the worker holds at most.
    package let slots: Int
    package let pace: Pace
    /// Encrypted and authenticated with CURVE; tcp only.
    package let isEncrypted: Bool

    package init(
        endpoint: String, load: WireLoad, slots: Int, pace: Pace, isEncrypted: Bool = false
    ) {
        self.isEncrypted = isEncrypted
        self.endpoint = endpoint
        self.load = load
        self.slots = slots
        self.pace = pace
    }

    private static let numerics = "bench"

    /// Every group is answered at once. Throws `CommandFailure` where nothing arrives in time, and what
    /// breaks the sockets.
    package func run() async throws -> Throughput { try await measure { try await learn($0) } }

    /// Every group is answered once `journal` has it. Throws what `run` does, and what breaks the journal.
    package func run<Goal: IngestGoal>(
        into journal: any Journal, until goal: Goal,
        prune: @escaping @Sendable (_ step: Int) async throws -> Void = { _ in }
    ) async throws -> Goal {
        try await measure { link in
            try await JournaledIngest(journal: journal, endpoint: endpoint, prune: prune)
                .run(link, until: goal)
        }
    }

    private func measure<Result: Sendable>(
        _ learn: @escaping @Sendable (LearnerLink) async throws -> Result
    ) async throws -> Result {
        let keys = isEncrypted ? try ExchangeKeys() : nil
        return try await withDeadline(
            pace.limit + .seconds(10), for: "the exchange over \(endpoint)"
        ) {
            let settings = LearnerLinkConfiguration(
                address: try LearnerAddress(endpoint), incarnation: 1, worker: load.configuration,
                numerics: Self.numerics, security: keys?.learner,
                promptTokensMax: WireLoad.promptTokensMax)
            return try await LearnerLink.withLink(settings) { link in
                let snapshot = Snapshot(
                    version: WireLoad.version, image: [UInt8](repeating: 0, count: 4_096))
                try await link.publish(snapshot, oldestKept: 0)
                return try await measure(link, keys?.worker, learn)
            }
        }
    }

    private nonisolated func measure<Result: Sendable>(
        _ link: LearnerLink, _ security: WorkerSecurity?,
        _ learn: @escaping @Sendable (LearnerLink) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await work(link.address, security)
                return nil
            }
            group.addTask {
                let result = try await learn(link)
                await link.drain(reason: "measured")
                return result
            }
            var result: Result?
            while let ended = try await group.next() { result = ended ?? result }
            guard let result else {
                throw CommandFailure("the worker's end of \(endpoint) left early", .peerUnavailable)
            }
            return result
        }
    }

    /// The learner's side: keeps the worker's slots full and gives every group its verdict, all that
    /// came together in one reply, as the learner does.
    private func learn(_ link: LearnerLink) async throws -> Throughput {
        var book = LeasesHeld()
        var meter = Meter(pace)
        while true {
            let events = try await link.next(upTo: 256)
            if events.isEmpty { break }
            var replies: [Reply] = []
            for event in events {
                switch event {
                case .ready(let worker, let slots):
                    replies.append(.leases(book.issue(slots - book.count), to: worker))
                case .group(_, let lease, let worker):
                    book.count -= 1
                    replies.append(.verdict(.accepted(durable: true), for: lease, to: worker))
                    replies.append(.leases(book.issue(1), to: worker))
                    if let result = meter.add() { return result }
                case .released: break
                case .lost(_, let cause):
                    throw CommandFailure(
                        "the worker on \(endpoint) was lost: \(cause)", .peerUnavailable)
                }
            }
            await link.reply(replies)
        }
        throw CommandFailure("the learner's end of \(endpoint) closed early", .peerUnavailable)
    }

    /// The worker's side, with groups that are there already.
    private func work(_ address: LearnerAddress, _ security: WorkerSecurity?) async throws {
        let settings = WorkerLinkConfiguration(
            address: address, worker: WorkerID(name: "bench", incarnation: 1),
            numerics: Self.numerics, slots: slots, security: security)
        try await WorkerLink.withLink(settings) { link in
            _ = try await link.configuration()
            _ = try await link.snapshot(WireLoad.version)
            while true {
                let leases = try await link.leases(upTo: slots)
                if leases.isEmpty { return }
                try await link.push(
                    leases.map { Answer(lease: $0.id, group: load.group(for: $0.ticket)) })
            }
        }
    }
}

/// Both ends' keys, made for one exchange and never written down.
private struct ExchangeKeys {
    let learner: LearnerSecurity
    let worker: WorkerSecurity

    init() throws {
        let (mine, theirs) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        learner = LearnerSecurity(
            pair: mine, workers: AuthorizedWorkers(listing: ["bench": theirs.publicKey]))
        worker = WorkerSecurity(pair: theirs, learnerKey: mine.publicKey)
    }
}
