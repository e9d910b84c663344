import GRPO
import Sessions
import Testing
import Wire

@Suite("Limits, versions and bars in a session")
struct SessionLimitTests {
    private func terms(_ limits: SessionLimits) -> LearnerTerms {
        var terms = SessionsTests.terms()
        terms.limits = limits
        return terms
    }

    private func hello(_ limits: SessionLimits?, version: ProtocolVersion = .current, free: UInt32 = 2)
        -> WorkerMessage
    {
        WorkerMessage(
            incarnation: alice.incarnation,
            .hello(
                Hello(
                    worker: alice.name, numerics: "n", freeSlots: free, held: reference(0),
                    limits: limits)), version: version)
    }

    private func opened(_ limits: SessionLimits) -> LearnerSession {
        var session = LearnerSession(terms(limits))
        _ = session.setCurrent(reference(0), now: .zero)
        _ = session.receive(hello(nil), from: aliceAddress, now: .zero)
        return session
    }

    @Test("A worker that takes less than the run needs is refused; one that takes as much is welcome")
    func shortage() {
        let needs = SessionLimits(promptTokens: 100)
        for (takes, code) in [
            (SessionLimits(promptTokens: 99), RejectCode.tooLarge),
            (SessionLimits(promptTokens: 100), nil), (nil, nil),
        ] {
            var session = LearnerSession(terms(needs))
            _ = session.setCurrent(reference(0), now: .zero)
            let actions = session.receive(hello(takes), from: aliceAddress, now: .zero)
            #expect(actions.first?.rejection == code)
            #expect((actions.first?.welcome == nil) == (code != nil))
            if code == nil { #expect(actions.first?.welcome?.limits == needs) }
        }
    }

    @Test("A group at the run's limits is delivered, one beyond any of them refused as too large")
    func groups() {
        // The group has a prompt of 1, two completions of 1 token.
        let group = delivery(1, lease: 5, ticket(0))
        for (limits, fits) in [
            (SessionLimits(promptTokens: 1, completionTokens: 1, completions: 2), true),
            (SessionLimits(completions: 1), false),
        ] {
            var session = opened(limits)
            _ = session.grant([(5, ticket(0))], to: alice, now: .zero)
            let actions = session.receive(group, from: aliceAddress, now: .zero)
            #expect(actions.map(\.rejection) == (fits ? [nil] : [.tooLarge]))
            #expect(session.counters.delivered == (fits ? 1 : 0))
        }
        for longer in [ticket(0, prompt: [1, 2]), ticket(0)] {
            var session = opened(SessionLimits(promptTokens: 1, completionTokens: 1))
            _ = session.grant([(5, longer)], to: alice, now: .zero)
            var group = answer(longer)
            if longer.prompt.count == 1 {
                group.completions[1] = Completion(
                    tokens: [1, 2], behaviorLogprobs: [-1, -1], keptLogMasses: [0, 0],
                    finishReason: .stop, reward: 1)
            }
            let message = WorkerMessage(
                incarnation: alice.incarnation,
                .group(GroupDelivery(sequence: 1, lease: 5, group: group)))
            let actions = session.receive(message, from: aliceAddress, now: .zero)
            #expect(actions.map(\.rejection) == [.tooLarge])
        }
    }

    @Test("A LEASE at the announced length of prompts is taken, one beyond it ends the worker")
    func leases() {
        for (most, isOver) in [(1, false), (0, true)] {
            var session = WorkerSession(
                alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
                sha256: { fakeDigest($0) })
            var message = welcome()
            guard case .welcome(var body) = message.command else { return }
            body.limits = SessionLimits(promptTokens: most + 1)
            message.command = .welcome(body)
            _ = session.receive(message, now: .zero)
            let long = LeasedTicket(
                lease: 1, ticket: ticket(0, prompt: isOver ? [1, 2] : [1, 2].dropLast()),
                deadline: .seconds(1))
            _ = session.receive(
                LearnerMessage(
                    incarnation: 1, .lease(LeaseOffer(sequence: 1, tickets: [long]))), now: .zero)
            #expect(session.isOver == isOver)
        }
    }

    @Test("No worker gets more slots than either side allows")
    func slots() {
        for (run, worker, expected) in [(3, 9, 3), (9, 3, 3), (4_096, 4_096, 4_096)] {
            var session = LearnerSession(terms(SessionLimits(heldLeases: run)))
            _ = session.setCurrent(reference(0), now: .zero)
            let actions = session.receive(
                hello(SessionLimits(heldLeases: worker), free: 5_000), from: aliceAddress, now: .zero)
            #expect(actions.last == .ready(alice, slots: expected))
        }
    }

    @Test("A worker of another major version is told which one this learner speaks")
    func otherMajor() throws {
        var session = LearnerSession(SessionsTests.terms())
        let error = WireError(.unsupportedMajor, "the peer speaks protocol version 2.0, this side 1.1")
        let actions = session.receive(error, from: aliceAddress)
        #expect(actions.map(\.rejection) == [.unsupportedVersion])
        guard case .reject(let rejection)? = actions.first?.command else { return }
        #expect(rejection.reason == error.description)
        #expect(session.version(with: aliceAddress) == .oldest)
    }

    @Test("A worker that understands nothing of its learner fails at once and says why")
    func unintelligible() {
        var session = WorkerSession(
            alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
            sha256: { fakeDigest($0) })
        #expect(session.receive(WireError(.headerChecksum, "damaged")).isEmpty)
        #expect(session.phase == .connecting)
        #expect(session.receive(WireError(.unsupportedMajor, "it speaks 2.0")) == [.wake])
        #expect(
            session.phase == .failed(.rejected(.unsupportedVersion, reason: "it speaks 2.0")))
        // Once there is a session, such a frame is a damaged one.
        var live = liveWorker()
        #expect(live.receive(WireError(.unsupportedMajor, "it speaks 2.0")).isEmpty)
        #expect(live.phase == .live)
    }

    @Test("A transfer ends at once where nothing of its holder can be understood")
    func unintelligibleHolder() {
        var fetch = SnapshotFetch(reference(0).version, expected: nil, now: .zero)
        _ = fetch.tick(now: .zero)
        #expect(fetch.receive(WireError(.truncated, "damaged")).isEmpty)
        #expect(
            fetch.receive(WireError(.unsupportedMajor, "it speaks 2.0"))
                == [.ended(.failed("it speaks 2.0"))])
        #expect(fetch.receive(WireError(.unsupportedMajor, "it speaks 2.0")).isEmpty)
    }

    @Test("Both sides speak the older minor of the two, and HELLO the newest of its own")
    func minors() {
        for (version, spoken) in [
            (ProtocolVersion.oldest, ProtocolVersion.oldest), (.current, .current),
            (ProtocolVersion(major: 1, minor: 7), .current),
        ] {
            var session = LearnerSession(SessionsTests.terms())
            _ = session.setCurrent(reference(0), now: .zero)
            _ = session.receive(hello(nil, version: version), from: aliceAddress, now: .zero)
            #expect(session.version(with: aliceAddress) == spoken)
            var worker = WorkerSession(
                alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
                sha256: { fakeDigest($0) })
            var message = welcome()
            message.version = version
            let said = worker.receive(message, now: .zero).compactMap(\.command)
            #expect(said.map(worker.version(of:)) == [spoken])
            #expect(worker.version(of: .hello(Hello(worker: "w", numerics: "n", freeSlots: 1))) == .current)
        }
    }

    @Test("A bar whose verdict was lost is said again: at the next heartbeat, and to the next HELLO")
    func barred() {
        var session = learnerWithAlice()
        _ = session.grant([(5, ticket(0)), (6, ticket(1))], to: alice, now: .zero)
        _ = session.receive(delivery(1, lease: 5, ticket(0)), from: aliceAddress, now: .zero)
        // This ACK is lost, and what follows acknowledges the group without saying why.
        _ = session.answer(.dropped(.invalid), lease: 5, worker: alice)
        let beat = heartbeat(sequence: 1, seen: 1, leases: [6])
        let again = session.receive(beat, from: aliceAddress, now: .zero)
        #expect(again.compactMap(\.rejection) == [.barred])
        // Nor does the connection that broke change it.
        _ = session.tick(now: .seconds(6))
        let back = session.receive(
            SessionsTests.hello(sequence: 1, leases: [6]), from: PeerAddress([2]), now: .seconds(6))
        #expect(back.map(\.rejection) == [.barred])
        // The next start of the worker may be better.
        let next = WorkerIdentity(name: "alice", incarnation: 11)
        let welcome = session.receive(
            SessionsTests.hello(next), from: PeerAddress([3]), now: .seconds(7))
        #expect(welcome.contains { $0.welcome != nil })
    }

    @Test("REJECT BARRED ends a worker as the verdict would have, in a session or before one")
    func barredWorker() {
        let reject = LearnerMessage(
            incarnation: 1,
            .reject(Rejection(.barred, reason: "r", refusedType: MessageType.hello.rawValue)))
        var live = liveWorker()
        #expect(live.receive(reject, now: .zero) == [.wake])
        #expect(live.phase == .failed(.barred))
        var connecting = WorkerSession(
            alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
            sha256: { fakeDigest($0) })
        _ = connecting.receive(reject, now: .zero)
        #expect(connecting.phase == .failed(.barred))
    }
}
