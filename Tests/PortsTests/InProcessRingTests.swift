import GRPO
import Ports
import Testing

@Suite(.timeLimit(.minutes(1))) struct InProcessRingTests {
    private let ada = WorkerID(name: "ada", incarnation: 1)

    @Test("A worker that joins announces its slots, and its groups arrive in order")
    func joinAndPush() async throws {
        let ring = InProcessRing(configuration: configuration)
        let end = await ring.join(ada, slots: 3)
        #expect(end.configuration() == configuration)
        guard case .ready(let worker, slots: 3) = try await ring.next() else {
            Issue.record("the first event is the worker's")
            return
        }
        #expect(worker == ada)
        for id in 1...3 as ClosedRange<Lease.ID> {
            try await end.push(group(answering: lease(id).ticket), lease: id)
        }
        for id in 1...3 as ClosedRange<Lease.ID> {
            guard case .group(let group, let lease, let from) = try await ring.next() else {
                Issue.record("groups follow")
                return
            }
            #expect(group.ordinal == id && lease == id && from == ada)
        }
    }

    @Test("Leases reach the worker they are meant for, as many at once as it wants")
    func grant() async throws {
        let ring = InProcessRing(configuration: configuration)
        let end = await ring.join(ada, slots: 4)
        let other = await ring.join(WorkerID(name: "ben", incarnation: 1), slots: 4)
        await ring.grant([lease(1), lease(2), lease(3)], to: ada)
        await ring.grant([lease(4)], to: WorkerID(name: "ben", incarnation: 1))
        await ring.grant([lease(5)], to: WorkerID(name: "nobody", incarnation: 1))
        #expect(try await end.leases(upTo: 2).map(\.id) == [1, 2])
        #expect(try await end.leases(upTo: 2).map(\.id) == [3])
        #expect(try await other.leases(upTo: 2).map(\.id) == [4])
    }

    @Test("Granting never waits for a worker that does not take its leases")
    func grantToASleepingWorker() async throws {
        let ring = InProcessRing(configuration: configuration)
        let end = await ring.join(ada, slots: 2)
        await ring.grant((1...5000).map { lease($0) }, to: ada)
        let taken = try await end.leases(upTo: 9999)
        #expect(taken.map(\.id) == Array(1...1024))
    }

    @Test("After draining, workers get no more leases, whether they wait, come back or come new")
    func drain() async throws {
        let ring = InProcessRing(configuration: configuration)
        let end = await ring.join(ada, slots: 1)
        async let waiting = end.leases(upTo: 1)
        await Task.yield()
        await ring.drain(reason: "test")
        #expect(try await waiting.isEmpty)
        #expect(try await end.leases(upTo: 1).isEmpty)
        let late = await ring.join(WorkerID(name: "late", incarnation: 1), slots: 1)
        #expect(try await late.leases(upTo: 1).isEmpty)
        try await end.push(group(answering: lease(1).ticket), lease: 1)  // returns, to nobody
    }

    @Test("The learner's end closes after what came before the drain")
    func drainEndsEvents() async throws {
        let ring = InProcessRing(configuration: configuration)
        _ = await ring.join(ada, slots: 1)
        await ring.drain(reason: "test")
        #expect(try await ring.next() != nil)
        #expect(try await ring.next() == nil)
    }

    @Test("A killed worker is reported lost and gets nothing more")
    func kill() async throws {
        let ring = InProcessRing(configuration: configuration)
        let end = await ring.join(ada, slots: 1)
        _ = try await ring.next()
        await ring.kill(ada)
        guard case .lost(let worker, _) = try await ring.next() else {
            Issue.record("the loss is an event")
            return
        }
        #expect(worker == ada)
        await ring.grant([lease(1)], to: ada)
        #expect(try await end.leases(upTo: 1).isEmpty)
    }

    @Test("A worker that joins a second time replaces its first self")
    func rejoin() async throws {
        let ring = InProcessRing(configuration: configuration)
        let first = await ring.join(ada, slots: 1)
        let second = await ring.join(ada, slots: 1)
        await ring.grant([lease(1)], to: ada)
        #expect(try await first.leases(upTo: 1).isEmpty)
        #expect(try await second.leases(upTo: 1).map(\.id) == [1])
    }

    @Test("A cancelled learner's wait throws")
    func cancelledWait() async {
        let ring = InProcessRing(configuration: configuration)
        let wait = Task { try await ring.next() }
        await Task.yield()
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
    }

    @Test("Verdicts are kept in order")
    func verdicts() async {
        let ring = InProcessRing(configuration: configuration)
        await ring.answer(.accepted(durable: false), for: 1, to: ada)
        await ring.answer(.duplicate, for: 1, to: ada)
        await ring.answer(.dropped(.stale), for: 2, to: ada)
        #expect(await ring.verdicts == [.accepted(durable: false), .duplicate, .dropped(.stale)])
    }

    @Test("A snapshot can be fetched exactly while it is kept, and only by its own incarnation")
    func snapshots() async throws {
        let ring = InProcessRing(configuration: configuration)
        let end = await ring.join(ada, slots: 1)
        await ring.publish(Snapshot(version: version(0), image: [0]), oldestKept: 0)
        await ring.publish(Snapshot(version: version(1), image: [1]), oldestKept: 0)
        #expect(try await end.snapshot(version(0)).image == [0])
        #expect(try await end.snapshot(version(1)).image == [1])
        await #expect(throws: SnapshotGone.self) {
            try await end.snapshot(version(1, incarnation: 1))
        }
        await ring.publish(Snapshot(version: version(2), image: [2]), oldestKept: 1)
        await #expect(throws: SnapshotGone.self) { try await end.snapshot(version(0)) }
        #expect(try await end.snapshot(version(1)).image == [1])
        await #expect(throws: SnapshotGone.self) { try await end.snapshot(version(3)) }
    }
}
