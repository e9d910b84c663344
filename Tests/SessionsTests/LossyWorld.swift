import GRPO
import Sessions
import Testing
import Wire

/// SplitMix64: the same seed gives the same world.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// True `percent` times out of a hundred.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// A learner, some workers and a network that loses, repeats, delays and reorders frames between
/// them, under virtual time; now and then one of them is killed and started again.
struct LossyWorld {
    struct Faults {
        var lossPercent = 10
        var repeatPercent = 10
        /// Frames arrive up to this much later than sent, so they overtake each other.
        var delayMax: Duration = .milliseconds(800)
        /// Per thousand ticks.
        var workerDeaths = 2
        var learnerDeaths = 1
    }

    struct Frame {
        var bytes: [UInt8]
        /// Which worker's connection, and the lives of both ends: a frame dies with its connection.
        var worker: Int
        var toLearner: Bool
        var lives: [Int]
        var due: Duration
    }

    struct Worker {
        var session: WorkerSession
        var life = 1
        /// Leases being answered, and when they will be.
        var busy: [(lease: LeasedTicket, due: Duration)] = []
    }

    static let tick: Duration = .milliseconds(100)
    static let limit: Duration = .seconds(3_600)

    let faults: Faults
    let ticketCount: Int
    var random: SeededRandom
    var now: Duration = .zero
    var network: [Frame] = []
    var workers: [Worker] = []
    var learner: LearnerSession
    var learnerLife = 1
    var book: Book
    /// Leases whose group was delivered in this life of the learner.
    var delivered: Set<UInt64> = []
    var restarts = 0

    init(seed: UInt64, workers count: Int, tickets: Int, faults: Faults = Faults()) {
        self.faults = faults
        ticketCount = tickets
        random = SeededRandom(state: seed)
        learner = LearnerSession(terms(incarnation: 1))
        book = Book(tickets: tickets)
        for index in 0..<count {
            workers.append(Worker(session: Self.session(index, life: 1, now: .zero)))
        }
        perform(learner.setCurrent(reference(0), now: .zero))
    }

    static func session(_ index: Int, life: Int, now: Duration) -> WorkerSession {
        WorkerSession(
            WorkerIdentity(name: "w\(index)", incarnation: UInt64(life)), numerics: "n", slots: 3,
            timing: WorkerTiming(reconnectDeadline: .seconds(120)), now: now,
            sha256: { fakeDigest($0) })
    }

    // MARK: Running

    /// Runs until every ticket is accepted and every worker has left.
    mutating func run() throws {
        while !book.isComplete, now < Self.limit { try step(mayKill: true) }
        try #require(book.isComplete, "\(book.open.count) groups never came")
        perform(learner.drain(reason: "done"))
        let deadline = now + .seconds(60)
        while !learner.isDrained, now < deadline { try step(mayKill: false) }
        #expect(learner.isDrained, "the drain did not end")
        perform(learner.close(.finished, reason: "done"))
        let end = now + .seconds(300)
        while workers.contains(where: { !$0.hasEnded }), now < end { try step(mayKill: false) }
        #expect(!workers.contains { !$0.hasEnded }, "a worker did not end")
    }

    private mutating func step(mayKill: Bool) throws {
        now += Self.tick
        if mayKill { kill() }
        let due = network.filter { $0.due <= now }.sorted { $0.due < $1.due }
        network.removeAll { $0.due <= now }
        for frame in due { try deliver(frame) }
        perform(learner.tick(now: now))
        for index in workers.indices { try work(index, isSupervised: mayKill) }
        if mayKill { grant() }
    }

    private mutating func kill() {
        for index in workers.indices
        where Int.random(in: 0..<1_000, using: &random) < faults.workerDeaths { restart(index) }
        guard Int.random(in: 0..<1_000, using: &random) < faults.learnerDeaths else { return }
        learnerLife += 1
        restarts += 1
        learner = LearnerSession(terms(incarnation: UInt32(learnerLife)))
        delivered = []
        book.restart()
        perform(learner.setCurrent(reference(0, incarnation: UInt32(learnerLife)), now: now))
    }

    private mutating func restart(_ index: Int) {
        let life = workers[index].life + 1
        restarts += 1
        workers[index] = Worker(session: Self.session(index, life: life, now: now), life: life)
    }

    // MARK: The network

    private mutating func send(_ bytes: [UInt8], worker: Int, toLearner: Bool) {
        let copies =
            random.chance(faults.lossPercent) ? 0 : random.chance(faults.repeatPercent) ? 2 : 1
        for _ in 0..<copies {
            let delay = faults.delayMax * Int.random(in: 1...1_000, using: &random) / 1_000
            network.append(
                Frame(
                    bytes: bytes, worker: worker, toLearner: toLearner,
                    lives: [learnerLife, workers[worker].life], due: now + delay))
        }
    }

    private mutating func deliver(_ frame: Frame) throws {
        let index = frame.worker
        guard frame.lives == [learnerLife, workers[index].life] else { return }
        if frame.toLearner {
            let message = try WorkerMessage(frame: frame.bytes)
            perform(learner.receive(message, from: address(of: index), now: now))
        } else {
            let message = try LearnerMessage(frame: frame.bytes)
            try perform(workers[index].session.receive(message, now: now), index)
        }
    }

    /// Of one life of a worker: its routing id.
    private func address(of index: Int) -> PeerAddress {
        PeerAddress([
            UInt8(index), UInt8(workers[index].life % 256), UInt8(workers[index].life / 256),
        ])
    }

    // MARK: The learner

    private mutating func perform(_ actions: [LearnerSession.Action]) {
        for action in actions {
            switch action {
            case .send(let command, let peer):
                let index = Int(peer.bytes[0])
                guard peer == address(of: index) else { continue }
                let message = LearnerMessage(incarnation: UInt32(learnerLife), command)
                guard let bytes = try? message.encode() else {
                    Issue.record("\(message.type) cannot be encoded")
                    continue
                }
                send(bytes, worker: index, toLearner: false)
            case .ready(let worker, let slots): book.slots[worker] = slots
            case .group(let group, let lease, let worker):
                #expect(delivered.insert(lease).inserted, "lease \(lease) was delivered twice")
                let outcome = book.receive(group)
                perform(learner.answer(outcome, lease: lease, worker: worker))
            case .released(let leases, _): book.free(leases)
            case .lost(let worker, _): book.lose(worker)
            case .forget: break
            }
        }
    }

    private mutating func grant() {
        for (worker, leases) in book.grants(now: now, incarnation: UInt32(learnerLife)) {
            perform(learner.grant(leases, to: worker, now: now))
        }
    }

    // MARK: A worker

    /// A supervisor starts a worker again that gave up, as long as the run goes on.
    private mutating func work(_ index: Int, isSupervised: Bool) throws {
        try perform(workers[index].session.tick(now: now), index)
        if case .failed(let failure) = workers[index].session.phase {
            guard case .lost = failure else {
                Issue.record("w\(index) failed: \(failure)")
                return
            }
            if isSupervised { restart(index) }
        }
        for lease in workers[index].session.takeLeases(upTo: 1) {
            let time = Duration.milliseconds(Int.random(in: 50...3_000, using: &random))
            workers[index].busy.append((lease, now + time))
        }
        let done = workers[index].busy.filter { $0.due <= now }
        workers[index].busy.removeAll { $0.due <= now }
        for (lease, _) in done { try push(lease, index) }
    }

    private mutating func push(_ lease: LeasedTicket, _ index: Int) throws {
        let version = lease.ticket.version
        let snapshot = reference(version.number, incarnation: version.incarnation)
        try perform(workers[index].session.adopt(snapshot, now: now), index)
        let session = workers[index].session
        let delivery = GroupDelivery(
            sequence: session.nextNumbering.sequence, lease: lease.lease,
            group: answer(lease.ticket))
        let bytes = try WorkerMessage(
            incarnation: session.identity.incarnation, .group(delivery)
        ).encode()
        let push = workers[index].session.push(
            bytes, lease: lease.lease, numbering: session.nextNumbering, now: now)
        if case .sent(let actions) = push { try perform(actions, index) }
    }

    private mutating func perform(_ actions: [WorkerSession.Action], _ index: Int) throws {
        for action in actions {
            switch action {
            case .send(let command):
                let incarnation = workers[index].session.identity.incarnation
                let message = WorkerMessage(incarnation: incarnation, command)
                send(try message.encode(), worker: index, toLearner: true)
            case .sendGroup(let bytes): send(bytes, worker: index, toLearner: true)
            case .wake: break
            }
        }
    }
}

extension LossyWorld.Worker {
    /// It left, or it has been without a learner for too long.
    var hasEnded: Bool {
        switch session.phase {
        case .ended, .failed: true
        case .connecting, .live, .draining: false
        }
    }
}

/// The learner's books, as simple as they can be: which ticket is where.
struct Book {
    struct Out {
        var worker: WorkerIdentity
        var ordinal: UInt64
        var deadline: Duration
    }

    var slots: [WorkerIdentity: Int] = [:]
    /// Not accepted yet.
    var open: Set<UInt64>
    var out: [UInt64: Out] = [:]
    var nextLease: UInt64 = 1
    var accepted: [UInt64: Int] = [:]
    var duplicates = 0

    init(tickets: Int) { open = Set(0..<UInt64(tickets)) }

    var isComplete: Bool { open.isEmpty }

    mutating func receive(_ group: Group) -> Outcome {
        out = out.filter { $0.value.ordinal != group.ordinal }
        guard open.remove(group.ordinal) != nil else {
            duplicates += 1
            return .duplicate
        }
        accepted[group.ordinal, default: 0] += 1
        return .accepted(durable: false)
    }

    mutating func free(_ leases: [UInt64]) { for lease in leases { out[lease] = nil } }

    mutating func lose(_ worker: WorkerIdentity) {
        slots[worker] = nil
        out = out.filter { $0.value.worker != worker }
    }

    mutating func restart() {
        slots = [:]
        out = [:]
        nextLease = 1
    }

    mutating func grants(
        now: Duration, incarnation: UInt32
    ) -> [(WorkerIdentity, [(id: UInt64, ticket: Ticket)])] {
        out = out.filter { $0.value.deadline > now }
        var waiting = open.subtracting(out.values.map(\.ordinal)).sorted()[...]
        return slots.sorted { $0.key.name < $1.key.name }.compactMap { worker, slots in
            let held = out.values.count { $0.worker == worker }
            let leases = waiting.prefix(max(0, slots - held)).map { ordinal in
                defer { nextLease += 1 }
                out[nextLease] = Out(worker: worker, ordinal: ordinal, deadline: now + .seconds(60))
                return (id: nextLease, ticket: ticket(ordinal, incarnation: incarnation))
            }
            waiting = waiting.dropFirst(leases.count)
            return leases.isEmpty ? nil : (worker, leases)
        }
    }
}
