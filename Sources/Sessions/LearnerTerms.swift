package import GRPO
package import Wire

/// What a learner says to every worker in WELCOME, and whom it takes; the same for the whole run.
package struct LearnerTerms: Hashable, Sendable {
    /// How often the learner has started on this run.
    package var incarnation: UInt32
    package var runID: RunID
    /// One JSON object.
    package var configuration: String
    /// SHA-256 of the configuration's bytes.
    package var configurationFingerprint: ContentDigest
    package var numerics: String
    /// Refuse workers whose numerics fingerprint is another.
    package var isExact: Bool
    package var heartbeatInterval: Duration
    /// Silence after which a worker counts as gone.
    package var livenessDeadline: Duration
    /// Bytes of the longest GROUP frame.
    package var largestGroupBytes: Int
    package var groupSize: Int
    package var rewardPlacement: RewardPlacement
    /// What LEASE says a worker may take for one ticket.
    package var leaseDuration: Duration
    /// Workers with a session at one time.
    package var workersMax: Int
    /// Leases with smaller ids were given out by earlier starts of the learner.
    package var firstLease: UInt64
    /// What earlier starts of the learner published, as far as it can still be trained on.
    package var earlierVersions: Set<PolicyVersion>
    /// What the messages of this run have at most; a worker that takes less is refused.
    package var limits: SessionLimits

    package init(
        incarnation: UInt32, runID: RunID, configuration: String,
        configurationFingerprint: ContentDigest, numerics: String, isExact: Bool,
        heartbeatInterval: Duration, livenessDeadline: Duration, largestGroupBytes: Int,
        groupSize: Int, rewardPlacement: RewardPlacement, leaseDuration: Duration, workersMax: Int,
        firstLease: UInt64 = 0, earlierVersions: Set<PolicyVersion> = [],
        limits: SessionLimits = SessionLimits()
    ) {
        precondition(
            heartbeatInterval >= .milliseconds(1) && livenessDeadline > heartbeatInterval,
            "a worker is gone only after more than one heartbeat")
        self.incarnation = incarnation
        self.runID = runID
        self.configuration = configuration
        self.configurationFingerprint = configurationFingerprint
        self.numerics = numerics
        self.isExact = isExact
        self.heartbeatInterval = heartbeatInterval
        self.livenessDeadline = livenessDeadline
        self.largestGroupBytes = largestGroupBytes
        self.groupSize = groupSize
        self.rewardPlacement = rewardPlacement
        self.leaseDuration = leaseDuration
        self.workersMax = workersMax
        self.firstLease = firstLease
        self.earlierVersions = earlierVersions
        self.limits = limits
    }

    /// Bytes of the longest frame of a worker, GROUP or not.
    package var largestFrameBytes: Int {
        max(largestGroupBytes, WireLimits.preludeBytes + WireLimits.headerBytes)
    }

    func welcome(
        to hello: Hello, current: SnapshotReference, acknowledged: UInt64
    ) -> Welcome {
        Welcome(
            runID: runID, configurationFingerprint: configurationFingerprint,
            configuration: hello.configurationFingerprint == configurationFingerprint
                ? nil : configuration,
            numerics: numerics, heartbeatInterval: heartbeatInterval,
            livenessDeadline: livenessDeadline, largestGroupBytes: largestGroupBytes,
            groupSize: groupSize, rewardPlacement: rewardPlacement, current: current,
            acknowledged: acknowledged, limits: limits)
    }
}
