import Ports
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct MailboxTests {
    @Test("Elements come out in the order in which they went in")
    func order() async {
        let mailbox = Mailbox<Int>(capacity: 100)
        for value in 0..<100 { await mailbox.send(value) }
        for value in 0..<100 { #expect(await mailbox.next() == value) }
    }

    @Test("An offer never waits: it is refused when the mailbox is full or closed")
    func offer() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect(mailbox.offer(1))
        #expect(mailbox.offer(2))
        #expect(!mailbox.offer(3))
        #expect(await mailbox.next() == 1)
        #expect(mailbox.offer(4))
        mailbox.close()
        #expect(!mailbox.offer(5))
        #expect(await mailbox.next() == 2)
        #expect(await mailbox.next() == 4)
        #expect(await mailbox.next() == nil)
    }

    @Test("A sender gets no further ahead of the receiver than the capacity")
    func backPressure() async {
        let mailbox = Mailbox<Int>(capacity: 3)
        let sent = Counter()
        await withDiscardingTaskGroup { group in
            group.addTask {
                for value in 0..<2000 {
                    await mailbox.send(value)
                    sent.increment()
                }
            }
            for received in 0..<2000 {
                #expect(sent.value <= received + 3)
                #expect(await mailbox.next() == received)
            }
        }
    }

    @Test("Every one of several blocked senders is let in, however fast the receiver is")
    func noSenderIsForgotten() async {
        for _ in 0..<200 {
            let mailbox = Mailbox<Int>(capacity: 1)
            await withDiscardingTaskGroup { group in
                for value in 0..<6 { group.addTask { await mailbox.send(value) } }
                for _ in 0..<20 { await Task.yield() }
                var received: Set<Int> = []
                while received.count < 6, let value = await mailbox.next() {
                    received.insert(value)
                }
                #expect(received == Set(0..<6))
            }
        }
    }

    @Test("Many senders at once: nothing is lost or doubled, and each one's order is kept")
    func manySenders() async {
        let mailbox = Mailbox<(sender: Int, number: Int)>(capacity: 3)
        var last = [Int](repeating: -1, count: 8)
        await withDiscardingTaskGroup { group in
            for sender in 0..<8 {
                group.addTask { for number in 0..<1000 { await mailbox.send((sender, number)) } }
            }
            for _ in 0..<8000 {
                guard let (sender, number) = await mailbox.next() else { break }
                #expect(number == last[sender] + 1)
                last[sender] = number
            }
        }
        #expect(last == [Int](repeating: 999, count: 8))
        #expect(mailbox.drain(upTo: 1).isEmpty)
    }

    @Test("Draining takes what is there, up to a limit, and lets waiting senders in")
    func drain() async {
        let mailbox = Mailbox<Int>(capacity: 3)
        for value in 0..<3 { await mailbox.send(value) }
        #expect(mailbox.drain(upTo: -1).isEmpty)
        #expect(mailbox.drain(upTo: 0).isEmpty)
        #expect(mailbox.drain(upTo: 2) == [0, 1])
        #expect(mailbox.drain(upTo: 9) == [2])
        #expect(mailbox.drain(upTo: 9).isEmpty)

        for value in 0..<3 { await mailbox.send(value) }
        await withDiscardingTaskGroup { group in
            group.addTask { await mailbox.send(3) }
            var taken: [Int] = []
            while taken.count < 4 {
                taken += mailbox.drain(upTo: 2)
                await Task.yield()
            }
            #expect(taken == [0, 1, 2, 3])
        }
    }

    @Test("After closing, what was queued still comes out and nothing else does")
    func close() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        await mailbox.send(1)
        await mailbox.send(2)
        await withDiscardingTaskGroup { group in
            group.addTask { await mailbox.send(3) }  // finds no room, before the end or after it
            for _ in 0..<20 { await Task.yield() }
            mailbox.close()
        }
        await mailbox.send(4)
        #expect(await mailbox.next() == 1)
        #expect(await mailbox.next() == 2)
        #expect(await mailbox.next() == nil)
        mailbox.close()
        #expect(await mailbox.next() == nil)
    }

    @Test("Closing wakes a waiting receiver")
    func closeWakesReceiver() async {
        let mailbox = Mailbox<Int>(capacity: 1)
        async let received = mailbox.next()
        await Task.yield()
        mailbox.close()
        #expect(await received == nil)
    }

    @Test("A cancelled receiver gets nil, loses nothing, and leaves its place to the next")
    func cancellation() async {
        for _ in 0..<200 {
            let mailbox = Mailbox<Int>(capacity: 4)
            let receiver = Task { await mailbox.next() }
            await Task.yield()
            receiver.cancel()
            #expect(await receiver.value == nil)
            await mailbox.send(7)
            #expect(await mailbox.next() == 7)
        }
    }

    @Test(
        "An element sent while its receiver is being cancelled is received once, by it or the next")
    func cancellationRace() async {
        for _ in 0..<500 {
            let mailbox = Mailbox<Int>(capacity: 4)
            let receiver = Task { await mailbox.next() }
            async let delivery: Void = mailbox.send(1)
            receiver.cancel()
            let first = await receiver.value
            await delivery
            let rest = mailbox.drain(upTo: 4)
            #expect((first.map { [$0] } ?? []) + rest == [1])
        }
    }

    @Test("A second receiver at the same time is stopped at once")
    func oneReceiver() async {
        await #expect(processExitsWith: .failure) {
            let mailbox = Mailbox<Int>(capacity: 1)
            async let first = mailbox.next()
            async let second = mailbox.next()
            _ = await (first, second)
        }
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func increment() { count.add(1, ordering: .sequentiallyConsistent) }
}
