import Foundation
import GRPO
import Ports
import Sessions
import Testing
import Wire
import ZeroMQ
import ZeroMQTransport

@Suite("Links: addresses, limits, waiting and leaving", .timeLimit(.minutes(2)))
struct LinkTests {
    @Test("Snapshots are beside rollouts: the next port, or the path with a suffix")
    func addresses() throws {
        let tcp = try LearnerAddress("tcp://127.0.0.1:5555")
        #expect(tcp.snapshots.description == "tcp://127.0.0.1:5556")
        let ipv6 = try LearnerAddress("tcp://[::1]:5555")
        #expect(ipv6.snapshots.description == "tcp://[::1]:5556")
        let ipc = try LearnerAddress("ipc:///tmp/a")
        #expect(ipc.snapshots.description == "ipc:///tmp/a-snapshots")
        let named = try LearnerAddress("tcp://127.0.0.1:5555", snapshots: "tcp://127.0.0.1:7000")
        #expect(named.snapshots.description == "tcp://127.0.0.1:7000")
        #expect(try LearnerAddress("tcp://127.0.0.1:0").snapshots.hasWildcardPort)
        #expect(throws: EndpointError.self) { try LearnerAddress("tcp://127.0.0.1:65535") }
        #expect(throws: EndpointError.self) { try LearnerAddress("nonsense") }
    }

    @Test(
        "Off loopback, learner and worker are refused without the word insecure",
        arguments: [
            "tcp://*:5555", "tcp://0.0.0.0:5555", "tcp://192.0.2.1:5555", "tcp://example.org:5555",
        ])
    func insecure(_ text: String) async throws {
        let address = try LearnerAddress(text)
        let error = await #expect(throws: InsecureEndpoint.self) {
            try await LearnerLink.withLink(learnerConfiguration(address)) { _ in }
        }
        #expect(error?.description.contains("--insecure") == true)
        await #expect(throws: InsecureEndpoint.self) {
            try await WorkerLink.withLink(workerLinkConfiguration(address)) { _ in }
        }
    }

    @Test("With the word insecure, every interface can be bound")
    func acceptedInsecurity() async throws {
        var configuration = learnerConfiguration(try LearnerAddress("tcp://0.0.0.0:0"))
        configuration.insecure = true
        try await LearnerLink.withLink(configuration) { link in
            #expect(link.address.rollouts.port != 0 && link.address.snapshots.port != 0)
        }
    }

    @Test("A port in use is a clear error, and nothing is left behind")
    func portInUse() async throws {
        let address = try LearnerAddress("tcp://127.0.0.1:0")
        try await LearnerLink.withLink(learnerConfiguration(address)) { link in
            let error = await #expect(throws: ZeroMQError.self) {
                try await LearnerLink.withLink(learnerConfiguration(link.address)) { _ in }
            }
            #expect(error?.code == .addressInUse)
            #expect(error?.description.contains("already in use") == true)
        }
    }

    @Test("Groups that cannot fit one message are refused before anything starts")
    func tooLarge() async throws {
        var configuration = learnerConfiguration(try LearnerAddress("tcp://127.0.0.1:0"))
        configuration.worker.groupSize = 64
        configuration.worker.sampling.maxCompletionLength = 100_000
        let error = await #expect(throws: LinkConfigurationError.self) {
            try await LearnerLink.withLink(configuration) { _ in }
        }
        #expect(error?.description.contains("max_completion_length") == true)
    }

    @Test("Invalid settings are refused before anything starts")
    func settings() async throws {
        let address = try LearnerAddress("tcp://127.0.0.1:0")
        var learner = learnerConfiguration(address)
        learner.worker.runID = "short"
        await #expect(throws: LinkConfigurationError.self) {
            try await LearnerLink.withLink(learner) { _ in }
        }
        learner = learnerConfiguration(address)
        learner.livenessDeadline = learner.heartbeatInterval
        await #expect(throws: LinkConfigurationError.self) {
            try await LearnerLink.withLink(learner) { _ in }
        }
        let target = try LearnerAddress("tcp://127.0.0.1:5555")
        await #expect(throws: LinkConfigurationError.self) {
            try await WorkerLink.withLink(workerLinkConfiguration(target, slots: 0)) { _ in }
        }
        await #expect(throws: WireError.self) {
            try await WorkerLink.withLink(workerLinkConfiguration(target, name: "a b")) { _ in }
        }
    }

    @Test("Waiting for an event ends at once when the task is cancelled, and the link goes on")
    func cancellation() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await LearnerLink.withLink(learnerConfiguration(address)) { link in
                let waiting = Task { try await link.next() }
                await Task.yield()
                waiting.cancel()
                await #expect(throws: CancellationError.self) { try await waiting.value }
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                try await WorkerLink.withLink(workerLinkConfiguration(address)) { worker in
                    _ = try await within { try await nextReady(link) }
                    let idle = Task { try await worker.leases(upTo: 1) }
                    await Task.yield()
                    idle.cancel()
                    await #expect(throws: CancellationError.self) { try await idle.value }
                    let fetching = Task { try await worker.snapshot(version(99)) }
                    await Task.yield()
                    fetching.cancel()
                    await #expect(throws: CancellationError.self) { try await fetching.value }
                    #expect(try await worker.snapshot(version(0)).version == version(0))
                }
            }
        }
    }

    @Test("A drain ends idle workers, waiting workers and fetching workers within a second")
    func drain() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await LearnerLink.withLink(learnerConfiguration(address)) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                let workers = (0..<3).map { index in
                    Task {
                        try await WorkerLink.withLink(
                            workerLinkConfiguration(address, name: "w\(index)")
                        ) { worker in
                            _ = try await worker.configuration()
                            if index == 2 {
                                // Never published: waits until the drain says otherwise.
                                await #expect(throws: SnapshotGone.self) {
                                    try await worker.snapshot(version(7))
                                }
                            }
                            return try await worker.leases(upTo: 1)
                        }
                    }
                }
                for _ in workers { _ = try await within { try await nextReady(link) } }
                let start = ContinuousClock.now
                await link.drain(reason: "enough")
                for worker in workers { #expect(try await worker.value.isEmpty) }
                #expect(ContinuousClock.now - start < .seconds(3))
                #expect(await link.statistics().workers == 0)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    @Test("A group that arrives after the drain is told that it is not needed")
    func lateGroup() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await LearnerLink.withLink(learnerConfiguration(address)) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                try await WorkerLink.withLink(workerLinkConfiguration(address)) { worker in
                    let id = try await within { try await nextReady(link).worker }
                    await link.grant([Lease(id: 1, ticket: ticket(0, version(0)))], to: id)
                    let lease = try await within { try await worker.leases(upTo: 1)[0] }
                    _ = try await worker.snapshot(version(0))
                    try await worker.push(answer(lease.ticket), lease: lease.id)
                    _ = try await within { try await nextGroup(link) }
                    // The learner has the group and ends before it says what became of it.
                    await link.drain(reason: "enough")
                    #expect(try await worker.leases(upTo: 1).isEmpty)
                    #expect(await worker.statistics().unacknowledged == 0)
                    #expect(await worker.statistics().session.dropped[.notNeeded] == 1)
                    // Nobody waits for what comes now.
                    try await worker.push(answer(lease.ticket), lease: lease.id)
                }
            }
        }
    }

    @Test("Groups pushed at once by several tasks all arrive, numbered without gaps")
    func concurrentPushes() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await LearnerLink.withLink(learnerConfiguration(address)) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                try await WorkerLink.withLink(workerLinkConfiguration(address, slots: 50)) {
                    worker in
                    let id = try await within { try await nextReady(link).worker }
                    let granted = (1...50).map { Lease(id: $0, ticket: ticket($0, version(0))) }
                    await link.grant(granted, to: id)
                    var leases: [Lease] = []
                    while leases.count < 50 {
                        leases += try await within { try await worker.leases(upTo: 50) }
                    }
                    #expect(leases == granted)
                    _ = try await worker.snapshot(version(0))
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for lease in leases {
                            group.addTask {
                                try await worker.push(answer(lease.ticket), lease: lease.id)
                            }
                        }
                        try await group.waitForAll()
                    }
                    var seen: Set<UInt64> = []
                    for _ in 0..<50 {
                        let (group, lease, _) = try await within { try await nextGroup(link) }
                        #expect(group == answer(ticket(lease, version(0))))
                        seen.insert(lease)
                        await link.answer(.accepted(durable: false), for: lease, to: id)
                    }
                    #expect(seen.count == 50)
                }
            }
        }
    }

    @Test("A group beyond the run's limits is refused where it is pushed, one at the limits is not")
    func longGroup() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            var configuration = learnerConfiguration(address)
            configuration.promptTokensMax = 100
            try await LearnerLink.withLink(configuration) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                try await WorkerLink.withLink(workerLinkConfiguration(address)) { worker in
                    _ = try await within { try await worker.configuration() }
                    // 64 tokens of a completion and 2 completions are the configuration's.
                    for (prompt, tokens, size) in [(101, 64, 2), (100, 65, 2), (100, 64, 3)] {
                        let error = await #expect(throws: WireError.self) {
                            try await worker.push(group(prompt, tokens, size), lease: 1)
                        }
                        #expect(error?.code == .limitExceeded)
                    }
                    // Nobody holds the lease, so nothing is sent; but nothing is wrong with the group.
                    try await worker.push(group(100, 64, 2), lease: 1)
                }
            }
        }
    }

    private func group(_ prompt: Int, _ tokens: Int, _ size: Int) -> Group {
        var group = answer(ticket(0, version(0)), groupSize: size)
        group.prompt = [Int32](repeating: 1, count: prompt)
        for index in group.completions.indices {
            group.completions[index] = Completion(
                tokens: [Int32](repeating: 1, count: tokens),
                behaviorLogprobs: [Float](repeating: -1, count: tokens),
                keptLogMasses: [Float](repeating: 0, count: tokens), finishReason: .length,
                reward: 0)
        }
        return group
    }

    @Test("A frame a little longer than the learner takes is refused with words, at the limit it is read")
    func longFrame() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            let configuration = learnerConfiguration(address)
            let longest = max(try configuration.largestGroupBytes(), 16 + 65_536)
            try await LearnerLink.withLink(configuration) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                try await withRawWorker(link.address) { raw in
                    for (count, code) in [(longest, RejectCode.malformed), (longest + 1, .tooLarge)] {
                        try await raw.send([UInt8](repeating: 0, count: count))
                        let reply = try LearnerMessage(frame: try await raw.receive())
                        guard case .reject(let rejection) = reply.command else {
                            Issue.record("\(reply) is no REJECT")
                            return
                        }
                        #expect(rejection.code == code)
                    }
                }
            }
        }
    }

    @Test("A ticket whose prompt is longer than workers were told ends the link with a sentence")
    func longPrompt() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            var configuration = learnerConfiguration(address)
            configuration.promptTokensMax = 3
            let error = await #expect(throws: WireError.self) {
                try await LearnerLink.withLink(configuration) { link in
                    try await link.publish(snapshot(version(0)), oldestKept: 0)
                    try await WorkerLink.withLink(workerLinkConfiguration(address)) { worker in
                        let id = try await nextReady(link).worker
                        var ticket = ticket(0, version(0))
                        await link.grant([Lease(id: 1, ticket: ticket)], to: id)
                        #expect(try await worker.leases(upTo: 1).count == 1)
                        ticket.prompt.append(1)
                        await link.grant([Lease(id: 2, ticket: ticket)], to: id)
                        while try await link.next() != nil {}
                    }
                }
            }
            #expect(error?.description == "the number of tokens of the prompt is 4; at most 3 is allowed")
        }
    }

    @Test("What a link waits for, and whom it refuses, is said: once for each reason")
    func notes() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            let (learnerNotes, workerNotes) = (Said(), Said())
            var configuration = learnerConfiguration(address)
            configuration.note = { learnerNotes.add($0) }
            try await LearnerLink.withLink(configuration) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                for _ in 0..<2 {
                    var stranger = workerLinkConfiguration(address)
                    stranger.numerics = "other"
                    await #expect(throws: WorkerRefused.self) {
                        try await WorkerLink.withLink(stranger) { _ = try await $0.configuration() }
                    }
                }
                var settings = workerLinkConfiguration(address)
                settings.note = { workerNotes.add($0) }
                try await WorkerLink.withLink(settings) { _ = try await $0.configuration() }
            }
            #expect(learnerNotes.all.count == 1)
            #expect(learnerNotes.all[0].hasPrefix("a worker was refused (numerics): the worker computes"))
            #expect(workerNotes.all.first == "waiting for the learner, for 20.0 s at most")
        }
    }

    @Test("A worker without a learner waits, and does not spin")
    func idle() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/nobody")
            var configuration = workerLinkConfiguration(address)
            configuration.reconnectDeadline = .seconds(1)
            try await WorkerLink.withLink(configuration) { worker in
                await #expect(throws: LearnerLost.self) {
                    try await within { try await worker.configuration() }
                }
                // 20 looks a second at most, and a few for what happens; a spin makes thousands.
                #expect(await worker.statistics().passes < 200)
            }
        }
    }

    @Test("A worker that waits for a snapshot to come does not spin")
    func idleFetch() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await LearnerLink.withLink(learnerConfiguration(address)) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                var configuration = workerLinkConfiguration(address)
                configuration.fetchDeadline = .seconds(1)
                try await WorkerLink.withLink(configuration) { worker in
                    _ = try await within { try await worker.configuration() }
                    await #expect(throws: LearnerLost.self) {
                        try await within { try await worker.snapshot(version(9)) }
                    }
                    #expect(await worker.statistics().fetchPasses < 200)
                }
            }
        }
    }
}
