import Foundation
import GRPO
import Ports
import Sessions
import Testing
import ZeroMQTransport

@Suite("The whole ring over sockets", .timeLimit(.minutes(2)))
struct RingTests {
    enum Transport: CaseIterable { case ipc, tcp }

    private func address(_ transport: Transport, in directory: String) throws -> LearnerAddress {
        switch transport {
        case .ipc: try LearnerAddress("ipc://\(directory)/rollouts")
        case .tcp: try LearnerAddress("tcp://127.0.0.1:0")
        }
    }

    @Test(
        "Three workers answer 300 tickets of three versions, each once, and a drain ends them all",
        arguments: Transport.allCases)
    func ring(_ transport: Transport) async throws {
        try await withDirectory { directory in
            let configuration = learnerConfiguration(try address(transport, in: directory))
            try await LearnerLink.withLink(configuration) { link in
                try await run(link)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    private func run(_ link: LearnerLink) async throws {
        let images = (0..<3).map { snapshot(version(UInt64($0)), bytes: 3 << 20 | 12_345) }
        let workers = (0..<3).map { index in
            let configuration = workerLinkConfiguration(link.address, name: "w\(index)")
            return Task {
                try await WorkerLink.withLink(configuration) { link in
                    try await work(link) { fetched in
                        let original = images[Int(fetched.version.number)]
                        #expect(
                            fetched.image == original.image && fetched.digest == original.digest)
                    }
                }
            }
        }
        try await within { try await learn(link, images) }
        let start = ContinuousClock.now
        await link.drain(reason: "the test is over")
        var answered = 0
        for worker in workers { answered += try await worker.value }
        #expect(answered >= 300)
        #expect(ContinuousClock.now - start < .seconds(3))
        // A worker may have said after the last group how many it could take.
        while let event = try await link.next() {
            if case .ready = event { continue }
            Issue.record("\(event) after the end")
        }
        let statistics = await link.statistics()
        #expect(statistics.session.delivered == 300 && statistics.session.accepted == 300)
        #expect(statistics.workers == 0 && statistics.session.malformed == 0)
        #expect(statistics.chunksSent >= 9)
    }

    private func learn(_ link: LearnerLink, _ images: [Snapshot]) async throws {
        var (slots, held): ([WorkerID: Int], [WorkerID: Int]) = ([:], [:])
        var (next, answers): (UInt64, [UInt64: Group]) = (0, [:])
        try await link.publish(images[0], oldestKept: 0)
        while answers.count < 300, let event = try await link.next() {
            switch event {
            case .ready(let worker, let count): slots[worker] = count
            case .released: break
            case .lost(let worker, let cause): Issue.record("\(worker) was lost: \(cause)")
            case .group(let group, let lease, let worker):
                held[worker, default: 0] -= 1
                #expect(answers.updateValue(group, forKey: group.ordinal) == nil)
                #expect(group == answer(ticket(group.ordinal, group.version)))
                await link.answer(.accepted(durable: false), for: lease, to: worker)
                if answers.count == 100 { try await link.publish(images[1], oldestKept: 0) }
                if answers.count == 200 { try await link.publish(images[2], oldestKept: 0) }
            }
            for (worker, count) in slots {
                while held[worker, default: 0] < count, next < 300 {
                    let current = version(UInt64(answers.count / 100))
                    let lease = Lease(id: next + 1, ticket: ticket(next, current))
                    await link.grant([lease], to: worker)
                    held[worker, default: 0] += 1
                    next += 1
                }
            }
        }
        #expect(Set(answers.keys) == Set(0..<300))
    }

    @Test("A worker learns the run's configuration, bit for bit")
    func configuration() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            try await LearnerLink.withLink(learnerConfiguration(address)) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                try await WorkerLink.withLink(workerLinkConfiguration(address)) { worker in
                    let received = try await within { try await worker.configuration() }
                    #expect(received == workerConfiguration())
                }
            }
        }
    }

    @Test("A worker that came before the learner is served once the learner is there")
    func early() async throws {
        try await withDirectory { directory in
            let address = try LearnerAddress("ipc://\(directory)/rollouts")
            let worker = Task {
                try await WorkerLink.withLink(workerLinkConfiguration(address)) {
                    try await work($0)
                }
            }
            try await LearnerLink.withLink(learnerConfiguration(address)) { link in
                try await link.publish(snapshot(version(0)), oldestKept: 0)
                let ready = try await within { try await nextReady(link).worker }
                await link.grant([Lease(id: 1, ticket: ticket(0, version(0)))], to: ready)
                let group = try await within { try await nextGroup(link).group }
                #expect(group == answer(ticket(0, version(0))))
                await link.answer(.accepted(durable: false), for: 1, to: ready)
                await link.drain(reason: "done")
            }
            #expect(try await worker.value == 1)
        }
    }
}
