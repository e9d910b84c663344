import Foundation
import GRPO
import Ports
import Sessions
import Testing
import Wire
import ZeroMQ
import ZeroMQTransport

// The table in protocols/1-ROLLOUT.md, "Security", has one row for each of these tests.

@Suite("Encrypted links: who gets in, and as whom", .timeLimit(.minutes(2)))
struct SecurityTests {
    @Test(
        "A listed worker takes part, under its identity or the identity with a number",
        arguments: ["node", "node@7"])
    func listed(_ name: String) async throws {
        try await TestKeys.with { keys in
            let pair = try keys.authorized("node")
            try await keys.withLearner { link in
                let settings = keys.workerConfiguration(link.address, name: name, pair)
                try await WorkerLink.withLink(settings) { worker in
                    let id = try await within { try await nextReady(link).worker }
                    #expect(id.name == name)
                    await link.grant([Lease(id: 1, ticket: ticket(0, version(0)))], to: id)
                    let lease = try await within { try await worker.leases(upTo: 1)[0] }
                    _ = try await worker.snapshot(version(0))
                    try await worker.push(answer(lease.ticket), lease: lease.id)
                    let group = try await within { try await nextGroup(link).group }
                    #expect(group == answer(lease.ticket))
                }
                let counters = try #require(await link.statistics().security)
                #expect(counters.admitted == 2)
                #expect(counters.unknownKeys == 0 && counters.failedHandshakes == 0)
            }
        }
    }

    @Test("A worker without a key is refused, counted and logged, and told what it lacks")
    func noKey() async throws {
        try await TestKeys.with { keys in
            try await keys.withLearner { link in
                // Whichever end first sees that the other speaks otherwise hangs up; only what the learner
                // sees has a name.
                repeat {
                    let lost = await failure(
                        keys.workerConfiguration(
                            link.address, name: "w", nil, givesUpAfter: .seconds(1)))
                    #expect((lost as? LearnerLost)?.cause.contains("--learner-key") == true)
                } while await link.statistics().security!.mechanismMismatches == 0
                await keys.notes.heard("does not encrypt")
                #expect(await link.statistics().security!.mechanismMismatches >= 1)
                #expect(await link.statistics().workers == 0)
            }
        }
    }

    @Test("A peer with a name and a password instead of a key is refused, counted and logged")
    func plain() async throws {
        try await TestKeys.with { keys in
            try await keys.withLearner { link in
                let options: [SocketOption] = [.plainUsername("node"), .plainPassword("secret")]
                var ended = 0
                while await link.statistics().security!.mechanismMismatches == 0 {
                    try await withRawWorker(link.address, options) { _ in
                        ended = await handshakesEnded(after: ended, at: link)
                    }
                }
                await keys.notes.heard("does not encrypt")
                #expect(await link.statistics().workers == 0)
            }
        }
    }

    @Test("An unknown key is refused, counted and logged, and its worker told why")
    func unknownKey() async throws {
        try await TestKeys.with { keys in
            let stranger = try CurveKeyPair.generate()
            try await keys.withLearner { link in
                let lost = await failure(
                    keys.workerConfiguration(
                        link.address, name: "w", stranger, givesUpAfter: .seconds(1)))
                #expect((lost as? LearnerLost)?.cause.contains("authorized_workers") == true)
                await keys.notes.heard("the unknown key \(stranger.publicKey)")
                #expect(await link.statistics().security!.unknownKeys >= 1)
                #expect(await link.statistics().security!.admitted == 0)
            }
        }
    }

    @Test("A worker that has another server's key gets no word to the learner, and is counted")
    func wrongServerKey() async throws {
        try await TestKeys.with { keys in
            let (pair, other) = (try keys.authorized("node"), try CurveKeyPair.generate())
            try await keys.withLearner { link in
                let lost = await failure(
                    keys.workerConfiguration(
                        link.address, name: "node", pair, learner: other.publicKey,
                        givesUpAfter: .seconds(1)))
                #expect((lost as? LearnerLost)?.cause.contains("--learner-key") == true)
                await keys.notes.heard("a handshake that failed")
                #expect(await link.statistics().security!.failedHandshakes >= 1)
                #expect(await link.statistics().security!.admitted == 0)
            }
        }
    }

    @Test("A worker that calls itself what another's key is listed as is refused with the reason")
    func otherName() async throws {
        try await TestKeys.with { keys in
            let pair = try keys.authorized("node")
            _ = try keys.authorized("other")
            try await keys.withLearner { link in
                let refused = await failure(
                    keys.workerConfiguration(link.address, name: "other", pair))
                #expect((refused as? WorkerRefused)?.code == .notAuthorized)
                #expect((refused as? WorkerRefused)?.reason.contains("node@NUMBER") == true)
                await keys.notes.heard("not other")
                #expect(await link.statistics().session.rejected[.notAuthorized] == 1)
            }
        }
    }

    @Test("Who takes over another's routing id gets nothing of the other's session")
    func stolenRoutingID() async throws {
        try await TestKeys.with { keys in
            let (victim, thief) = (try keys.authorized("victim"), try keys.authorized("thief"))
            let id = RoutingID.random()
            func options(_ pair: CurveKeyPair) -> [SocketOption] {
                SocketOption.curveClient(pair, of: keys.learner.publicKey)
                    // Or the victim would take its id back at once.
                    + [.routingID(id), .reconnectInterval(nil)]
            }
            try await keys.withLearner { link in
                try await withRawWorker(link.address, options(victim)) { first in
                    try await first.send(hello("victim"))
                    let worker = try await within { try await nextReady(link).worker }
                    await link.grant([Lease(id: 1, ticket: ticket(0, version(0)))], to: worker)
                    try await withRawWorker(link.address, options(thief)) { second in
                        let delivery = GroupDelivery(
                            sequence: 1, lease: 1, group: answer(ticket(0, version(0))))
                        let frames = [
                            try WorkerMessage(incarnation: 1, .group(delivery)).encode(),
                            try hello("victim"), try hello("victim", incarnation: 2),
                        ]
                        for frame in frames {
                            try await second.send(frame)
                            let rejection = try await rejection(second)
                            #expect(rejection.code == .notAuthorized)
                        }
                    }
                }
                let statistics = await link.statistics()
                #expect(statistics.session.rejected[.notAuthorized] == 3)
                #expect(statistics.session.delivered == 0)
                #expect(keys.notes.all.contains { $0.contains("that of thief") })
            }
        }
    }

    @Test("A worker whose key is revoked is fenced with the reason, and does not get in again")
    func revokedKey() async throws {
        try await TestKeys.with { keys in
            let pair = try keys.authorized("node")
            try await keys.withLearner { link in
                let settings = keys.workerConfiguration(link.address, name: "node", pair)
                let refused = await #expect(throws: WorkerRefused.self) {
                    try await WorkerLink.withLink(settings) { worker in
                        _ = try await within { try await nextReady(link) }
                        try keys.revoke("node")
                        _ = try await within { try await worker.leases(upTo: 1) }
                    }
                }
                #expect(refused?.code == .notAuthorized)
                #expect(refused?.reason.contains("taken off the learner's list") == true)
                let lost = try await within { try await nextLost(link) }
                #expect(lost.worker.name == "node" && lost.cause.contains("taken off"))
                await keys.notes.heard("worker node: its key was taken off")
                let again = await failure(
                    keys.workerConfiguration(
                        link.address, name: "node", pair, givesUpAfter: .seconds(1)))
                #expect(again is LearnerLost)
                #expect(await link.statistics().security!.unknownKeys >= 1)
            }
        }
    }

    @Test("A key that is added while its worker knocks lets it in, without a restart of anything")
    func addedKey() async throws {
        try await TestKeys.with { keys in
            let pair = try CurveKeyPair.generate()
            try await keys.withLearner { link in
                var settings = keys.workerConfiguration(link.address, name: "node", pair)
                settings.handshakeInterval = .milliseconds(500)
                try await WorkerLink.withLink(settings) { worker in
                    await keys.notes.heard("the unknown key \(pair.publicKey)")
                    try keys.list(pair, as: "node")
                    _ = try await within { try await worker.configuration() }
                }
                #expect(await link.statistics().security!.unknownKeys >= 1)
            }
        }
    }

    @Test("A test key of libzmq's manual is refused, on the list or not")
    func manualKey() async throws {
        let secret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
        let pair = try CurveKeyPair(secretKey: #require(CurveSecretKey(z85: secret.utf8)))
        try await TestKeys.with { keys in
            try keys.list(pair, as: "node")
            try await keys.withLearner { link in
                #expect(keys.notes.all.contains { $0.contains("node.pub holds a test key") })
                let lost = await failure(
                    keys.workerConfiguration(
                        link.address, name: "node", pair, givesUpAfter: .seconds(1)))
                #expect(lost is LearnerLost)
                await keys.notes.heard("a test key of libzmq's manual")
                #expect(await link.statistics().security!.manualKeys >= 1)
                #expect(await link.statistics().security!.admitted == 0)
            }
        }
    }

    /// What a worker's link with these settings fails with.
    private func failure(_ settings: WorkerLinkConfiguration) async -> (any Error)? {
        do {
            try await WorkerLink.withLink(settings) { worker in
                _ = try await within { try await worker.configuration() }
            }
            return nil
        } catch { return error }
    }

    private func rejection(_ peer: RawPeer) async throws -> Rejection {
        while true {
            let message = try LearnerMessage(frame: try await peer.receive())
            if case .reject(let rejection) = message.command { return rejection }
        }
    }
}

/// Waits until more than `count` handshakes have come to nothing, and answers with how many.
private func handshakesEnded(after count: Int, at link: LearnerLink) async -> Int {
    while true {
        if let counters = await link.statistics().security {
            let ended = counters.mechanismMismatches + counters.unfinishedHandshakes
            if ended > count { return ended }
        }
        await Task.yield()
    }
}
