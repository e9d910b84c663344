import GRPO
import Ports
import Rollout
import Testing

/// Deals out scripted batches of leases and keeps what is pushed.
private actor ScriptedLink: GroupSink, SnapshotSource {
    private let shared: WorkerConfiguration
    private var batches: [[Lease]]
    private let gone: Set<UInt64>
    private(set) var limits: [Int] = []
    private(set) var fetched: [UInt64] = []
    private(set) var pushed: [(group: Group, lease: Lease.ID)] = []
    struct LinkLost: Error {}
    private let losesLink: Bool

    init(_ batches: [[Lease]], gone: Set<UInt64> = [], losesLink: Bool = false) {
        shared = Run().configuration
        self.batches = batches
        self.gone = gone
        self.losesLink = losesLink
    }

    func configuration() -> WorkerConfiguration { shared }

    func leases(upTo limit: Int) throws -> [Lease] {
        limits.append(limit)
        if batches.isEmpty, losesLink { throw LinkLost() }
        return batches.isEmpty ? [] : batches.removeFirst()
    }

    func push(_ answers: [Answer]) { pushed += answers.map { ($0.group, $0.lease) } }

    func snapshot(_ version: PolicyVersion) throws -> Snapshot {
        fetched.append(version.number)
        if gone.contains(version.number) { throw SnapshotGone(version: version) }
        var weights = BanditWeights()
        weights.logits[0] = Float(version.number)
        return Snapshot(version: version, image: weights.image)
    }
}

@Suite(.timeLimit(.minutes(1))) struct RolloutWorkerTests {
    private func lease(_ id: Lease.ID, version: UInt64) -> Lease {
        Lease(
            id: id,
            ticket: Ticket(
                key: TicketKey(pass: 0, promptIndex: UInt32(id), attempt: 0), ordinal: id,
                version: PolicyVersion(incarnation: 0, number: version),
                prompt: [3, Int32(id)], columns: "{\"row\":\(id)}"))
    }

    private func worker(
        _ link: ScriptedLink, reward: (any RewardFunction)? = FavouriteReward()
    ) -> RolloutWorker {
        RolloutWorker(
            groups: link, snapshots: link, policy: BanditSampler(), reward: reward, batchGroups: 4,
            clock: StillClock())
    }

    @Test("Each lease is answered once, scored with its own columns, under its own number")
    func answers() async throws {
        let link = ScriptedLink([
            [lease(1, version: 0), lease(2, version: 0)], [lease(3, version: 0)],
        ])
        let worker = worker(link)
        try await worker.run()
        let pushed = await link.pushed
        #expect(pushed.map(\.lease) == [1, 2, 3] && pushed.map(\.group.ordinal) == [1, 2, 3])
        #expect(pushed.allSatisfy { $0.group.completions.allSatisfy { $0.reward != nil } })
        #expect(await link.limits == [4, 4, 4])
        #expect(await worker.totals.groups == 3)
        let tokens = pushed.reduce(0) { $0 + $1.group.completionTokenCount }
        #expect(await worker.totals.completionTokens == tokens)
    }

    @Test("A snapshot is fetched once for as long as leases name its version")
    func fetchesOnce() async throws {
        let link = ScriptedLink([
            [lease(1, version: 0)], [lease(2, version: 0)], [lease(3, version: 1)],
            [lease(4, version: 1)], [lease(5, version: 0)],
        ])
        try await worker(link).run()
        #expect(await link.fetched == [0, 1, 0])
        #expect(await link.pushed.map(\.lease) == [1, 2, 3, 4, 5])
    }

    @Test("Leases of several versions are answered version by version, in order of appearance")
    func mixedVersions() async throws {
        let link = ScriptedLink([
            [
                lease(1, version: 2), lease(2, version: 1), lease(3, version: 2),
                lease(4, version: 1),
            ]
        ])
        try await worker(link).run()
        #expect(await link.fetched == [2, 1])
        #expect(await link.pushed.map(\.lease) == [1, 3, 2, 4])
        #expect(await link.pushed.map(\.group.version.number) == [2, 2, 1, 1])
    }

    @Test("Leases of a version that is gone are left to others, and work goes on")
    func snapshotGone() async throws {
        let link = ScriptedLink(
            [[lease(1, version: 0), lease(2, version: 1)], [lease(3, version: 1)]], gone: [0])
        try await worker(link).run()
        #expect(await link.pushed.map(\.lease) == [2, 3])
        #expect(await link.fetched == [0, 1])
    }

    @Test("Without a reward function groups go out unscored")
    func unscored() async throws {
        let link = ScriptedLink([[lease(1, version: 0)]])
        try await worker(link, reward: nil).run()
        #expect(await link.pushed[0].group.completions.allSatisfy { $0.reward == nil })
    }

    @Test("What the link throws ends the worker")
    func lostLink() async throws {
        let link = ScriptedLink([[lease(1, version: 0)]], losesLink: true)
        await #expect(throws: ScriptedLink.LinkLost.self) { try await worker(link).run() }
        #expect(await link.pushed.count == 1)
    }
}
