import GRPO
import Tasks
import Testing

private typealias Action = RewardQueue.Action

private func items(_ serials: ClosedRange<UInt64>) -> [RewardQueue.Item] {
    serials.map { RewardQueue.Item(serial: $0, request: request("\($0)")) }
}

private func good(_ id: String) -> RewardAnswer { RewardAnswer(id: id, .rewards(["a": 1])) }

extension [RewardQueue.Action] {
    fileprivate var sent: [RewardSending] {
        flatMap { if case .send(let sendings) = $0 { sendings } else { [] as [RewardSending] } }
    }
    fileprivate var asked: [String] { sent.map(\.request.completion) }
    fileprivate var settled: [RewardQueue.Serial] {
        compactMap { if case .settle(let serial, _) = $0 { serial } else { nil } }
    }
}

@Suite("What a reward program is asked") struct RewardQueueTests {
    private func started(
        restarts: Int = 3, retries: Int = 0, batch: Int = 1
    ) -> RewardQueue {
        let limits = RewardLimits(
            item: .seconds(10), start: .seconds(60), restarts: restarts, retries: retries,
            pause: .seconds(1))
        var queue = RewardQueue(name: "it", limits: limits)
        #expect(queue.start(now: .zero) == [.start(after: .zero)])
        #expect(queue.deadline == .seconds(60))
        let hello = RewardHello(names: ["a"], batch: batch)
        #expect(queue.greeted(hello, now: .seconds(2)) == [.offer(["a"])])
        #expect(queue.deadline == nil)
        return queue
    }

    @Test("Items that were in flight together when it failed are asked again alone, uncharged")
    func suspects() {
        var queue = started()
        #expect(queue.submit(items(1...3), now: .seconds(3)).asked == ["1", "2", "3"])
        #expect(queue.answered(good("1"), now: .seconds(4)).settled == [1])
        let failure = queue.failed("it fell", now: .seconds(5))
        #expect(failure.settled.isEmpty && failure.first == .stop)
        #expect(failure.last == .start(after: .seconds(1)))
        #expect(queue.submit(items(4...4), now: .seconds(5)).isEmpty)
        let hello = RewardHello(names: ["a"])
        #expect(queue.greeted(hello, now: .seconds(6)).asked == ["2"])
        #expect(queue.answered(good("4"), now: .seconds(7)).asked == ["3"])
        // Now it was alone, so it is to blame, and the rest goes on.
        #expect(queue.failed("it fell", now: .seconds(8)).settled == [3])
        #expect(queue.greeted(hello, now: .seconds(9)).asked == ["4"])
    }

    @Test("A line of several has the time of all, and silence counts from the last answer")
    func deadlines() {
        var single = started()
        _ = single.submit(items(1...3), now: .seconds(3))
        #expect(single.deadline == .seconds(13))
        _ = single.answered(good("1"), now: .seconds(12))
        #expect(single.deadline == .seconds(22))
        #expect(single.tick(now: .seconds(21)).isEmpty)
        #expect(single.tick(now: .seconds(22)).first == .stop)
        var batched = started(batch: 4)
        let sent = batched.submit(items(1...6), now: .seconds(3)).sent
        #expect(sent.map(\.limit) == Array(repeating: .seconds(40), count: 4) + [.seconds(20), .seconds(20)])
        #expect(batched.deadline == .seconds(43))
    }

    @Test("Answers to others do not keep an item waiting for ever")
    func overdue() {
        var queue = started()
        _ = queue.submit(items(1...1), now: .zero)
        for second in 1...9 {
            let serial = UInt64(second) + 1
            _ = queue.submit(items(serial...serial), now: .seconds(second))
            _ = queue.answered(good("\(serial)"), now: .seconds(second))
        }
        #expect(queue.deadline == .seconds(10))
    }

    @Test("At most 256 items are in flight")
    func window() {
        var queue = started()
        #expect(queue.submit(items(1...300), now: .zero).sent.count == 256)
        #expect(queue.answered(good("9"), now: .zero).asked == ["257"])
    }

    @Test("Pauses double, and 16 good answers wipe the slate")
    func pauses() {
        var queue = started(restarts: 4)
        let hello = RewardHello(names: ["a"])
        var serial: UInt64 = 0
        for pause in [1, 2, 4, 8] {
            serial += 1
            _ = queue.submit(items(serial...serial), now: .zero)
            _ = queue.submit(items(serial + 100...serial + 100), now: .zero)
            #expect(queue.failed("it fell", now: .zero).last == .start(after: .seconds(pause)))
            for action in queue.greeted(hello, now: .zero).sent {
                _ = queue.answered(good(action.id), now: .zero)
            }
        }
        let more = queue.submit(items(1000...1020), now: .zero).sent
        for sending in more { _ = queue.answered(good(sending.id), now: .zero) }
        _ = queue.submit(items(2000...2001), now: .zero)
        #expect(queue.failed("it fell", now: .zero).last == .start(after: .seconds(1)))
    }

    @Test("A program that leaves while nothing is asked is started again when something is")
    func idle() {
        var queue = started()
        let end = queue.failed("it ended", now: .zero)
        #expect(end == [.stop, .note("it failed: it ended")])
        // The end of what was stopped is no second failure.
        #expect(queue.failed("it was ended by signal 9", now: .zero).isEmpty)
        #expect(queue.submit(items(1...1), now: .zero) == [.start(after: .seconds(1))])
        #expect(queue.greeted(RewardHello(names: ["a", "b"]), now: .zero).asked == ["1"])
    }

    @Test("A program that comes back with fewer functions has failed")
    func fewerFunctions() {
        var queue = started()
        _ = queue.failed("it ended", now: .zero)
        _ = queue.submit(items(1...1), now: .zero)
        let actions = queue.greeted(RewardHello(names: ["b"]), now: .zero)
        #expect(actions.contains(.note("it failed: its hello does not offer a as before")))
    }

    @Test("Whatever happens, every item is settled exactly once", arguments: 0..<40 as Range<UInt64>)
    func exactlyOnce(seed: UInt64) {
        var random = CounterRandom(seed: seed, stream: 1)
        var queue = started(restarts: 1_000_000, retries: Int(seed % 3), batch: 1 + Int(seed % 5))
        var (submitted, settled, inFlight): (UInt64, [UInt64], [String]) = (0, [], [])
        func draw(_ count: UInt64) -> UInt64 { random.next() % count }
        func note(_ actions: [RewardQueue.Action]) {
            settled += actions.settled
            if actions.contains(.stop) { inFlight = [] }
            inFlight += actions.sent.map(\.id)
        }
        for _ in 0..<2_000 {
            switch draw(8) {
            case 0 where submitted < 500:
                let count = 1 + draw(9)
                note(queue.submit(items(submitted + 1...submitted + count), now: .zero))
                submitted += count
            case 1 where draw(4) == 0: note(queue.failed("it fell", now: .zero))
            case 2 where draw(4) == 0: note(queue.answered(good("\(draw(1_000))"), now: .zero))
            case 3:
                guard let id = inFlight.first else { break }
                inFlight.removeFirst()
                note(queue.answered(RewardAnswer(id: id, .failure("odd")), now: .zero))
            default:
                note(queue.greeted(RewardHello(names: ["a"], batch: 2), now: .zero))
                guard !inFlight.isEmpty else { break }
                let id = inFlight.remove(at: Int(draw(UInt64(inFlight.count))))
                note(queue.answered(good(id), now: .zero))
            }
        }
        while settled.count < submitted {
            note(queue.greeted(RewardHello(names: ["a"]), now: .zero))
            guard let id = inFlight.popLast() else { break }
            note(queue.answered(good(id), now: .zero))
        }
        #expect(settled.sorted() == Array(1...submitted))
    }
}
