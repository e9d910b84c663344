import Foundation
import GRPO
import Sessions
import Testing
import Wire

/// A session of release 1.0 with itself, as it went over the wire.
private enum Recording {
    private struct Entry: Decodable {
        var from: String
        var frame: String
    }

    /// Frames in the order in which they were sent.
    static func frames(from sender: String) throws -> [[UInt8]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../protocols/vectors/recorded-1.0.json")
        let entries = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: file))
        return entries.filter { $0.from == sender }.map { entry in
            let digits = Array(entry.frame)
            return stride(from: 0, to: digits.count, by: 2).map {
                UInt8(String(digits[$0..<$0 + 2]), radix: 16)!
            }
        }
    }

    static var fromWorker: [WorkerMessage] {
        get throws { try frames(from: "worker").map { try WorkerMessage(frame: $0) } }
    }
    static var fromLearner: [LearnerMessage] {
        get throws { try frames(from: "learner").map { try LearnerMessage(frame: $0) } }
    }
}

@Suite("A peer of release 1.0")
struct RecordedSessionTests {
    private let worker = WorkerIdentity(name: "w-1.0", incarnation: 1_700_000_000_000_000_000)

    /// Replays what the worker said to a learner of today, which says what a 1.0 learner would have.
    @Test("A worker of 1.0 goes through a whole session with a learner of today")
    func worker1_0() throws {
        guard case .welcome(let welcome) = try Recording.fromLearner[0].command else {
            Issue.record("a session begins with WELCOME")
            return
        }
        var session = LearnerSession(
            LearnerTerms(
                incarnation: 1, runID: welcome.runID, configuration: welcome.configuration ?? "",
                configurationFingerprint: welcome.configurationFingerprint,
                numerics: welcome.numerics, isExact: true, heartbeatInterval: .seconds(1),
                livenessDeadline: .seconds(5), largestGroupBytes: 8_192, groupSize: 2,
                rewardPlacement: .worker, leaseDuration: .seconds(60), workersMax: 8))
        _ = session.setCurrent(welcome.current, now: .zero)
        var said: [LearnerCommand] = []
        var groups: [(lease: UInt64, group: Group)] = []
        func take(_ actions: [LearnerSession.Action]) throws {
            for action in actions {
                switch action {
                case .send(let command, let peer):
                    // As 1.0 reads it: nothing in it that came later.
                    #expect(session.version(with: peer) == .oldest)
                    let frame = try LearnerMessage(
                        incarnation: 1, command, version: session.version(with: peer)
                    ).encode()
                    #expect(frame[5] == 0)
                    said.append(try LearnerMessage(frame: frame).command)
                case .ready(let who, _) where groups.isEmpty:
                    #expect(who == worker)
                    let tickets = try #require(lease(in: try Recording.fromLearner)).tickets
                    try take(session.grant(tickets.map { ($0.lease, $0.ticket) }, to: who, now: .zero))
                case .group(let group, let lease, _): groups.append((lease, group))
                case .ready, .released, .lost, .forget: break
                }
            }
        }
        for message in try Recording.fromWorker {
            if case .drained = message.command {
                try take(session.drain(reason: "the run is complete"))
            }
            try take(session.receive(message, from: aliceAddress, now: .zero))
            if groups.count == 3, case .group = message.command {
                try take(session.answer(.accepted(durable: true), lease: 1, worker: worker))
                try take(session.answer(.dropped(.rewardFailed), lease: 2, worker: worker))
                try take(session.answer(.dropped(.constantRewards), lease: 3, worker: worker))
            }
        }
        #expect(groups.map(\.lease) == [1, 2, 3])
        #expect(groups[0].group.completions.map(\.reward) == [-0.5, 0.5])
        #expect(groups[0].group.completions.allSatisfy { $0.rewards.isEmpty })
        #expect(groups[2].group.completions.allSatisfy { $0.reward == nil })
        let outcomes = said.flatMap { command -> [Outcome] in
            if case .ack(let ack) = command { ack.verdicts.map(\.outcome) } else { [] }
        }
        #expect(outcomes == [.accepted(durable: true), .dropped(.badReward), .dropped(.notNeeded)])
        #expect(session.liveCount == 0 && session.counters.malformed == 0)
        #expect(session.counters.rejected.isEmpty)
    }

    /// Replays what the learner said to a worker of today.
    @Test("A learner of 1.0 goes through a whole session with a worker of today")
    func learner1_0() throws {
        let messages = try Recording.fromLearner
        guard case .welcome(let welcome) = messages[0].command else {
            Issue.record("a session begins with WELCOME")
            return
        }
        var session = WorkerSession(
            worker, numerics: welcome.numerics, slots: 4, timing: WorkerTiming(), now: .zero,
            sha256: { _ in welcome.configurationFingerprint })
        var sent: [[UInt8]] = []
        func take(_ actions: [WorkerSession.Action]) throws {
            for action in actions {
                switch action {
                case .send(let command):
                    sent.append(
                        try WorkerMessage(
                            incarnation: worker.incarnation, command,
                            version: session.version(of: command)
                        ).encode())
                case .sendGroup(let frame): sent.append(frame)
                case .wake: break
                }
            }
        }
        try take(session.tick(now: .zero))
        for message in messages {
            try take(session.receive(message, now: .zero))
            guard case .lease = message.command else { continue }
            try take(session.adopt(welcome.current, now: .zero))
            for leased in session.takeLeases(upTo: 3) {
                let numbering = session.nextNumbering
                var group = answer(leased.ticket)
                for index in group.completions.indices { group.completions[index].rewards = [1, nil] }
                let frame = try WorkerMessage(
                    incarnation: worker.incarnation,
                    .group(
                        GroupDelivery(
                            sequence: numbering.sequence, lease: leased.lease, group: group)),
                    version: session.version
                ).encode()
                guard
                    case .sent(let actions) = session.push(
                        frame, lease: leased.lease, numbering: numbering, now: .zero)
                else {
                    Issue.record("a group was not sent")
                    return
                }
                try take(actions)
            }
        }
        #expect(session.phase == .ended && session.unacknowledgedCount == 0)
        #expect(session.counters.accepted == 1 && session.counters.duplicates == 1)
        #expect(session.counters.dropped == [.badReward: 1])
        // HELLO says the highest that this side speaks; the rest is what 1.0 writes.
        let spoken = try sent.map { try WorkerMessage(frame: $0) }
        for message in spoken {
            #expect(message.version == (message.type == .hello ? .current : .oldest))
            guard case .group(let delivery) = message.command else { continue }
            #expect(delivery.group.completions.allSatisfy { $0.rewards.isEmpty && $0.reward == 1 })
        }
        #expect(spoken.contains { $0.type == .drained } && spoken.last?.type == .workerGoodbye)
    }

    private func lease(in messages: [LearnerMessage]) -> LeaseOffer? {
        messages.lazy.compactMap { if case .lease(let offer) = $0.command { offer } else { nil } }
            .first
    }
}
