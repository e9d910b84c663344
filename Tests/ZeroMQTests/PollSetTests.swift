import Testing
import ZeroMQ

@Suite("PollSet, with integers as waiters")
struct PollSetTests {
    let start = ContinuousClock.now
    let a = SocketID(number: 1)
    let b = SocketID(number: 2)
    let bell = Doorbell.ID(number: 3)

    func entry(
        _ waiter: Int, _ interests: [Interest], after delay: Duration? = nil, _ reason: String = "r"
    ) -> PollSet<Int>.Entry {
        .init(
            waiter: waiter, interests: interests, deadline: delay.map { start + $0 },
            reason: reason, since: start)
    }

    func wait(_ number: UInt64) -> WaitID { WaitID(number: number) }

    @Test("An empty set has nothing to poll, no deadline and nobody to fire")
    func empty() {
        var set = PollSet<Int>()
        #expect(set.isEmpty && set.count == 0 && set.nextDeadline == nil && set.interests.isEmpty)
        #expect(set.fire([.readable(a)]).isEmpty)
        #expect(set.expire(at: start).isEmpty)
        #expect(set.removeAll().isEmpty)
    }

    @Test("A ready socket fires its waiter once, and only in the direction waited for")
    func firesOnce() throws {
        var set = PollSet<Int>()
        try set.add(entry(10, [.readable(a)]), as: wait(1))
        #expect(set.fire([.writable(a), .readable(b)]).isEmpty)
        #expect(set.fire([.readable(a)]).map(\.waiter) == [10])
        #expect(set.fire([.readable(a)]).isEmpty)
        #expect(set.isEmpty && set.interests.isEmpty)
    }

    @Test(
        "A waiter with several interests is fired once, with all that are ready")
    func firesSeveral() throws {
        var set = PollSet<Int>()
        try set.add(entry(10, [.rung(bell), .readable(b), .readable(a)]), as: wait(1))
        let fired = set.fire([.readable(a), .readable(b)])
        #expect(fired.count == 1)
        #expect(fired.first?.ready == [.readable(b), .readable(a)])
        #expect(set.interests.isEmpty)
    }

    @Test("Waiters fire in the order of waiting")
    func firesInOrder() throws {
        var set = PollSet<Int>()
        try set.add(entry(30, [.writable(a)]), as: wait(3))
        try set.add(entry(10, [.readable(b)]), as: wait(1))
        try set.add(entry(20, [.readable(a)]), as: wait(2))
        #expect(set.pending.map(\.waiter) == [10, 20, 30])
        let fired = set.fire([.readable(a), .writable(a), .readable(b)])
        #expect(fired.map(\.waiter) == [10, 20, 30])
    }

    @Test("The two directions of a socket may have different waiters")
    func directions() throws {
        var set = PollSet<Int>()
        try set.add(entry(10, [.readable(a)]), as: wait(1))
        try set.add(entry(20, [.writable(a)]), as: wait(2))
        #expect(set.fire([.writable(a)]).map(\.waiter) == [20])
        #expect(set.count == 1)
    }

    @Test("A second waiter for one interest is refused, and the set stays as it was")
    func conflict() throws {
        var set = PollSet<Int>()
        try set.add(entry(10, [.readable(a)], "the first"), as: wait(1))
        #expect(throws: PollSet<Int>.Conflict.self) {
            try set.add(entry(20, [.readable(b), .readable(a)]), as: wait(2))
        }
        do {
            try set.add(entry(20, [.readable(a)]), as: wait(2))
        } catch {
            #expect(error.interest == .readable(a) && error.reason == "the first")
        }
        #expect(set.count == 1)
        // The interest that came before the conflict was not kept.
        try set.add(entry(30, [.readable(b)]), as: wait(3))
        #expect(set.fire([.readable(a), .readable(b)]).map(\.waiter) == [10, 30])
    }

    @Test("An interest named twice counts once")
    func duplicateInterest() throws {
        var set = PollSet<Int>()
        try set.add(entry(10, [.readable(a), .readable(a)]), as: wait(1))
        #expect(set.interests.count == 1)
        #expect(set.fire([.readable(a)]).count == 1)
        #expect(set.isEmpty)
    }

    @Test("Deadlines expire when reached, the earliest first, and not before")
    func deadlines() throws {
        var set = PollSet<Int>()
        try set.add(entry(10, [.readable(a)], after: .seconds(2)), as: wait(1))
        try set.add(entry(20, [], after: .seconds(1)), as: wait(2))
        try set.add(entry(30, [.readable(b)]), as: wait(3))
        #expect(set.nextDeadline == start + .seconds(1))
        #expect(set.expire(at: start + .milliseconds(999)).isEmpty)
        #expect(set.expire(at: start + .seconds(1)) == [20])
        #expect(set.nextDeadline == start + .seconds(2))
        #expect(set.expire(at: start + .seconds(5)) == [10])
        #expect(set.nextDeadline == nil && set.count == 1)
    }

    @Test("Equal deadlines expire in the order of waiting")
    func equalDeadlines() throws {
        var set = PollSet<Int>()
        for number in (1...20).reversed() {
            try set.add(entry(number, [], after: .seconds(1)), as: wait(UInt64(number)))
        }
        #expect(set.expire(at: start + .seconds(1)) == Array(1...20))
    }

    @Test("A cancelled waiter is taken out by its id, once, and frees its interests")
    func cancellation() throws {
        var set = PollSet<Int>()
        try set.add(entry(10, [.readable(a), .writable(a)]), as: wait(1))
        #expect(set.remove(wait(2)) == nil)
        #expect(set.remove(wait(1)) == 10)
        #expect(set.remove(wait(1)) == nil)
        #expect(set.interests.isEmpty)
        try set.add(entry(20, [.readable(a)]), as: wait(2))
    }

    @Test("Closing a socket takes out its waiters of both directions, and nobody else")
    func closing() throws {
        var set = PollSet<Int>()
        try set.add(entry(10, [.readable(b)]), as: wait(1))
        try set.add(entry(20, [.writable(a), .rung(bell)]), as: wait(2))
        try set.add(entry(30, [.readable(a), .writable(b)]), as: wait(3))
        #expect(set.removeAll(on: a) == [20, 30])
        #expect(set.pending.map(\.waiter) == [10])
        #expect(Set(set.interests) == [.readable(b)])
    }

    @Test("Random sequences agree with a list that is searched from end to end")
    func model() throws {
        var random = SystemRandomNumberGenerator()
        let all: [Interest] = [.readable(a), .writable(a), .readable(b), .writable(b), .rung(bell)]
        for _ in 0..<200 {
            var set = PollSet<Int>()
            var list: [(id: UInt64, interests: Set<Interest>)] = []
            for number in UInt64(1)...60 {
                let some = Set(all.shuffled(using: &random).prefix(Int.random(in: 1...3)))
                if Bool.random(using: &random) {
                    let isFree = list.allSatisfy { $0.interests.isDisjoint(with: some) }
                    let isAdded =
                        (try? set.add(entry(Int(number), Array(some)), as: wait(number))) != nil
                    #expect(isFree == isAdded)
                    if isFree { list.append((number, some)) }
                } else {
                    let fired = set.fire(some)
                    let expected = list.filter { !$0.interests.isDisjoint(with: some) }
                    #expect(fired.map(\.waiter) == expected.map { Int($0.id) })
                    #expect(
                        fired.map { Set($0.ready) }
                            == expected.map { $0.interests.intersection(some) })
                    list.removeAll { !$0.interests.isDisjoint(with: some) }
                }
                #expect(
                    Set(set.interests) == list.reduce(into: Set()) { $0.formUnion($1.interests) })
            }
        }
    }
}
