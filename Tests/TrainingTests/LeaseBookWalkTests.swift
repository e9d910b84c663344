import GRPO
import Ports
import Testing
import Training

@Suite(.timeLimit(.minutes(5))) struct LeaseBookWalkTests {
    @Test(
        "No key is ever consumed twice and everything is consumed, whatever happens on the way",
        arguments: 1...8 as ClosedRange<UInt64>)
    func randomWalk(seed: UInt64) {
        var walk = Walk(seed: seed)
        for _ in 0..<5000 { walk.step() }
        walk.finish()
        let accounting = walk.book.accounting
        #expect(accounting.isBalanced && accounting.leased == 0 && accounting.received == 0)
        #expect(accounting.consumed == Walk.groupsTotal)
        #expect(walk.consumed.count == Walk.groupsTotal)
        #expect(Set(walk.consumed.map(\.ordinal)) == Set(0..<UInt64(Walk.groupsTotal)))
        // The walk has been everywhere.
        #expect(accounting.reissued > 0 && accounting.duplicateCopies > 0 && accounting.lateCopies > 0)
        #expect(accounting.malformedCopies > 0 && accounting.unknownCopies > 0)
        #expect(accounting.dropped["bad_reward", default: 0] > 0)
        #expect(accounting.dropped["stale", default: 0] > 0)
    }
}

/// A learner and five workers that forget, die, answer late, twice, wrongly, and not at all.
private struct Walk {
    static let groupsTotal = 1200
    var book = LeaseBook()
    var random: CounterRandom
    var now = Duration.zero
    /// All leases that a worker was ever given and may still answer, valid or not.
    var inHands: [(worker: WorkerID, lease: Lease)] = []
    var received: [Group] = []
    var journaled: [Group] = []
    var consumed: [Group] = []
    var consumedKeys: Set<TicketKey> = []
    var current: UInt64 = 0
    let workers = ["a", "b", "c", "d", "e"].map { WorkerID(name: $0, incarnation: 1) }

    init(seed: UInt64) { random = CounterRandom(seed: seed, stream: 0x7761_6C6B) }

    mutating func step() {
        now += .milliseconds(Int.random(in: 0..<300, using: &random))
        let worker = workers.randomElement(using: &random)!
        switch Int.random(in: 0..<100, using: &random) {
        case ..<25: grant(worker)
        case ..<60: push()
        case ..<63: book.lose(worker)
        case ..<68: _ = book.expire(now: now)
        case ..<70: book.extendDeadlines(by: .seconds(2))
        case ..<78: discard()
        case ..<92: consume()
        case ..<93: revoke()
        case ..<96: pushMalformed()
        default: pushUnknown(worker)
        }
        check()
    }

    private mutating func grant(_ worker: WorkerID) {
        let room = Self.groupsTotal - book.accounting.consumed
        let version = current
        let leases = book.grant(
            to: worker, slots: Int.random(in: 0...4, using: &random), inFlightMax: min(16, room),
            now: now
        ) { makeTicket(ordinal: $0, attempt: $1, version: version) }
        inHands += leases.map { (worker, $0) }
    }

    /// A worker answers, and usually forgets the ticket then; else the same answer comes once more.
    private mutating func push() {
        guard let index = inHands.indices.randomElement(using: &random) else { return }
        let (worker, lease) = inHands[index]
        let group = answer(lease.ticket)
        book.answered(lease.id, by: worker)
        if Int.random(in: 0..<10, using: &random) > 0 { inHands.remove(at: index) }
        if book.receive(group) == nil { received.append(group) }
    }

    private mutating func discard() {
        if Bool.random(using: &random), let index = journaled.indices.randomElement(using: &random) {
            _ = book.discard(journaled.remove(at: index), cause: .stale)
        }
        guard let index = received.indices.randomElement(using: &random) else { return }
        _ = book.discard(received.remove(at: index), cause: .badReward)
    }

    private mutating func consume() {
        let durable = received.prefix(Int.random(in: 0...4, using: &random))
        for group in durable { book.settle(group) }
        journaled += durable
        received.removeFirst(durable.count)
        journaled.shuffle(using: &random)
        let batch = Array(journaled.prefix(Int.random(in: 1...4, using: &random)))
        journaled.removeFirst(batch.count)
        book.consume(batch)
        consumed += batch
        for group in batch {
            #expect(consumedKeys.insert(group.key).inserted, "\(group.key) was consumed twice")
        }
    }

    private mutating func revoke() {
        current += 1
        _ = book.revoke(namingBefore: current)
    }

    private mutating func pushMalformed() {
        guard let (worker, lease) = inHands.randomElement(using: &random) else { return }
        book.answered(lease.id, by: worker)
        book.refuseCopy(answer(lease.ticket), from: worker)
    }

    private mutating func pushUnknown(_ worker: WorkerID) {
        let ordinal = book.firstUnissued + UInt64.random(in: 0..<10, using: &random)
        #expect(book.receive(answer(makeTicket(ordinal: ordinal))) == .dropped(.unknownTicket))
    }

    private func check() {
        let accounting = book.accounting
        #expect(accounting.isBalanced)
        #expect(accounting.received == received.count && accounting.consumed == consumed.count)
        #expect(accounting.journaled == journaled.count)
        #expect(book.inFlight == accounting.leased + accounting.received + accounting.journaled)
        // Nothing fills a slot but what its worker may still answer.
        for worker in workers {
            #expect(book.leaseCount(of: worker) <= inHands.count { $0.worker == worker })
        }
        // Every place passed over is consumed or pending.
        #expect(Int(book.firstUnissued) == consumed.count + book.pending.count)
    }

    /// The calm after the storm: everyone is honest until all is consumed.
    mutating func finish() {
        for _ in 0..<10_000 where book.accounting.consumed < Self.groupsTotal {
            now += .seconds(20)
            _ = book.expire(now: now)
            grant(workers[0])
            while !inHands.isEmpty { push() }
            consume()
            check()
        }
    }
}
