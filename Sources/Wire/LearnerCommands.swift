/// HEARTBEAT of the learner to one worker.
package struct LearnerHeartbeat: Hashable, Sendable {
    /// Sequence of the last LEASE or DRAIN sent in this session; 0: none.
    package var sequence: UInt64
    /// Highest worker sequence up to which every group has a verdict; 0: none.
    package var acknowledged: UInt64
    /// Leases that the learner counts as this worker's.
    package var heldLeases: Set<UInt64>
    /// The newest snapshot.
    package var current: SnapshotReference

    package init(
        sequence: UInt64, acknowledged: UInt64, heldLeases: Set<UInt64>, current: SnapshotReference
    ) {
        self.sequence = sequence
        self.acknowledged = acknowledged
        self.heldLeases = heldLeases
        self.current = current
    }
}

extension LearnerHeartbeat: Command {
    init(_ header: ProtoLearnerHeartbeat, payload: PayloadReader) throws(WireError) {
        try requirePresent(header.hasCurrent, "the current snapshot")
        self.init(
            sequence: header.sequence, acknowledged: header.acknowledged,
            heldLeases: try leases(header.heldLeases),
            current: try SnapshotReference(header.current))
    }

    func check() throws(WireError) { try Wire.check(heldLeases: heldLeases) }

    func describe(in header: inout ProtoLearnerHeartbeat, payload: inout PayloadWriter) {
        header.sequence = sequence
        header.acknowledged = acknowledged
        header.heldLeases = heldLeases.sorted()
        header.current = current.header
    }
}

/// How a worker should come to its end.
package enum DrainMode: Int, Sendable, CaseIterable {
    /// Answer the leases it holds and take no more.
    case finish = 1
    /// Give the leases up now.
    case stop = 2
}

/// DRAIN: the learner asks a worker to leave.
package struct Drain: Hashable, Sendable {
    /// ≥ 1; the learner's LEASEs and DRAINs are numbered within a session.
    package var sequence: UInt64
    package var mode: DrainMode
    /// For a person; may be empty.
    package var reason: String

    package init(sequence: UInt64, mode: DrainMode, reason: String) {
        self.sequence = sequence
        self.mode = mode
        self.reason = reason
    }
}

extension Drain: Command {
    init(_ header: ProtoDrain, payload: PayloadReader) throws(WireError) {
        guard let mode = DrainMode(rawValue: header.mode.rawValue) else {
            throw WireError(.badField, "a DRAIN has the mode \(header.mode.rawValue)")
        }
        self.init(sequence: header.sequence, mode: mode, reason: header.reason)
    }

    func check() throws(WireError) {
        try WireError.require(sequence > 0, "a DRAIN has the sequence 0")
        try WireError.check(string: reason, "a reason")
    }

    func describe(in header: inout ProtoDrain, payload: inout PayloadWriter) {
        header.sequence = sequence
        header.mode = .init(rawValue: mode.rawValue) ?? .unspecified
        header.reason = reason
    }
}
