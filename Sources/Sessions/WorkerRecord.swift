internal import GRPO
internal import Wire

/// What the learner remembers of one incarnation of one worker, through all its sessions.
struct WorkerRecord: Sendable {
    /// A lease that counts as this worker's and that no group has answered.
    struct Granted: Hashable {
        var ticket: LeasedTicket
        var delivery: Delivery

        enum Delivery: Hashable {
            case unsent
            /// In the LEASE of this sequence, in this session.
            case sent(sequence: UInt64, at: Duration)
            /// HELLO named it.
            case confirmed
        }

        func isSeen(_ seen: UInt64) -> Bool {
            switch delivery {
            case .unsent: false
            case .sent(let sequence, _): sequence <= seen
            case .confirmed: true
            }
        }

        /// Whether it was sent longer than `patience` ago and has not been seen.
        func isOverdue(seen: UInt64, after patience: Duration, now: Duration) -> Bool {
            guard case .sent(let sequence, let at) = delivery else { return delivery == .unsent }
            return sequence > seen && now - at >= patience
        }
    }

    let identity: WorkerIdentity
    var address: PeerAddress
    /// What is spoken in this session.
    var version = ProtocolVersion.oldest
    /// The key of the connection by which HELLO came; `nil`: the socket asks for none.
    var key: PeerKey?
    /// Whether there is a session.
    var isLive = false
    var lastHeard: Duration
    var nextHeartbeat: Duration
    /// Of the last LEASE or DRAIN in this session.
    var sequence: UInt64 = 0
    /// Highest of those that the worker has seen.
    var seen: UInt64 = 0
    /// Leases that the worker may hold at one time, as far as it has said.
    var slots: Int?
    /// Leases that both sides allow.
    var slotsMax = WireLimits.heldLeases
    /// Whether the learner has been told of `slots` in this session.
    var isOffered = false
    var granted: [UInt64: Granted] = [:]
    /// Leases that were this worker's and are free again: its groups may still be the first.
    var former: Set<UInt64> = []
    /// Versions that the worker has reported with the right digest.
    var reported: Set<PolicyVersion> = []
    /// The last of them, which most heartbeats repeat.
    var lastReported: SnapshotReference?
    var window: GroupWindow
    /// A group of it was invalid: it gets no more leases, whether or not it has heard the verdict.
    var isBarred = false
    var drain: UInt64?
    var isDrained = false

    init(
        _ identity: WorkerIdentity, at address: PeerAddress, acknowledged: UInt64, now: Duration
    ) {
        self.identity = identity
        self.address = address
        lastHeard = now
        nextHeartbeat = now
        window = GroupWindow(acknowledged: acknowledged)
    }

    /// A HELLO was accepted. `slotsMax`: the leases that this run gives one worker.
    mutating func open(
        _ hello: Hello, in version: ProtocolVersion, at address: PeerAddress, proof: PeerProof,
        slotsMax: Int, now: Duration
    ) {
        self.address = address
        self.version = version.common(with: .current)
        self.slotsMax = min(slotsMax, hello.limits?.heldLeases ?? WireLimits.heldLeases)
        if case .key(let key) = proof { self.key = key }
        isLive = true
        lastHeard = now
        (sequence, seen) = (0, 0)
        (drain, isDrained) = (nil, false)
        isOffered = false
        for lease in granted.keys {
            granted[lease]?.delivery = hello.heldLeases.contains(lease) ? .confirmed : .unsent
        }
        former.formIntersection(hello.heldLeases)
    }

    /// The session is over and the leases are free.
    mutating func close() {
        isLive = false
        former.formUnion(granted.keys)
        granted = [:]
    }

    /// Takes what HELLO and HEARTBEAT say of leases. Answers with the leases that the worker has
    /// had and holds no more.
    mutating func update(held: Set<UInt64>, acknowledged: UInt64) -> [UInt64] {
        seen = max(seen, min(acknowledged, sequence))
        let free = granted.compactMap { lease, grant in
            grant.isSeen(seen) && !held.contains(lease) ? lease : nil
        }
        for lease in free { granted[lease] = nil }
        return free.sorted()
    }

    /// Slots as the learner should know them, if that is news. A worker that has more leases than
    /// slots, because some expired and were replaced, does not thereby get more slots.
    mutating func update(held: Int, free: UInt32) -> Int? {
        let wanted = free > 0 ? held + Int(free) : min(slots ?? held, held)
        let total = min(wanted, slotsMax)
        guard total != slots || !isOffered else { return nil }
        slots = total
        isOffered = true
        return total
    }

    /// A lease of a session before, which filled a slot without the learner's knowing, is answered.
    mutating func freeSlot() -> Int? {
        guard let known = slots, isOffered, known < slotsMax else { return nil }
        slots = known + 1
        return slots
    }
}
