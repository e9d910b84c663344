import GRPO
import Sessions
import Testing
import Wire

@Suite("The learner's side of a session")
struct LearnerSessionTests {
    @Test("HELLO is answered with WELCOME and makes the worker ready")
    func hello_() {
        var session = LearnerSession(terms())
        _ = session.setCurrent(reference(3), now: .zero)
        let actions = session.receive(hello(), from: aliceAddress, now: .zero)
        #expect(actions.first?.welcome?.current == reference(3))
        #expect(actions.first?.welcome?.configuration == configurationText)
        #expect(actions.last == .ready(alice, slots: 2))
        #expect(session.liveCount == 1)
    }

    @Test("A HELLO before the first snapshot waits for it")
    func early() {
        var session = LearnerSession(terms())
        #expect(session.receive(hello(), from: aliceAddress, now: .zero).isEmpty)
        let actions = session.setCurrent(reference(0), now: .seconds(1))
        #expect(actions.contains { $0.welcome != nil } && actions.contains(.ready(alice, slots: 2)))
    }

    @Test("WELCOME leaves the configuration out where the worker holds it")
    func knownConfiguration() {
        var session = LearnerSession(terms())
        _ = session.setCurrent(reference(0), now: .zero)
        var message = hello()
        guard case .hello(var body) = message.command else { return }
        body.configurationFingerprint = terms().configurationFingerprint
        message.command = .hello(body)
        let actions = session.receive(message, from: aliceAddress, now: .zero)
        #expect(actions.first?.welcome != nil && actions.first?.welcome?.configuration == nil)
    }

    @Test("Whoever cannot take part is refused with the reason's code")
    func refusals() {
        var session = LearnerSession(terms(workersMax: 1))
        _ = session.setCurrent(reference(0), now: .zero)
        let other = RunID([UInt8](repeating: 8, count: 16))
        let wrongRun = session.receive(hello(run: other), from: aliceAddress, now: .zero)
        #expect(wrongRun.map(\.rejection) == [.wrongRun])
        let numerics = session.receive(hello(numerics: "m"), from: aliceAddress, now: .zero)
        #expect(numerics.map(\.rejection) == [.numerics])
        _ = session.receive(hello(run: runID), from: aliceAddress, now: .zero)
        let bob = WorkerIdentity(name: "bob", incarnation: 1)
        let full = session.receive(hello(bob), from: PeerAddress([2]), now: .zero)
        #expect(full.map(\.rejection) == [.full])
        let bogus = session.receive(
            hello(sequence: 9, acknowledged: 9), from: aliceAddress, now: .zero)
        #expect(bogus.map(\.rejection) == [.sequence])
        #expect(session.liveCount == 1)
        #expect(session.counters.rejected == [.wrongRun: 1, .numerics: 1, .full: 1, .sequence: 1])
    }

    @Test("A run that is not exact takes any numerics fingerprint")
    func inexact() {
        var session = LearnerSession(terms(isExact: false))
        _ = session.setCurrent(reference(0), now: .zero)
        let actions = session.receive(hello(numerics: "m"), from: aliceAddress, now: .zero)
        #expect(actions.first?.welcome != nil)
    }

    @Test(
        "Anything but HELLO without a session is answered with HELLO_REQUIRED, a GOODBYE with nothing"
    )
    func noSession() {
        var session = LearnerSession(terms())
        _ = session.setCurrent(reference(0), now: .zero)
        let bye = WorkerMessage(incarnation: 1, .goodbye(Goodbye(.finished, reason: "")))
        #expect(session.receive(bye, from: aliceAddress, now: .zero).isEmpty)
        let drained = WorkerMessage(incarnation: 1, .drained(Drained(sequence: 0, reason: "")))
        for message in [heartbeat(), delivery(1, lease: 1, ticket(0)), drained] {
            let actions = session.receive(message, from: aliceAddress, now: .zero)
            #expect(actions.map(\.rejection) == [.helloRequired])
        }
        // A session's address with another incarnation is no session either.
        _ = session.receive(hello(), from: aliceAddress, now: .zero)
        let stranger = WorkerIdentity(name: "alice", incarnation: 9)
        let actions = session.receive(heartbeat(stranger), from: aliceAddress, now: .zero)
        #expect(actions.map(\.rejection) == [.helloRequired])
    }

    @Test("A later incarnation fences the earlier one; an earlier one is fenced itself")
    func fencing() {
        var session = learnerWithAlice()
        let later = WorkerIdentity(name: "alice", incarnation: 11)
        let actions = session.receive(hello(later), from: PeerAddress([2]), now: .zero)
        #expect(actions[0].rejection == .fenced)
        #expect(actions[1] == .lost(alice, cause: "a later start of it took over"))
        #expect(actions.last == .ready(later, slots: 2))
        let again = session.receive(hello(), from: aliceAddress, now: .zero)
        #expect(again.map(\.rejection) == [.fenced])
    }

    @Test(
        "A group is delivered once; copies get nothing before the verdict and the verdict after it")
    func delivery_() {
        var session = learnerWithAlice()
        let granted = session.grant([(5, ticket(0))], to: alice, now: .zero)
        #expect(granted.first?.offer?.tickets.map(\.lease) == [5])
        let group = delivery(1, lease: 5, ticket(0))
        #expect(
            session.receive(group, from: aliceAddress, now: .zero)
                == [.group(answer(ticket(0)), lease: 5, from: alice)])
        #expect(session.receive(group, from: aliceAddress, now: .zero).isEmpty)
        let verdict = Verdict(sequence: 1, lease: 5, outcome: .accepted(durable: false))
        let ack = session.answer(.accepted(durable: false), lease: 5, worker: alice)
        #expect(ack.map(\.ack) == [Acknowledgement(acknowledged: 1, verdicts: [verdict])])
        let again = session.receive(group, from: aliceAddress, now: .zero)
        #expect(again.map(\.ack) == [Acknowledgement(acknowledged: 1, verdicts: [verdict])])
        #expect(session.answer(.duplicate, lease: 5, worker: alice).isEmpty)
        #expect(session.counters.delivered == 1 && session.counters.repeated == 2)
    }

    @Test("Acknowledged is the highest sequence without a gap, in whatever order verdicts come")
    func acknowledged() {
        var session = learnerWithAlice()
        _ = session.grant([(1, ticket(1)), (2, ticket(2)), (3, ticket(3))], to: alice, now: .zero)
        for sequence in [3, 1, 2] as [UInt64] {
            _ = session.receive(
                delivery(sequence, lease: sequence, ticket(sequence)), from: aliceAddress,
                now: .zero)
        }
        let values = [3, 1, 2].map {
            session.answer(.accepted(durable: true), lease: $0, worker: alice)[0].ack?.acknowledged
        }
        #expect(values == [0, 1, 3])
    }

    @Test("Groups of unknown leases, unreported versions and unexpected sequences are refused")
    func refusedGroups() {
        var session = learnerWithAlice(held: nil)
        _ = session.grant([(1, ticket(0))], to: alice, now: .zero)
        let unreported = session.receive(
            delivery(1, lease: 1, ticket(0)), from: aliceAddress, now: .zero)
        #expect(unreported[0].ack?.verdicts.map(\.outcome) == [.dropped(.numerics)])
        #expect(unreported[1] == .released([1], by: alice))
        _ = session.receive(heartbeat(), from: aliceAddress, now: .zero)
        let unknown = session.receive(
            delivery(2, lease: 99, ticket(0)), from: aliceAddress, now: .zero)
        #expect(unknown[0].ack?.verdicts.map(\.outcome) == [.dropped(.unknownLease)])
        #expect(unknown[0].ack?.acknowledged == 2)
        let far = session.receive(
            delivery(.max, lease: 1, ticket(0)), from: aliceAddress, now: .zero)
        #expect(far.map(\.rejection) == [.sequence])
        let old = session.receive(
            delivery(3, lease: 1, ticket(0, incarnation: 0)), from: aliceAddress, now: .zero)
        #expect(old[0].ack?.verdicts.map(\.outcome) == [.dropped(.unknownLease)])
    }

    @Test("A worker that holds other weights under a published version is refused and lost")
    func wrongWeights() {
        var session = learnerWithAlice()
        let wrong = SnapshotReference(version: reference(0).version, digest: reference(9).digest)
        let actions = session.receive(heartbeat(held: wrong), from: aliceAddress, now: .zero)
        #expect(actions[0].rejection == .numerics)
        guard case .lost(alice, _) = actions[1] else {
            Issue.record("\(actions[1]) is not a loss")
            return
        }
        #expect(session.liveCount == 0)
    }

    @Test(
        "A lease that heartbeats do not confirm is sent again; one that was seen and is not held is free"
    )
    func leases() {
        var session = learnerWithAlice()
        _ = session.grant([(1, ticket(1)), (2, ticket(2))], to: alice, now: .zero)
        // Just sent: it may still be on its way.
        #expect(session.receive(heartbeat(), from: aliceAddress, now: .milliseconds(10)).isEmpty)
        let resent = session.receive(heartbeat(), from: aliceAddress, now: .seconds(1))
        #expect(
            resent.first?.offer
                == LeaseOffer(
                    sequence: 2,
                    tickets: [1, 2].map {
                        LeasedTicket(lease: $0, ticket: ticket($0), deadline: .seconds(60))
                    }))
        let seen = session.receive(
            heartbeat(seen: 2, leases: [2], free: 1), from: aliceAddress, now: .seconds(2))
        #expect(seen == [.released([1], by: alice)])
        // A heartbeat that claims to have seen what was never sent proves nothing more.
        let bogus = session.receive(
            heartbeat(seen: .max, leases: [2], free: 1), from: aliceAddress, now: .seconds(2))
        #expect(bogus.isEmpty)
    }

    @Test(
        "After a reconnection, leases that did not arrive are sent again and others are left alone")
    func reconnection() {
        var session = learnerWithAlice()
        _ = session.grant([(1, ticket(1)), (2, ticket(2))], to: alice, now: .zero)
        let actions = session.receive(
            hello(run: runID, leases: [1], free: 1, held: reference(0)), from: PeerAddress([2]),
            now: .seconds(1))
        #expect(actions[0].welcome != nil)
        #expect(actions[1].offer?.tickets.map(\.lease) == [2] && actions[1].offer?.sequence == 1)
        #expect(session.liveCount == 1)
        // The old address is nobody's any more.
        let stale = session.receive(heartbeat(), from: aliceAddress, now: .seconds(1))
        #expect(stale.map(\.rejection) == [.helloRequired])
    }

    @Test("A silent worker is lost after its deadline; a late group of it is still delivered")
    func liveness() {
        var session = learnerWithAlice()
        _ = session.grant([(1, ticket(1))], to: alice, now: .zero)
        #expect(
            !session.tick(now: .seconds(5)).contains { if case .lost = $0 { true } else { false } })
        let actions = session.tick(now: .milliseconds(5_001))
        guard case .lost(alice, let cause) = actions[0] else {
            Issue.record("\(actions) begins with no loss")
            return
        }
        #expect(cause == "nothing was heard of it for 5.0 s")
        #expect(session.liveCount == 0 && session.tick(now: .seconds(9)).isEmpty)
        _ = session.receive(
            hello(run: runID, leases: [1], held: reference(0)), from: aliceAddress,
            now: .seconds(10))
        let late = session.receive(
            delivery(1, lease: 1, ticket(1)), from: aliceAddress, now: .seconds(10))
        #expect(late.first == .group(answer(ticket(1)), lease: 1, from: alice))
    }

    @Test("A lease of a session that was lost fills a slot until its group comes")
    func formerLease() {
        var session = learnerWithAlice()
        _ = session.grant([(1, ticket(1))], to: alice, now: .zero)
        _ = session.tick(now: .milliseconds(5_001))
        let back = session.receive(
            hello(run: runID, leases: [1], free: 1, held: reference(0)), from: aliceAddress,
            now: .seconds(10))
        #expect(back.contains(.ready(alice, slots: 1)))
        let late = session.receive(
            delivery(1, lease: 1, ticket(1)), from: aliceAddress, now: .seconds(10))
        #expect(late.last == .ready(alice, slots: 2))
        // The worker counts it as held until it has the verdict.
        let beat = session.receive(
            heartbeat(leases: [1], free: 1), from: aliceAddress, now: .seconds(10))
        #expect(!beat.contains { if case .ready = $0 { true } else { false } })
    }

    @Test("A verdict given while the worker was away reaches it with the next WELCOME")
    func verdictWhileAway() {
        var session = learnerWithAlice()
        _ = session.grant([(1, ticket(1))], to: alice, now: .zero)
        _ = session.receive(delivery(1, lease: 1, ticket(1)), from: aliceAddress, now: .zero)
        _ = session.tick(now: .seconds(6))
        #expect(session.answer(.accepted(durable: false), lease: 1, worker: alice).isEmpty)
        let actions = session.receive(
            hello(sequence: 1, run: runID, leases: [1]), from: aliceAddress, now: .seconds(7))
        #expect(actions.first?.welcome?.acknowledged == 1)
    }

    @Test("A learner without memory of a worker counts from what the worker has seen acknowledged")
    func counting() {
        var session = LearnerSession(terms())
        _ = session.setCurrent(reference(0), now: .zero)
        let actions = session.receive(
            hello(sequence: 9, acknowledged: 7, held: reference(0)), from: aliceAddress, now: .zero)
        #expect(actions.first?.welcome?.acknowledged == 7)
        _ = session.grant([(1, ticket(1))], to: alice, now: .zero)
        let old = session.receive(delivery(7, lease: 1, ticket(1)), from: aliceAddress, now: .zero)
        #expect(old.map(\.ack) == [Acknowledgement(acknowledged: 7, verdicts: [])])
        #expect(
            session.receive(delivery(8, lease: 1, ticket(1)), from: aliceAddress, now: .zero).count
                == 1)
    }

    @Test(
        "Heartbeats go to every worker at their interval, and at once when a snapshot is published")
    func heartbeats() {
        var session = learnerWithAlice()
        #expect(session.tick(now: .milliseconds(999)).isEmpty)
        guard case .heartbeat(let beat)? = session.tick(now: .seconds(1)).first?.command else {
            Issue.record("no heartbeat")
            return
        }
        #expect(beat.current == reference(0))
        let news = session.setCurrent(reference(1), now: .milliseconds(1_100))
        guard case .heartbeat(let next)? = news.first?.command else {
            Issue.record("no heartbeat")
            return
        }
        #expect(next.current == reference(1))
    }

    @Test("A worker whose leases were replaced does not thereby get more slots")
    func slots() {
        var session = learnerWithAlice()
        #expect(
            session.receive(
                heartbeat(leases: [1, 2, 3, 4], free: 0), from: aliceAddress, now: .zero
            ).isEmpty)
        #expect(
            session.receive(heartbeat(leases: [1], free: 3), from: aliceAddress, now: .zero)
                == [.ready(alice, slots: 4)])
        #expect(
            session.receive(heartbeat(leases: [1], free: 0), from: aliceAddress, now: .zero)
                == [.ready(alice, slots: 1)])
    }

    @Test(
        "A drain asks every worker to stop, answers what waits, turns HELLOs away and ends with GOODBYE"
    )
    func drain() {
        var session = learnerWithAlice()
        _ = session.grant([(1, ticket(1)), (2, ticket(2))], to: alice, now: .zero)
        _ = session.receive(delivery(1, lease: 1, ticket(1)), from: aliceAddress, now: .zero)
        let actions = session.drain(reason: "done")
        #expect(actions[0].ack?.verdicts.map(\.outcome) == [.dropped(.notNeeded)])
        guard case .drain(let drain)? = actions[1].command else {
            Issue.record("no DRAIN")
            return
        }
        #expect(drain == Drain(sequence: 2, mode: .stop, reason: "done") && !session.isDrained)
        // Repeated while no heartbeat acknowledges it.
        #expect(
            session.tick(now: .seconds(1)).contains {
                if case .drain(let again)? = $0.command { again.sequence == 3 } else { false }
            })
        let late = session.receive(
            delivery(2, lease: 2, ticket(2)), from: aliceAddress, now: .seconds(1))
        #expect(late[0].ack?.verdicts.map(\.outcome) == [.dropped(.notNeeded)])
        let bob = WorkerIdentity(name: "bob", incarnation: 1)
        let refused = session.receive(hello(bob), from: PeerAddress([2]), now: .seconds(1))
        #expect(refused.map(\.rejection) == [.stopping])
        #expect(session.grant([(3, ticket(3))], to: alice, now: .seconds(1)).isEmpty)
        let drained = WorkerMessage(incarnation: 10, .drained(Drained(sequence: 2, reason: "")))
        #expect(session.receive(drained, from: aliceAddress, now: .seconds(1)).isEmpty)
        #expect(session.isDrained && session.drain(reason: "again").isEmpty)
        let goodbye = LearnerCommand.goodbye(Goodbye(.finished, reason: "done"))
        #expect(
            session.close(.finished, reason: "done")
                == [.send(goodbye, to: aliceAddress), .send(goodbye, to: PeerAddress([2]))])
        #expect(session.receive(hello(), from: aliceAddress, now: .seconds(2)).isEmpty)
        #expect(session.tick(now: .seconds(99)).isEmpty)
        #expect(session.close(.failed, reason: "").isEmpty)
    }

    @Test("A worker that says goodbye is lost at once, and counts as drained")
    func goodbye() {
        var session = learnerWithAlice()
        _ = session.drain(reason: "done")
        let bye = WorkerMessage(incarnation: 10, .goodbye(Goodbye(.failed, reason: "no memory")))
        let actions = session.receive(bye, from: aliceAddress, now: .zero)
        #expect(
            actions == [
                .lost(alice, cause: "it said goodbye (failed): no memory"), .forget(aliceAddress),
            ])
        #expect(session.isDrained)
    }

    @Test(
        "What does not decode is counted and answered; another major version has a code of its own")
    func malformed() {
        var session = LearnerSession(terms())
        let garbage = session.receive(WireError(.truncated, "short"), from: aliceAddress)
        #expect(garbage.map(\.rejection) == [.malformed])
        let future = session.receive(WireError(.unsupportedMajor, "2.0"), from: aliceAddress)
        #expect(future.map(\.rejection) == [.unsupportedVersion])
        #expect(session.counters.malformed == 2)
    }

    @Test("A peer that takes nothing is fenced")
    func stuckPeer() {
        var session = learnerWithAlice()
        #expect(session.fence(aliceAddress, cause: "full") == [.lost(alice, cause: "full")])
        #expect(session.fence(aliceAddress, cause: "full").isEmpty)
        #expect(session.fence(PeerAddress([9]), cause: "full").isEmpty)
    }

    @Test("Grants and verdicts for workers without a session do nothing")
    func strangers() {
        var session = learnerWithAlice()
        let bob = WorkerIdentity(name: "bob", incarnation: 1)
        #expect(session.grant([(1, ticket(1))], to: bob, now: .zero).isEmpty)
        #expect(session.answer(.duplicate, lease: 1, worker: bob).isEmpty)
        let older = WorkerIdentity(name: "alice", incarnation: 9)
        #expect(session.grant([(1, ticket(1))], to: older, now: .zero).isEmpty)
    }

    @Test("Many leases are cut into LEASEs that fit")
    func manyLeases() {
        var session = learnerWithAlice()
        let leases = (1...1_200).map { (UInt64($0), ticket(UInt64($0))) }
        let offers = session.grant(leases, to: alice, now: .zero).compactMap(\.offer)
        #expect(offers.map(\.tickets.count) == [512, 512, 176])
        #expect(offers.map(\.sequence) == [1, 2, 3])
    }

    @Test("The memory of workers that are gone is bounded")
    func memory() {
        var session = LearnerSession(terms(workersMax: 2))
        _ = session.setCurrent(reference(0), now: .zero)
        for number in 0..<100 {
            let worker = WorkerIdentity(name: "w\(number)", incarnation: 1)
            let address = PeerAddress([UInt8(number)])
            #expect(
                session.receive(hello(worker), from: address, now: .seconds(number)).first?.welcome
                    != nil)
            let bye = WorkerMessage(incarnation: 1, .goodbye(Goodbye(.finished, reason: "")))
            #expect(session.receive(bye, from: address, now: .seconds(number)).count == 2)
        }
        // An early one is forgotten: even an older incarnation of it is welcome.
        let first = session.receive(
            hello(WorkerIdentity(name: "w0", incarnation: 1), sequence: 5, acknowledged: 5),
            from: PeerAddress([0]), now: .seconds(200))
        #expect(first.first?.welcome?.acknowledged == 5)
    }
}
