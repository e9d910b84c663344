import CZeroMQ
import Foundation
import GRPO
import Ports
import ZeroMQTransport

/// The reader that is killed and started again: a process of its own. It takes its time for each message and
/// writes down which ones it has processed.
package struct LossReader: Sendable {
    package enum Pattern: String, Sendable, CaseIterable { case pull, link }

    let endpoint: String
    let record: ReaderRecord
    /// Different messages that there are.
    let messages: Int
    let pauseMicroseconds: UInt32
    /// How often the reader was started.
    let start: UInt32

    /// Reads without an end.
    func pull() throws -> Never {
        let socket = try RawPeer(ZMQ_PULL, options: [])
        _ = try socket.bind(endpoint)
        let writer = try ReaderRecord.Writer(record)
        var frame = RawFrame()
        while true {
            guard try socket.receive(into: &frame), let number = NumberedMessage.number(of: frame.bytes())
            else { continue }
            usleep(pauseMicroseconds)
            try writer.append(number)
        }
    }

    /// The learner's end of our link, with a record in place of the ledger: a group is acknowledged once
    /// it is there, and after a restart what is not there is leased again. Ends when all is there.
    func learn() async throws {
        let settings = LearnerLinkConfiguration(
            address: try LearnerAddress(endpoint), incarnation: start, worker: LossLoad.load.configuration,
            numerics: LossLoad.numerics, promptTokensMax: WireLoad.promptTokensMax)
        try await LearnerLink.withLink(settings) { link in
            let version = PolicyVersion(incarnation: start, number: 0)
            try await link.publish(Snapshot(version: version, image: LossLoad.image), oldestKept: 0)
            try await serve(link, version)
            await link.drain(reason: "everything is processed")
        }
    }

    private func serve(_ link: LearnerLink, _ version: PolicyVersion) async throws {
        let writer = try ReaderRecord.Writer(record)
        var book = LossBook(done: Set(record.numbers()), messages: messages, version: version)
        while !book.isComplete {
            let events = try await link.next(upTo: 256)
            if events.isEmpty { return }
            var replies: [Reply] = []
            for event in events {
                switch event {
                case .ready(let worker, let slots):
                    replies.append(.leases(book.leases(for: worker, slots: slots), to: worker))
                case .group(let group, let lease, let worker):
                    usleep(pauseMicroseconds)
                    let isNew = book.take(group.ordinal, from: worker)
                    if isNew { try writer.append(group.ordinal) }
                    replies.append(
                        .verdict(isNew ? .accepted(durable: true) : .duplicate, for: lease, to: worker))
                    replies.append(.leases(book.leases(for: worker), to: worker))
                case .released(_, let worker), .lost(let worker, _): book.forget(worker)
                }
            }
            await link.reply(replies)
        }
    }
}

/// Which numbers are processed, and which are out at a worker.
struct LossBook {
    private(set) var done: Set<UInt64>
    private let messages: UInt64
    private let version: PolicyVersion
    private var next: UInt64 = 0
    private var leaseCount: UInt64 = 0
    private var free: [UInt64] = []
    private var held: [WorkerID: Set<UInt64>] = [:]
    private var slots: [WorkerID: Int] = [:]

    init(done: Set<UInt64>, messages: Int, version: PolicyVersion) {
        self.done = done
        self.messages = UInt64(messages)
        self.version = version
    }

    var isComplete: Bool { done.count == Int(messages) }

    /// False if it was processed before.
    mutating func take(_ number: UInt64, from worker: WorkerID) -> Bool {
        held[worker]?.remove(number)
        return done.insert(number).inserted
    }

    mutating func forget(_ worker: WorkerID) {
        free += held.removeValue(forKey: worker)?.sorted() ?? []
    }

    /// As many as the worker has room for.
    mutating func leases(for worker: WorkerID, slots offered: Int? = nil) -> [Lease] {
        slots[worker] = offered ?? slots[worker]
        var leases: [Lease] = []
        while held[worker, default: []].count < slots[worker, default: 0], let number = nextNumber() {
            held[worker, default: []].insert(number)
            leaseCount += 1
            var ticket = WireLoad.ticket(number)
            ticket.version = version
            leases.append(Lease(id: UInt64(version.incarnation) << 32 | leaseCount, ticket: ticket))
        }
        return leases
    }

    private mutating func nextNumber() -> UInt64? {
        while let number = free.popLast() {
            if !done.contains(number) { return number }
        }
        while next < messages {
            defer { next += 1 }
            if !done.contains(next) { return next }
        }
        return nil
    }
}

/// What both ends of the link agree on.
enum LossLoad {
    static let load = WireLoad(groupSize: 2, completionLength: 64)
    static let numerics = "bench"
    static let image = [UInt8](repeating: 0, count: 4_096)

    /// The group that answers `ticket`, of the ticket's version.
    static func group(for ticket: Ticket) -> Group {
        var group = load.group(for: ticket)
        group.version = ticket.version
        return group
    }
}
