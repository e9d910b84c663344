import GRPO
import Sessions
import Testing
import Wire

@Suite("A learner that says many things at once")
struct LearnerReplyTests {
    private let bob = WorkerIdentity(name: "bob", incarnation: 3)

    private func leases(_ lease: UInt64, to worker: WorkerIdentity) -> LearnerSession.Reply {
        .leases([(id: lease, ticket: ticket(lease))], worker: worker)
    }

    @Test("sends each worker its verdicts in one ACK and then its leases in one LEASE")
    func bundles() {
        var session = learnerWithAlice()
        _ = session.receive(hello(bob), from: PeerAddress([2]), now: .zero)
        _ = session.grant([(1, ticket(1)), (2, ticket(2))], to: alice, now: .zero)
        for lease in [1, 2] as [UInt64] {
            let group = delivery(lease, lease: lease, ticket(lease))
            _ = session.receive(group, from: aliceAddress, now: .zero)
        }
        let actions = session.reply(
            [
                .verdict(.accepted(durable: true), lease: 1, worker: alice),
                leases(3, to: alice),
                leases(5, to: bob),
                .verdict(.duplicate, lease: 2, worker: alice),
                leases(4, to: alice),
                .verdict(.duplicate, lease: 9, worker: alice),
            ], now: .zero)
        #expect(actions.count == 3)
        #expect(actions[0].ack?.verdicts.map(\.lease) == [1, 2])
        #expect(actions[0].ack?.acknowledged == 2)
        #expect(actions[1].offer?.tickets.map(\.lease) == [3, 4])
        #expect(actions[2].offer?.tickets.map(\.lease) == [5])
        #expect(session.counters.accepted == 1 && session.counters.duplicates == 1)
    }

    @Test("says nothing to a worker that is gone")
    func gone() {
        var session = learnerWithAlice()
        _ = session.fence(aliceAddress, cause: "test")
        #expect(session.reply([leases(1, to: alice)], now: .zero).isEmpty)
    }
}
