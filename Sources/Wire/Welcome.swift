/// Who scores completions.
package enum RewardPlacement: Int, Sendable, CaseIterable {
    case learner = 1
    case worker = 2
}

/// WELCOME: the learner accepts a HELLO and says everything about the run that a worker needs.
package struct Welcome: Hashable, Sendable {
    package var runID: RunID
    /// SHA-256 of the configuration's bytes. Comparing it with `configuration` is the receiver's part.
    package var configurationFingerprint: ContentDigest
    /// One JSON object, at most 65,536 bytes; `nil`: what the worker named in HELLO is right.
    package var configuration: String?
    /// The learner's numerics fingerprint; 1 to 4,096 bytes.
    package var numerics: String
    /// How often each side sends a HEARTBEAT. Whole milliseconds travel; ≥ 1 ms.
    package var heartbeatInterval: Duration
    /// Silence after which a side counts the other one as gone. Longer than `heartbeatInterval`.
    package var livenessDeadline: Duration
    /// Bytes of the longest GROUP frame that the learner takes, prelude and header included.
    package var largestGroupBytes: Int
    /// Completions per group.
    package var groupSize: Int
    package var rewardPlacement: RewardPlacement
    /// The newest snapshot.
    package var current: SnapshotReference
    /// Highest worker sequence up to which every group has a verdict; 0: none.
    package var acknowledged: UInt64
    /// What the messages of this run have at most; `nil`: what the protocol allows. Since 1.1.
    package var limits: SessionLimits?

    package init(
        runID: RunID, configurationFingerprint: ContentDigest, configuration: String?,
        numerics: String, heartbeatInterval: Duration, livenessDeadline: Duration,
        largestGroupBytes: Int, groupSize: Int, rewardPlacement: RewardPlacement,
        current: SnapshotReference, acknowledged: UInt64, limits: SessionLimits? = nil
    ) {
        self.runID = runID
        self.configurationFingerprint = configurationFingerprint
        self.configuration = configuration
        self.numerics = numerics
        self.heartbeatInterval = heartbeatInterval
        self.livenessDeadline = livenessDeadline
        self.largestGroupBytes = largestGroupBytes
        self.groupSize = groupSize
        self.rewardPlacement = rewardPlacement
        self.current = current
        self.acknowledged = acknowledged
        self.limits = limits
    }
}

extension Welcome: Command {
    init(_ header: ProtoWelcome, payload: PayloadReader) throws(WireError) {
        try requirePresent(!header.runID.isEmpty, "the run id")
        guard let runID = RunID(header.runID) else {
            throw WireError(.badField, "the run id has \(header.runID.count) bytes, not 16")
        }
        try requirePresent(
            !header.configurationFingerprint.isEmpty, "the configuration's fingerprint")
        try requirePresent(header.hasCurrent, "the current snapshot")
        guard let placement = RewardPlacement(rawValue: header.rewardPlacement.rawValue) else {
            throw WireError(
                .badField, "the reward placement \(header.rewardPlacement.rawValue) is unknown")
        }
        guard let largest = Int(exactly: header.largestGroupBytes) else {
            throw WireError(
                .limitExceeded, "\(header.largestGroupBytes) bytes per group are too many")
        }
        self.init(
            runID: runID,
            configurationFingerprint: try fingerprint(header.configurationFingerprint),
            configuration: try Self.configuration(payload), numerics: header.numerics,
            heartbeatInterval: .milliseconds(header.heartbeatMs),
            livenessDeadline: .milliseconds(header.livenessMs), largestGroupBytes: largest,
            groupSize: Int(header.groupSize), rewardPlacement: placement,
            current: try SnapshotReference(header.current), acknowledged: header.acknowledged,
            limits: header.hasLimits ? try SessionLimits(header.limits) : nil)
    }

    private static func configuration(_ payload: PayloadReader) throws(WireError) -> String? {
        guard payload.has("configuration") else { return nil }
        let bytes = try payload.bytes("configuration", shape: [nil])
        try WireError.check(
            bytes.count, atMost: WireLimits.configurationBytes, "the length of the configuration")
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw WireError(.badValue, "the configuration is not UTF-8")
        }
        return text
    }

    func check() throws(WireError) {
        try Wire.check(numerics: numerics)
        if let configuration {
            try WireError.check(
                configuration.utf8.count, atMost: WireLimits.configurationBytes,
                "the length of the configuration")
        }
        let heartbeat = try heartbeatInterval.milliseconds("a heartbeat interval")
        let liveness = try livenessDeadline.milliseconds("a liveness deadline")
        try WireError.require(heartbeat > 0, "the heartbeat interval is less than a millisecond")
        try WireError.require(
            liveness > heartbeat,
            "the liveness deadline of \(liveness) ms is not longer than the heartbeat interval of \(heartbeat) ms"
        )
        try WireError.require(
            largestGroupBytes > 0, "no group may be sent: largest_group_bytes is 0")
        try WireError.check(
            largestGroupBytes, atMost: WireLimits.rolloutFrameBytes, "largest_group_bytes")
        try WireError.require(groupSize > 0, "the group size is 0")
        try WireError.check(groupSize, atMost: WireLimits.completionsPerGroup, "the group size")
        try limits?.check()
    }

    func describe(in header: inout ProtoWelcome, payload: inout PayloadWriter) {
        header.runID = headerBytes(runID.bytes)
        header.configurationFingerprint = headerBytes(configurationFingerprint.bytes)
        header.numerics = numerics
        header.heartbeatMs = heartbeatInterval.checkedMilliseconds
        header.livenessMs = livenessDeadline.checkedMilliseconds
        header.largestGroupBytes = UInt64(largestGroupBytes)
        header.groupSize = UInt32(groupSize)
        header.rewardPlacement = .init(rawValue: rewardPlacement.rawValue) ?? .unspecified
        header.current = current.header
        header.acknowledged = acknowledged
        if let limits { header.limits = limits.header }
        if let configuration { payload.add("configuration", Array(configuration.utf8)[...]) }
    }
}
