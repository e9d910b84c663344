package import GRPO
package import Wire

/// The learner's side of 1/ROLLOUT for all workers: messages, calls and time in, actions out. No
/// socket and no clock; `now` is any monotonic time.
///
/// It promises the learner that a group is delivered at most once for each sequence of each worker,
/// and the worker that every group gets a verdict as long as the learner gives one.
package struct LearnerSession: Sendable {
    /// What to do, in order.
    package enum Action: Hashable, Sendable {
        case send(LearnerCommand, to: PeerAddress)
        /// The worker may hold up to `slots` leases.
        case ready(WorkerIdentity, slots: Int)
        case group(Group, lease: UInt64, from: WorkerIdentity)
        /// The worker lives but has given these leases up.
        case released([UInt64], by: WorkerIdentity)
        /// The worker's session is over; its leases are free.
        case lost(WorkerIdentity, cause: String)
        /// Nothing more is to be sent there.
        case forget(PeerAddress)
    }

    struct EarlyHello: Sendable {
        var message: WorkerMessage
        var proof: PeerProof
    }

    enum Phase: Hashable {
        case open
        case draining(reason: String)
        case closed
    }

    package let terms: LearnerTerms
    package internal(set) var counters = LearnerCounters()
    var phase = Phase.open
    var current: SnapshotReference?
    /// Of every version published by this incarnation.
    var digests: [PolicyVersion: ContentDigest] = [:]
    /// One for each worker that is known.
    var records: [WorkerRecord] = []
    var places = WorkerPlaces()
    /// Workers with a session.
    package internal(set) var liveCount = 0
    /// Of workers with a session. Never later than what is really due: that only moves into the future.
    var deadlines = Deadlines()
    /// HELLOs from before the first snapshot, which WELCOME has to name.
    var early: [PeerAddress: EarlyHello] = [:]
    /// Who was told STOPPING during the drain and should hear GOODBYE.
    var turnedAway: Set<PeerAddress> = []

    package init(_ terms: LearnerTerms) { self.terms = terms }

    /// What is spoken with a peer. Whoever has no session is told what everyone understands.
    package func version(with peer: PeerAddress) -> ProtocolVersion {
        places.place(at: peer).map { records[$0].version } ?? .oldest
    }

    // MARK: What the learner asks for

    /// A snapshot was published: it can be fetched from now on. All workers are told at once, so
    /// that its digest is there before the first lease that names it.
    package mutating func setCurrent(_ reference: SnapshotReference, now: Duration) -> [Action] {
        current = reference
        digests[reference.version] = reference.digest
        // In the order of addresses, so that the same events give the same actions in every process.
        let waiting = early.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
        early = [:]
        let heartbeats = livePlaces.map { heartbeat(to: $0, reference, now: now) }
        return heartbeats
            + waiting.flatMap { address, hello in
                receive(hello.message, from: address, proof: hello.proof, now: now)
            }
    }

    /// Hands leases to a worker. Without a session of that worker nothing happens: the learner has
    /// heard, or is about to hear, that it is gone.
    package mutating func grant(
        _ leases: [(id: UInt64, ticket: Ticket)], to worker: WorkerIdentity, now: Duration
    ) -> [Action] {
        guard let place = place(of: worker), records[place].isLive else { return [] }
        return grant(leases, at: place, now: now)
    }

    mutating func grant(
        _ leases: [(id: UInt64, ticket: Ticket)], at place: Int, now: Duration
    ) -> [Action] {
        guard phase == .open else { return [] }
        records[place].grant(leases, for: terms.leaseDuration)
        return records[place].sendLeases(now: now) { $0.delivery == .unsent }
    }

    /// The verdict on the group that answered `lease`.
    package mutating func answer(
        _ outcome: Outcome, lease: UInt64, worker: WorkerIdentity
    ) -> [Action] {
        reply([.verdict(outcome, lease: lease, worker: worker)], now: .zero)
    }

    func acknowledge(_ place: Int, _ verdicts: [Verdict]) -> Action {
        let ack = Acknowledgement(acknowledged: records[place].window.acknowledged, verdicts: verdicts)
        return .send(.ack(ack), to: records[place].address)
    }
}
