package import GRPO

/// GROUP: the answer to one lease.
package struct GroupDelivery: Hashable, Sendable {
    /// ≥ 1; this worker's groups are numbered without gaps within its incarnation.
    package var sequence: UInt64
    /// ≥ 1; the lease that this group answers.
    package var lease: UInt64
    package var group: Group

    package init(sequence: UInt64, lease: UInt64, group: Group) {
        self.sequence = sequence
        self.lease = lease
        self.group = group
    }
}

extension GroupDelivery: Command {
    init(_ header: ProtoGroup, payload: PayloadReader) throws(WireError) {
        try requirePresent(header.hasKey, "the key of a group")
        try requirePresent(header.hasVersion, "the version of a group")
        sequence = header.sequence
        lease = header.lease
        group = try Group(
            key: TicketKey(header.key), ordinal: header.ordinal,
            version: PolicyVersion(header.version),
            scoringFailure: header.hasScoringFailure ? header.scoringFailure : nil,
            payload: payload)
    }

    func check() throws(WireError) {
        try WireError.require(sequence > 0, "a GROUP has the sequence 0")
        try WireError.require(lease > 0, "a GROUP answers the lease 0")
        try group.checkForWire()
    }

    func describe(in header: inout ProtoGroup, payload: inout PayloadWriter) {
        header.sequence = sequence
        header.lease = lease
        header.key = group.key.header
        header.ordinal = group.ordinal
        header.version = group.version.header
        if let failure = group.scoringFailure { header.scoringFailure = failure }
        group.describe(in: &payload)
    }
}

/// HEARTBEAT of a worker.
package struct WorkerHeartbeat: Hashable, Sendable {
    /// Sequence of the last GROUP sent; 0: none.
    package var sequence: UInt64
    /// Highest sequence of a LEASE or DRAIN seen in this session; 0: none.
    package var acknowledged: UInt64
    package var heldLeases: Set<UInt64>
    package var freeSlots: UInt32
    /// The snapshot it has adopted and verified; `nil`: none yet.
    package var held: SnapshotReference?

    package init(
        sequence: UInt64, acknowledged: UInt64, heldLeases: Set<UInt64>, freeSlots: UInt32,
        held: SnapshotReference? = nil
    ) {
        self.sequence = sequence
        self.acknowledged = acknowledged
        self.heldLeases = heldLeases
        self.freeSlots = freeSlots
        self.held = held
    }
}

extension WorkerHeartbeat: Command {
    init(_ header: ProtoWorkerHeartbeat, payload: PayloadReader) throws(WireError) {
        sequence = header.sequence
        acknowledged = header.acknowledged
        heldLeases = try leases(header.heldLeases)
        freeSlots = header.freeSlots
        held = header.hasHeld ? try SnapshotReference(header.held) : nil
    }

    func check() throws(WireError) { try Wire.check(heldLeases: heldLeases) }

    func describe(in header: inout ProtoWorkerHeartbeat, payload: inout PayloadWriter) {
        header.sequence = sequence
        header.acknowledged = acknowledged
        header.heldLeases = heldLeases.sorted()
        header.freeSlots = freeSlots
        if let held { header.held = held.header }
    }
}

/// DRAINED: the worker holds no unanswered lease.
package struct Drained: Hashable, Sendable {
    /// Sequence of the last GROUP sent; 0: none.
    package var sequence: UInt64
    /// For a person; may be empty.
    package var reason: String

    package init(sequence: UInt64, reason: String) {
        self.sequence = sequence
        self.reason = reason
    }
}

extension Drained: Command {
    init(_ header: ProtoDrained, payload: PayloadReader) throws(WireError) {
        self.init(sequence: header.sequence, reason: header.reason)
    }

    func check() throws(WireError) { try WireError.check(string: reason, "a reason") }

    func describe(in header: inout ProtoDrained, payload: inout PayloadWriter) {
        header.sequence = sequence
        header.reason = reason
    }
}
