import Foundation
import GRPO
import Ports
import Sessions
import Testing
import Wire
import ZeroMQTransport

@Suite("Links when the other side fails", .timeLimit(.minutes(2)))
struct FailureTests {
    /// A learner with one snapshot published, at an ipc address of its own.
    private func withLearner(
        liveness: Duration = .seconds(5), drained: Bool = false,
        _ body: @escaping @Sendable (LearnerLink) async throws -> Void
    ) async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await LearnerLink.withLink(learnerConfiguration(address, liveness: liveness)) {
                link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                try await within { try await body(link) }
            }
        }
    }

    @Test("A worker that dies without a word is lost when its liveness deadline has passed")
    func workerDies() async throws {
        try await withLearner(liveness: .milliseconds(300)) { link in
            let worker = try await withRawWorker(link.address) { raw in
                try await raw.send(try hello("doomed"))
                return try await nextReady(link).worker
            }
            let start = ContinuousClock.now
            let lost = try await nextLost(link)
            #expect(lost.worker == worker && worker.name == "doomed")
            #expect(lost.cause.contains("nothing was heard"))
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test("A worker that leaves says goodbye, and the learner hears of it at once")
    func workerLeaves() async throws {
        try await withLearner(liveness: .seconds(60)) { link in
            try await WorkerLink.withLink(workerLinkConfiguration(link.address)) { worker in
                _ = try await worker.configuration()
                _ = try await nextReady(link)
            }
            #expect(try await nextLost(link).cause.contains("goodbye"))
        }
    }

    @Test("A worker whose learner falls silent throws when its deadline has passed, naming it")
    func learnerDies() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await withRawLearner(address) { raw in
                var configuration = workerLinkConfiguration(address)
                configuration.reconnectDeadline = .milliseconds(700)
                try await WorkerLink.withLink(configuration) { worker in
                    let peer = try await raw.receiveFromPeer().from
                    try await raw.send(.welcome(try welcome()), incarnation: 1, to: peer)
                    let start = ContinuousClock.now
                    let error = await #expect(throws: LearnerLost.self) {
                        try await within { try await worker.leases(upTo: 1) }
                    }
                    #expect(error?.description.contains("no session for 0.7 s") == true)
                    #expect(ContinuousClock.now - start < .seconds(10))
                    await #expect(throws: LearnerLost.self) {
                        try await worker.push(answer(ticket(0, version(0))), lease: 1)
                    }
                    await #expect(throws: LearnerLost.self) {
                        try await worker.snapshot(version(0))
                    }
                }
            }
        }
    }

    @Test("A worker that never finds a learner gives up when its deadline has passed")
    func noLearner() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/nobody")
            var configuration = workerLinkConfiguration(address)
            configuration.reconnectDeadline = .milliseconds(300)
            await #expect(throws: LearnerLost.self) {
                try await WorkerLink.withLink(configuration) { worker in
                    try await within { try await worker.configuration() }
                }
            }
        }
    }

    @Test("After a learner was killed, its worker joins the next start and forgets the old leases")
    func learnerRestarts() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await WorkerLink.withLink(workerLinkConfiguration(address)) { worker in
                let old = try await withRawLearner(address) { raw in
                    let peer = try await raw.receiveFromPeer().from
                    try await raw.send(.welcome(try welcome()), incarnation: 1, to: peer)
                    let leased = LeasedTicket(
                        lease: 1, ticket: ticket(5, version(0)), deadline: .seconds(60))
                    try await raw.send(
                        .lease(LeaseOffer(sequence: 1, tickets: [leased])), incarnation: 1, to: peer
                    )
                    return try await within { try await worker.leases(upTo: 4) }
                }
                #expect(old.map(\.id) == [1])
                let configuration = learnerConfiguration(address, incarnation: 2)
                try await LearnerLink.withLink(configuration) { link in
                    try await link.publish(snapshot(version(0, 2)), oldestKept: 0)
                    let id = try await within { try await nextReady(link).worker }
                    // The old lease is nobody's any more; its group goes nowhere.
                    try await worker.push(answer(old[0].ticket), lease: 1)
                    let lease = Lease(id: Lease.firstID(ofIncarnation: 2), ticket: ticket(6, version(0, 2)))
                    await link.grant([lease], to: id)
                    let leases = try await within { try await worker.leases(upTo: 4) }
                    #expect(leases == [lease])
                    _ = try await worker.snapshot(version(0, 2))
                    try await worker.push(answer(lease.ticket), lease: lease.id)
                    let group = try await within { try await nextGroup(link).group }
                    #expect(group == answer(lease.ticket))
                    await link.answer(.accepted(durable: false), for: lease.id, to: id)
                    #expect(await link.statistics().session.delivered == 1)
                }
                #expect(await worker.statistics().session.sessions >= 2)
            }
        }
    }

    @Test("A learner that leaves for a restart is waited for")
    func announcedRestart() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await WorkerLink.withLink(workerLinkConfiguration(address)) { worker in
                for incarnation in UInt32(1)...3 {
                    let configuration = learnerConfiguration(address, incarnation: incarnation)
                    try await LearnerLink.withLink(configuration) { link in
                        try await link.publish(snapshot(version(0, incarnation)), oldestKept: 0)
                        let id = try await within { try await nextReady(link).worker }
                        let lease = Lease(id: 1, ticket: ticket(0, version(0, incarnation)))
                        await link.grant([lease], to: id)
                        let leases = try await within { try await worker.leases(upTo: 1) }
                        #expect(leases == [lease])
                        await link.leaveForRestart(reason: "a new release")
                    }
                }
                #expect(await worker.statistics().session.sessions >= 3)
            }
        }
    }

    @Test("A later start of a worker fences the earlier one, and an earlier one is refused")
    func fencing() async throws {
        try await withLearner { link in
            try await WorkerLink.withLink(workerLinkConfiguration(link.address, incarnation: 5)) {
                first in
                #expect(try await nextReady(link).worker.incarnation == 5)
                try await WorkerLink.withLink(
                    workerLinkConfiguration(link.address, incarnation: 6)
                ) { second in
                    #expect(try await nextLost(link).worker.incarnation == 5)
                    #expect(try await nextReady(link).worker.incarnation == 6)
                    let error = await #expect(throws: WorkerRefused.self) {
                        try await first.leases(upTo: 1)
                    }
                    #expect(error?.code == .fenced)
                    _ = try await second.configuration()
                    try await WorkerLink.withLink(
                        workerLinkConfiguration(link.address, incarnation: 4)
                    ) { late in
                        let error = await #expect(throws: WorkerRefused.self) {
                            try await late.configuration()
                        }
                        #expect(error?.code == .fenced)
                    }
                }
            }
        }
    }

    @Test("An exact run refuses a worker with another numerics fingerprint")
    func numericsMatter() async throws {
        try await withLearner { link in
            var configuration = workerLinkConfiguration(link.address)
            configuration.numerics = "another"
            let error = await #expect(throws: WorkerRefused.self) {
                try await WorkerLink.withLink(configuration) { try await $0.configuration() }
            }
            #expect(error?.code == .numerics && error?.reason.contains("another") == true)
        }
    }

    @Test("Garbage at the learner's socket is counted, answered with REJECT, and harms nobody")
    func garbage() async throws {
        try await withLearner { link in
            try await WorkerLink.withLink(workerLinkConfiguration(link.address)) { worker in
                let id = try await nextReady(link).worker
                try await withRawWorker(link.address) { raw in
                    for bytes in [[], [1, 2, 3], [UInt8](repeating: 0x43, count: 5_000)] {
                        try await raw.send(bytes)
                        let reply = try LearnerMessage(frame: try await raw.receive())
                        guard case .reject(let rejection) = reply.command else {
                            Issue.record("\(reply) is no REJECT")
                            return
                        }
                        #expect(rejection.code == .malformed)
                    }
                    try await raw.send(frames: [[1], [2], [3]])
                    // A well-formed message without a session.
                    let stranger = WorkerMessage(
                        incarnation: 9, .drained(Drained(sequence: 0, reason: "")))
                    try await raw.send(try stranger.encode())
                    let reply = try LearnerMessage(frame: try await raw.receive())
                    guard case .reject(let rejection) = reply.command else {
                        Issue.record("\(reply) is no REJECT")
                        return
                    }
                    #expect(rejection.code == .helloRequired)
                }
                let statistics = await link.statistics()
                #expect(statistics.session.malformed == 3 && statistics.multipart == 1)
                #expect(statistics.workers == 1)
                await link.grant([Lease(id: 1, ticket: ticket(0, version(0)))], to: id)
                #expect(try await worker.leases(upTo: 1).count == 1)
            }
        }
    }

    @Test("Garbage at the snapshot socket is answered with REJECT, and transfers go on")
    func snapshotGarbage() async throws {
        try await withLearner { link in
            let address = LearnerAddress(
                rollouts: link.address.snapshots, snapshots: link.address.snapshots)
            try await withRawWorker(address) { raw in
                try await raw.send([9, 9, 9])
                let reply = try HolderMessage(frame: try await raw.receive())
                guard case .reject(let rejection) = reply.command else {
                    Issue.record("\(reply) is no REJECT")
                    return
                }
                #expect(rejection.code == .malformed)
            }
            try await WorkerLink.withLink(workerLinkConfiguration(link.address)) { worker in
                _ = try await worker.configuration()
                #expect(try await worker.snapshot(version(0)).image == snapshot(version(0)).image)
            }
        }
    }

    @Test(
        "A version that is not kept any more is gone, and one that is not there yet is waited for")
    func versions() async throws {
        try await withLearner { link in
            try await WorkerLink.withLink(workerLinkConfiguration(link.address)) { worker in
                _ = try await worker.configuration()
                try await link.publish(snapshot(version(1)), oldestKept: 1)
                await #expect(throws: SnapshotGone.self) { try await worker.snapshot(version(0)) }
                async let later = worker.snapshot(version(2))
                try await link.publish(snapshot(version(2)), oldestKept: 1)
                #expect(try await later.version == version(2))
            }
        }
    }

    @Test("Leases whose version is gone are given up, and the learner can lease them again")
    func givingUp() async throws {
        try await withLearner { link in
            try await WorkerLink.withLink(workerLinkConfiguration(link.address)) { worker in
                let id = try await nextReady(link).worker
                await link.grant([Lease(id: 1, ticket: ticket(0, version(0)))], to: id)
                #expect(try await worker.leases(upTo: 1).count == 1)
                try await link.publish(snapshot(version(1)), oldestKept: 1)
                await #expect(throws: SnapshotGone.self) { try await worker.snapshot(version(0)) }
                let released = try await next(link) { event in
                    if case .released(let leases, let worker) = event { (leases, worker) } else { nil }
                }
                #expect(released.0 == [1] && released.1 == id)
            }
        }
    }

    @Test("A learner whose run fails tells its workers why")
    func runFails() async throws {
        struct Mishap: Error, CustomStringConvertible {
            var description: String { "out of cheese" }
        }
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await WorkerLink.withLink(workerLinkConfiguration(address)) { worker in
                await #expect(throws: Mishap.self) {
                    try await LearnerLink.withLink(learnerConfiguration(address)) { link in
                        try await link.publish(snapshot(version(0)), oldestKept: 0)
                        _ = try await within { try await nextReady(link) }
                        throw Mishap()
                    }
                }
                let error = await #expect(throws: LearnerLost.self) {
                    try await within { try await worker.leases(upTo: 1) }
                }
                #expect(error?.description.contains("out of cheese") == true)
            }
        }
    }
}
