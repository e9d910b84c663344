internal import GRPO
package import Ports

/// What a worker's time went into, in seconds, and what came out of it.
package struct RolloutTotals: Hashable, Sendable, Codable {
    package var groups = 0
    package var completionTokens = 0
    /// Until leases came.
    package var waiting = 0.0
    /// Fetching and loading snapshots.
    package var fetching = 0.0
    package var sampling = 0.0
    package var scoring = 0.0

    package init() {}
}

/// Samples the groups that the learner asks for: lease → snapshot → sample → score → push, until the
/// learner has no more work.
package actor RolloutWorker {
    private let groups: any GroupSink
    private let snapshots: any SnapshotSource
    private let policy: any SamplingPolicy
    /// Present where workers score.
    private let reward: (any GroupScorer)?
    /// Tickets that are decoded together.
    private let batchGroups: Int
    private let now: @Sendable () -> Duration
    private var adopted: PolicyVersion?
    package private(set) var totals = RolloutTotals()

    package init<C: Clock<Duration>>(
        groups: any GroupSink, snapshots: any SnapshotSource, policy: any SamplingPolicy,
        reward: (any GroupScorer)?, batchGroups: Int, clock: C
    ) {
        precondition(batchGroups > 0, "a worker decodes at least one ticket at a time")
        self.groups = groups
        self.snapshots = snapshots
        self.policy = policy
        self.reward = reward
        self.batchGroups = batchGroups
        let origin = clock.now
        now = { origin.duration(to: clock.now) }
    }

    /// Works until the learner drained. Throws what the link throws when the learner is gone.
    package func run() async throws {
        let configuration = try await groups.configuration()
        while true {
            let leases = try await timed(\.waiting) {
                try await self.groups.leases(upTo: self.batchGroups)
            }
            if leases.isEmpty { return }
            for (version, members) in leases.byVersion {
                try await answer(members, version: version, configuration)
            }
        }
    }

    private func answer(
        _ leases: [Lease], version: PolicyVersion, _ configuration: WorkerConfiguration
    ) async throws {
        guard try await adopt(version) else { return }
        let sampled = try await timed(\.sampling) {
            try await self.policy.sample(
                leases.map(\.ticket), groupSize: configuration.groupSize,
                parameters: configuration.sampling, seed: configuration.seed)
        }
        precondition(
            sampled.map(\.key) == leases.map(\.ticket.key), "a policy answers its tickets in order")
        let scored = try await timed(\.scoring) { try await self.score(sampled, leases) }
        totals.groups += scored.count
        totals.completionTokens += scored.reduce(0) { $0 + $1.completionTokenCount }
        try await groups.push(zip(leases, scored).map { Answer(lease: $0.id, group: $1) })
    }

    /// False if the learner no longer keeps the version: it has then given the leases to others.
    private func adopt(_ version: PolicyVersion) async throws -> Bool {
        guard adopted != version else { return true }
        do {
            try await timed(\.fetching) {
                try await self.policy.adopt(try await self.snapshots.snapshot(version))
            }
        } catch is SnapshotGone { return false }
        adopted = version
        return true
    }

    private func score(_ groups: [Group], _ leases: [Lease]) async throws -> [Group] {
        guard let reward else { return groups }
        return try await reward.scored(groups, columns: leases.map(\.ticket.columns))
    }

    private func timed<Result>(
        _ part: WritableKeyPath<RolloutTotals, Double>, _ work: () async throws -> Result
    ) async rethrows -> Result {
        let start = now()
        defer { totals[keyPath: part] += (now() - start) / .seconds(1) }
        return try await work()
    }
}

extension [Lease] {
    /// The leases by the version they name, in order of first appearance.
    fileprivate var byVersion: [(PolicyVersion, [Lease])] {
        var result: [(PolicyVersion, [Lease])] = []
        for lease in self {
            if let index = result.firstIndex(where: { $0.0 == lease.ticket.version }) {
                result[index].1.append(lease)
            } else {
                result.append((lease.ticket.version, [lease]))
            }
        }
        return result
    }
}
