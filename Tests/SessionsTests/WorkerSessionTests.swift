import GRPO
import Sessions
import Testing
import Wire

@Suite("A worker's side of a session")
struct WorkerSessionTests {
    private func push(_ session: inout WorkerSession, lease: UInt64, now: Duration = .zero)
        -> WorkerSession.Push
    {
        session.push([UInt8(lease)], lease: lease, numbering: session.nextNumbering, now: now)
    }

    private func ack(_ acknowledged: UInt64, _ verdicts: [Verdict] = []) -> LearnerMessage {
        LearnerMessage(
            incarnation: 1, .ack(Acknowledgement(acknowledged: acknowledged, verdicts: verdicts)))
    }

    private func reject(_ code: RejectCode, type: MessageType = .heartbeat_) -> LearnerMessage {
        LearnerMessage(
            incarnation: 1, .reject(Rejection(code, reason: "r", refusedType: type.rawValue)))
    }

    @Test("HELLO is repeated with doubling pauses until WELCOME comes")
    func hello() {
        let timing = WorkerTiming(
            helloPause: .seconds(1), helloPauseMax: .seconds(4), reconnectDeadline: .seconds(100))
        var session = WorkerSession(
            alice, numerics: "n", slots: 2, timing: timing, now: .zero, sha256: { fakeDigest($0) })
        var times: [Int] = []
        for tenth in 0..<200
        where session.tick(now: .milliseconds(100 * tenth)).contains(where: { $0.hello != nil }) {
            times.append(tenth)
        }
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(times.first == 0)
        #expect(8...10 ~= gaps[0] && 15...20 ~= gaps[1])
        #expect(gaps.dropFirst(2).allSatisfy { 30...40 ~= $0 })
        let actions = session.receive(welcome(), now: .seconds(20))
        #expect(session.phase == .live && actions.last == .wake)
        #expect(session.welcome?.configuration == configurationText)
    }

    @Test("A broken connection is answered at once, so that a learner that came back is found")
    func brokenConnection() {
        var session = WorkerSession(
            alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
            sha256: { fakeDigest($0) })
        _ = session.tick(now: .zero)
        #expect(session.connectionLost(now: .milliseconds(10)).map { $0.hello != nil } == [true])
        _ = session.receive(welcome(), now: .milliseconds(20))
        #expect(session.connectionLost(now: .milliseconds(30)).map { $0.heartbeat != nil } == [true])
        #expect(session.phase == .live)
        _ = session.leave(.finished, reason: "r")
        #expect(session.connectionLost(now: .milliseconds(40)).isEmpty)
    }

    @Test("Without any WELCOME the worker fails at its deadline, saying what it was told instead")
    func deadline() {
        let timing = WorkerTiming(reconnectDeadline: .seconds(10))
        var session = WorkerSession(
            alice, numerics: "n", slots: 2, timing: timing, now: .zero, sha256: { fakeDigest($0) })
        #expect(session.receive(reject(.full, type: .hello), now: .seconds(1)).isEmpty)
        #expect(session.tick(now: .seconds(9)).count == 1)
        #expect(session.tick(now: .seconds(10)) == [.wake])
        #expect(session.phase == .failed(.lost("no session for 10.0 s; its last answer was: r")))
        #expect(session.tick(now: .seconds(11)).isEmpty)
        #expect(session.receive(welcome(), now: .seconds(11)).isEmpty)
    }

    @Test("A configuration that is not what its fingerprint says ends the worker")
    func fingerprint() {
        for text in ["{}", nil] {
            var session = WorkerSession(
                alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
                sha256: { fakeDigest($0) })
            #expect(session.receive(welcome(configuration: text), now: .zero) == [.wake])
            guard case .failed(.protocolBroken) = session.phase else {
                Issue.record("\(session.phase) after \(text ?? "nothing")")
                return
            }
        }
        var session = liveWorker()
        _ = session.receive(welcome(configuration: nil), now: .zero)
        #expect(session.phase == .live && session.welcome?.configuration == configurationText)
    }

    @Test("Leases are handed out once, whatever is repeated")
    func leases() {
        var session = liveWorker()
        #expect(session.receive(leaseMessage(1, [1, 2]), now: .zero) == [.wake])
        #expect(session.takeLeases(upTo: 1).map(\.lease) == [1])
        #expect(session.receive(leaseMessage(2, [1, 2]), now: .zero).isEmpty)
        #expect(session.takeLeases(upTo: 9).map(\.lease) == [2])
        let beat = session.tick(now: .seconds(1)).first?.heartbeat
        #expect(beat?.acknowledged == 2 && beat?.heldLeases == [1, 2] && beat?.freeSlots == 0)
        guard case .sent = push(&session, lease: 1) else {
            Issue.record("the group was not sent")
            return
        }
        _ = session.receive(ack(1), now: .zero)
        // Answered: a repeated LEASE does not bring it back.
        #expect(session.receive(leaseMessage(3, [1]), now: .zero).isEmpty)
        #expect(session.takeLeases(upTo: 9).isEmpty)
    }

    @Test("A group is sent once, kept until its verdict, and numbered without gaps")
    func groups() {
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1, 2]), now: .zero)
        #expect(push(&session, lease: 9) == .notNeeded)
        let numbering = session.nextNumbering
        #expect(
            session.push([1], lease: 1, numbering: numbering, now: .zero)
                == .sent([.sendGroup([1])]))
        #expect(session.push([2], lease: 2, numbering: numbering, now: .zero) == .renumber)
        #expect(push(&session, lease: 1) == .notNeeded)
        #expect(push(&session, lease: 2) == .sent([.sendGroup([2])]))
        #expect(session.unacknowledgedCount == 2)
        // The second's verdict first.
        let verdict = Verdict(sequence: 2, lease: 2, outcome: .duplicate)
        _ = session.receive(ack(0, [verdict]), now: .zero)
        #expect(session.unacknowledgedCount == 1 && session.counters.duplicates == 1)
        _ = session.receive(ack(2), now: .zero)
        #expect(session.unacknowledgedCount == 0)
        // Acknowledgements of what was never sent mean nothing.
        _ = session.receive(ack(99), now: .zero)
        _ = session.receive(leaseMessage(2, [3]), now: .zero)
        #expect(session.nextNumbering.sequence == 3)
    }

    @Test("A worker whose group is invalid waits for no more leases: it says goodbye and fails")
    func barred() {
        for cause in DropCause.allCases {
            var session = liveWorker()
            _ = session.receive(leaseMessage(1, [1, 2]), now: .zero)
            _ = push(&session, lease: 1)
            let verdict = Verdict(sequence: 1, lease: 1, outcome: .dropped(cause))
            let actions = session.receive(ack(1, [verdict]), now: .zero)
            #expect(session.counters.dropped == [cause: 1])
            guard cause == .invalid else {
                #expect(actions.isEmpty && session.phase == .live)
                continue
            }
            let goodbye = Goodbye(.failed, reason: "a group of it was invalid")
            #expect(actions == [.send(.goodbye(goodbye)), .wake, .wake])
            #expect(session.phase == .failed(.barred))
            #expect(session.takeLeases(upTo: 9).isEmpty)
        }
        // A verdict on a group that has one already says nothing new.
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1]), now: .zero)
        _ = push(&session, lease: 1)
        _ = session.receive(ack(1), now: .zero)
        let verdict = Verdict(sequence: 1, lease: 1, outcome: .dropped(.invalid))
        #expect(session.receive(ack(1, [verdict]), now: .zero).isEmpty && session.phase == .live)
    }

    @Test("Groups without a verdict are sent again after the liveness deadline without progress")
    func resending() {
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1]), now: .zero)
        _ = push(&session, lease: 1)
        for second in 1...5 {
            let beat = LearnerHeartbeat(
                sequence: 1, acknowledged: 0, heldLeases: [], current: reference(0))
            _ = session.receive(
                LearnerMessage(incarnation: 1, .heartbeat(beat)), now: .seconds(second))
            #expect(!session.tick(now: .seconds(second)).contains(.sendGroup([1])))
        }
        #expect(session.tick(now: .seconds(6)).contains(.sendGroup([1])))
        #expect(session.counters.resent == 1)
    }

    @Test(
        "A silent learner is greeted again; the same learner gets the unacknowledged groups again")
    func reconnection() {
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1, 2]), now: .zero)
        _ = push(&session, lease: 1)
        let actions = session.tick(now: .milliseconds(5_001))
        #expect(actions.first?.hello?.heldLeases == [1, 2] && actions.first?.hello?.sequence == 1)
        #expect(actions.first?.hello?.runID == runID && session.phase == .connecting)
        // A group that is ready meanwhile waits for the session.
        #expect(push(&session, lease: 2) == .sent([]))
        let again = session.receive(welcome(), now: .seconds(6))
        #expect(again.contains(.sendGroup([1])) && again.contains(.sendGroup([2])))
        #expect(again.first?.heartbeat != nil)
    }

    @Test(
        "A restarted learner gets nothing of unanswered leases, and counting goes on where it counts from"
    )
    func restart() {
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1, 2]), now: .zero)
        _ = session.adopt(reference(0), now: .zero)
        _ = push(&session, lease: 1)
        let stale = session.nextNumbering
        #expect(session.receive(reject(.helloRequired), now: .seconds(1)).first?.hello != nil)
        let actions = session.receive(welcome(incarnation: 2), now: .seconds(1))
        #expect(!actions.contains(.sendGroup([1])))
        #expect(actions.first?.heartbeat?.heldLeases == [] && actions.first?.heartbeat?.held == nil)
        #expect(session.takeLeases(upTo: 9).isEmpty && session.unacknowledgedCount == 0)
        _ = session.receive(leaseMessage(1, [1], incarnation: 2), now: .seconds(1))
        #expect(session.takeLeases(upTo: 9).map(\.lease) == [1])
        #expect(session.nextNumbering.sequence == 1)
        #expect(session.push([1], lease: 1, numbering: stale, now: .seconds(1)) == .renumber)
        // Stragglers of the old learner are not heard.
        #expect(session.receive(leaseMessage(2, [7]), now: .seconds(1)).isEmpty)
        #expect(session.receive(welcome(), now: .seconds(1)).isEmpty)
    }

    @Test("Another run at the same address ends the worker")
    func otherRun() {
        var session = liveWorker()
        let other = RunID([UInt8](repeating: 9, count: 16))!
        _ = session.receive(welcome(incarnation: 2, run: other), now: .zero)
        guard case .failed(.rejected(.wrongRun, _)) = session.phase else {
            Issue.record("\(session.phase)")
            return
        }
    }

    @Test("Each REJECT does what the protocol's table says", arguments: RejectCode.allCases)
    func rejects(_ code: RejectCode) {
        var session = liveWorker()
        let actions = session.receive(reject(code), now: .seconds(1))
        switch code.remedy {
        case .exit:
            #expect(
                session.phase
                    == .failed(code == .barred ? .barred : .rejected(code, reason: "r")))
        case .hello: #expect(session.phase == .connecting && actions.first?.hello != nil)
        case .helloLater: #expect(session.phase == .live)
        case .resendOnce:
            #expect(session.phase == .connecting)
            _ = session.receive(reject(code), now: .seconds(2))
            #expect(session.phase == .failed(.rejected(code, reason: "r")))
        }
        var connecting = WorkerSession(
            alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
            sha256: { fakeDigest($0) })
        _ = connecting.receive(reject(code, type: .hello), now: .zero)
        let mayGoOn = code.remedy == .helloLater || code.remedy == .resendOnce
        #expect((connecting.phase == .connecting) == mayGoOn)
    }

    @Test("The adopted snapshot is reported at once, and again after every WELCOME")
    func adoption() {
        var session = liveWorker()
        #expect(session.adopt(reference(1), now: .zero).first?.heartbeat?.held == reference(1))
        #expect(session.adopt(reference(1), now: .zero).isEmpty)
        #expect(session.receive(welcome(), now: .zero).first?.heartbeat?.held == reference(1))
        #expect(session.digest(of: reference(0).version) == reference(0).digest)
        #expect(session.digest(of: reference(1).version) == nil)
    }

    @Test("Leases of a version that is gone are given up, but not those that were answered")
    func givingUp() {
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1, 2]), now: .zero)
        _ = push(&session, lease: 1)
        let actions = session.giveUp(ticket(0).version, now: .zero)
        #expect(actions.first?.heartbeat?.heldLeases == [1])
        #expect(session.takeLeases(upTo: 9).isEmpty)
        #expect(session.giveUp(ticket(0).version, now: .zero).isEmpty)
        #expect(push(&session, lease: 2) == .notNeeded)
    }

    @Test("DRAIN ends the leases at once; the worker leaves when its last group has a verdict")
    func drain() {
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1, 2]), now: .zero)
        _ = push(&session, lease: 1)
        let drain = LearnerMessage(
            incarnation: 1, .drain(Drain(sequence: 2, mode: .stop, reason: "done")))
        #expect(
            session.receive(drain, now: .zero)
                == [.send(.drained(Drained(sequence: 1, reason: "done"))), .wake])
        #expect(session.isOver && session.takeLeases(upTo: 9).isEmpty)
        #expect(push(&session, lease: 2) == .notNeeded)
        #expect(session.receive(leaseMessage(3, [3]), now: .zero).isEmpty)
        #expect(session.tick(now: .seconds(1)).first?.heartbeat?.acknowledged == 3)
        let left = session.receive(ack(1), now: .seconds(1))
        #expect(left == [.send(.goodbye(Goodbye(.finished, reason: "drained"))), .wake])
        #expect(session.phase == .ended)
        #expect(session.receive(drain, now: .seconds(1)).isEmpty)
    }

    @Test("A learner that falls silent during a drain is not waited for")
    func silentDrain() {
        var session = liveWorker()
        _ = session.receive(leaseMessage(1, [1]), now: .zero)
        _ = push(&session, lease: 1)
        let drain = LearnerMessage(
            incarnation: 1, .drain(Drain(sequence: 2, mode: .finish, reason: "")))
        _ = session.receive(drain, now: .zero)
        #expect(session.phase == .draining)
        _ = session.tick(now: .seconds(6))
        #expect(session.phase == .ended)
    }

    @Test("A learner's GOODBYE ends, restarts or fails the worker")
    func goodbye() {
        func after(_ farewell: Farewell) -> WorkerSession {
            var session = liveWorker()
            _ = session.receive(leaseMessage(1, [1]), now: .zero)
            let bye = LearnerMessage(incarnation: 1, .goodbye(Goodbye(farewell, reason: "r")))
            _ = session.receive(bye, now: .zero)
            return session
        }
        #expect(after(.finished).phase == .ended)
        #expect(after(.failed).phase == .failed(.runFailed("r")))
        var restarting = after(.restarting)
        #expect(restarting.phase == .connecting)
        #expect(restarting.takeLeases(upTo: 1).map(\.lease) == [1])
        for farewell in Farewell.allCases {
            var connecting = WorkerSession(
                alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
                sha256: { fakeDigest($0) })
            let bye = LearnerMessage(incarnation: 1, .goodbye(Goodbye(farewell, reason: "r")))
            _ = connecting.receive(bye, now: .zero)
            #expect((connecting.phase == .connecting) == (farewell == .restarting))
        }
    }

    @Test("Session messages before WELCOME are not heard")
    func beforeWelcome() {
        var session = WorkerSession(
            alice, numerics: "n", slots: 2, timing: WorkerTiming(), now: .zero,
            sha256: { fakeDigest($0) })
        let drain = LearnerMessage(
            incarnation: 1, .drain(Drain(sequence: 1, mode: .stop, reason: "")))
        let beat = LearnerHeartbeat(
            sequence: 0, acknowledged: 0, heldLeases: [], current: reference(0))
        for message in [
            leaseMessage(1, [1]), ack(1), drain, LearnerMessage(incarnation: 1, .heartbeat(beat)),
        ] {
            #expect(session.receive(message, now: .zero).isEmpty)
            #expect(session.phase == .connecting)
        }
        #expect(session.takeLeases(upTo: 1).isEmpty)
        #expect(session.leave(.finished, reason: "") == [.wake])
    }

    @Test("Leaving says goodbye once")
    func leaving() {
        var session = liveWorker()
        #expect(
            session.leave(.failed, reason: "r") == [
                .send(.goodbye(Goodbye(.failed, reason: "r"))), .wake,
            ])
        #expect(session.leave(.failed, reason: "r").isEmpty && session.phase == .ended)
        #expect(session.adopt(reference(0), now: .zero).isEmpty)
    }
}

extension MessageType {
    fileprivate static var heartbeat_: MessageType { .workerHeartbeat }
}
