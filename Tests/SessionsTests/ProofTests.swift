import GRPO
import Sessions
import Testing
import Wire

private let aliceKey = PeerProof.key(PeerKey(identity: "alice", key: "A"))
private let bobKey = PeerProof.key(PeerKey(identity: "bob", key: "B"))
private let noKey = PeerProof.unlisted("it has gone")

/// A session in which alice has WELCOME and lease 1, over a connection with her key.
private func opened() -> LearnerSession {
    var session = LearnerSession(terms())
    _ = session.setCurrent(reference(0), now: .zero)
    _ = session.receive(hello(held: reference(0)), from: aliceAddress, proof: aliceKey, now: .zero)
    _ = session.grant([(id: 1, ticket: ticket(0))], to: alice, now: .zero)
    return session
}

private func group(_ worker: WorkerIdentity = alice) -> WorkerMessage {
    WorkerMessage(
        incarnation: worker.incarnation,
        .group(GroupDelivery(sequence: 1, lease: 1, group: answer(ticket(0)))))
}

@Suite("Who may speak for a worker")
struct ProofTests {
    @Test(
        "A key's holder may use its identity, and its identity with @ and a number",
        arguments: [
            ("node", true), ("node@0", true), ("node@12345", true), ("node@", false),
            ("node@1a", false), ("node@-1", false), ("node-1", false), ("nod", false),
            ("node1", false), ("other", false), ("other@1", false), ("node@1@2", false),
            ("node@\u{0661}", false),
        ])
    func names(_ name: String, _ isAllowed: Bool) {
        #expect(PeerKey(identity: "node", key: "").mayBe(name) == isAllowed)
    }

    @Test("A HELLO under another's name is refused, and the other's session is untouched")
    func otherName() {
        var session = opened()
        let later = WorkerIdentity(name: "alice", incarnation: 11)
        let actions = session.receive(
            hello(later), from: PeerAddress([2]), proof: bobKey, now: .zero)
        #expect(actions.map(\.rejection) == [.notAuthorized])
        #expect(session.liveCount == 1)
        let own = session.receive(group(), from: aliceAddress, proof: aliceKey, now: .zero)
        #expect(own == [.group(answer(ticket(0)), lease: 1, from: alice)])
    }

    @Test(
        "Every message by a stolen routing id is refused and changes nothing",
        arguments: [bobKey, noKey])
    func theft(_ thief: PeerProof) {
        var session = opened()
        let goodbye = WorkerMessage(
            incarnation: alice.incarnation, .goodbye(Goodbye(.failed, reason: "")))
        let drained = WorkerMessage(
            incarnation: alice.incarnation, .drained(Drained(sequence: 0, reason: "")))
        for message in [group(), heartbeat(free: 9), hello(), goodbye, drained] {
            let actions = session.receive(message, from: aliceAddress, proof: thief, now: .seconds(4))
            #expect(actions.map(\.rejection) == [.notAuthorized])
        }
        #expect(session.counters.rejected == [.notAuthorized: 5])
        #expect(session.counters.delivered == 0 && session.liveCount == 1)
        // What the thief said does not count as life.
        let silence = session.tick(now: .seconds(6))
        #expect(silence.contains { if case .lost(alice, _) = $0 { true } else { false } })
    }

    @Test("After the learner's last word a stolen routing id cannot say goodbye for another")
    func theftAfterClose() {
        var session = opened()
        _ = session.close(.finished, reason: "")
        let goodbye = WorkerMessage(
            incarnation: alice.incarnation, .goodbye(Goodbye(.finished, reason: "")))
        _ = session.receive(goodbye, from: aliceAddress, proof: bobKey, now: .zero)
        #expect(session.liveCount == 1)
        _ = session.receive(goodbye, from: aliceAddress, proof: aliceKey, now: .zero)
        #expect(session.liveCount == 0)
    }

    @Test("Who is taken off the list loses the session and hears why; the others go on")
    func expulsion() {
        var session = opened()
        let bob = WorkerIdentity(name: "bob@1", incarnation: 1)
        _ = session.receive(hello(bob), from: PeerAddress([2]), proof: bobKey, now: .zero)
        #expect(session.expel { _ in true }.isEmpty)
        let actions = session.expel { $0.identity == "bob" }
        #expect(actions.compactMap(\.rejection) == [.notAuthorized])
        #expect(actions.contains { if case .lost(alice, _) = $0 { true } else { false } })
        #expect(session.liveCount == 1)
        #expect(session.expel { $0.identity == "bob" }.isEmpty)
    }

    @Test("Another key under the same identity does not save the session of the old one")
    func replacedKey() {
        var session = opened()
        let actions = session.expel { $0.key == "another" }
        #expect(actions.compactMap(\.rejection) == [.notAuthorized] && session.liveCount == 0)
    }

    @Test("A HELLO that waits for the first snapshot is forgotten with its key")
    func earlyHello() {
        var session = LearnerSession(terms())
        _ = session.receive(hello(), from: aliceAddress, proof: aliceKey, now: .zero)
        _ = session.expel { _ in false }
        #expect(session.setCurrent(reference(0), now: .zero).isEmpty)
        _ = session.receive(hello(), from: aliceAddress, proof: aliceKey, now: .zero)
        #expect(session.liveCount == 1)
    }
}
