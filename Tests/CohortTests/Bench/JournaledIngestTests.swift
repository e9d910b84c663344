import Foundation
import GRPO
import Ledger
import Ports
import Synchronization
import Testing
import cohort

private let load = WireLoad(groupSize: 2, completionLength: 8, lengths: .full)
private let ada = WorkerID(name: "ada", incarnation: 1)

/// What happened, in order.
private enum Incident: Equatable {
    case began([UInt64])
    case durable([UInt64])
    case verdicts([UInt64])
}

private final class Record: Sendable {
    private let incidents = Mutex<[Incident]>([])

    var all: [Incident] { incidents.withLock { $0 } }

    func add(_ incident: Incident) { incidents.withLock { $0.append(incident) } }
}

/// A worker that answers every lease as soon as it is given.
private struct EagerWorker: GroupSource {
    let slots: Int
    let record: Record
    private let events = Mailbox<RolloutEvent>(capacity: 10_000)

    init(slots: Int, record: Record) {
        self.slots = slots
        self.record = record
        _ = events.offer(.ready(ada, slots: slots))
    }

    func next(upTo limit: Int) async throws -> [RolloutEvent] {
        guard let first = await events.next() else { return [] }
        return [first] + events.drain(upTo: limit - 1)
    }

    func reply(_ replies: [Reply]) async {
        var answered: [UInt64] = []
        for reply in replies {
            switch reply {
            case .verdict(let verdict, let lease, _):
                if verdict == .accepted(durable: true) { answered.append(lease) }
            case .leases(let leases, let worker):
                for lease in leases {
                    let group = load.group(for: lease.ticket)
                    await events.send(.group(group, lease: lease.id, from: worker))
                }
            }
        }
        if !answered.isEmpty { record.add(.verdicts(answered)) }
    }

    func drain(reason: String) async { events.close() }
}

/// A journal that tells when a commit begins and ends.
private struct WatchedJournal: Journal {
    let journal = MemoryJournal()
    let record: Record

    func commit(_ entries: [JournalEntry]) async throws -> JournalPosition {
        let ordinals = entries.compactMap { entry in
            if case .group(let group, _) = entry { group.ordinal } else { nil }
        }
        record.add(.began(ordinals))
        let position = try await journal.commit(entries)
        record.add(.durable(ordinals))
        return position
    }

    func records(after position: Int64, limit: Int) async throws -> [JournalRecord] {
        try await journal.records(after: position, limit: limit)
    }

    func groups(at ordinals: [UInt64]) async throws -> [Group] { try await journal.groups(at: ordinals) }
}

private let footprint = IngestFootprint(rssBytes: 1, peakRssBytes: 2, ledgerBytes: 3, logBytes: 4)

@Test("A verdict leaves only after the commit of its group, and one commit is under way at a time")
func verdictsFollowCommits() async throws {
    let record = Record()
    let ingest = JournaledIngest(
        journal: WatchedJournal(record: record), endpoint: "here", prune: { _ in })
    _ = try await ingest.run(
        EagerWorker(slots: 4, record: record),
        until: CountedIngest(groups: 200, look: { footprint }))
    var (durable, underWay): (Set<UInt64>, [UInt64]?) = ([], nil)
    var answered = 0
    for incident in record.all {
        switch incident {
        case .began(let ordinals):
            #expect(underWay == nil)
            underWay = ordinals
        case .durable(let ordinals):
            #expect(underWay == ordinals)
            underWay = nil
            durable.formUnion(ordinals)
        case .verdicts(let leases):
            // A measurement's lease has the number of its ticket's place.
            #expect(durable.isSuperset(of: leases))
            answered += leases.count
        }
    }
    #expect(durable.count >= 200)
    // Of what is durable, only what the worker held at the end may be without its verdict.
    #expect(answered >= durable.count - 4 && answered > 0)
}

@Test("Every group that went through the link into a ledger is there afterwards, and so are its batches")
func groupsAreInTheLedger() async throws {
    let directory = FileManager.default.temporaryDirectory
        .appending(path: "cohort-\(UInt32.random(in: .min ... .max))").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/ledger.sqlite"
    let ledger = try Ledger(
        path: path, run: LedgerRun(id: "1", configuration: "{}", createdAt: 1),
        settings: LedgerSettings(
            room: DiskRoom(directory: directory, clock: ContinuousClock(), note: { _ in })))
    let exchange = LinkExchange(
        endpoint: "ipc://\(directory)/link", load: load, slots: 16, pace: Pace(seconds: 1))
    let goal = try await exchange.run(
        into: ledger,
        until: CountedIngest(groups: 600, look: { footprint }))
    let reached = try #require(goal.marks.last).groups
    #expect(goal.marks.count == CountedIngest.marks && reached >= 600)

    let reader = try LedgerReader(path: path)
    let records = try reader.records(after: 0, limit: 10_000)
    let ordinals = records.compactMap { record in
        if case .group(let group) = record { group.ordinal } else { nil }
    }
    #expect(ordinals.count == reached && Set(ordinals).count == reached)
    #expect(
        try reader.groups(at: Array(ordinals.prefix(3)))
            == ordinals.prefix(3).map { load.group(for: WireLoad.ticket($0)) })
    #expect(try reader.batches().map(\.step) == [0, 1])
    #expect(try reader.batches().flatMap(\.members) == Array(ordinals.prefix(512)))
}

@Test("SQLite alone takes rows and is counted in whole commits; a file that cannot be made is reported")
func rawSQLite() async throws {
    let directory = FileManager.default.temporaryDirectory
        .appending(path: "cohort-\(UInt32.random(in: .min ... .max))").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let frames = try load.groupFrames()
    let result = try await RawSQLite(
        path: directory + "/raw.sqlite", frames: frames, rowsPerCommit: 7, pace: Pace(seconds: 0.02)
    ).run()
    #expect(result.messages > 0 && result.messages.isMultiple(of: 7))
    await #expect(throws: CommandFailure.self) {
        try await RawSQLite(
            path: "/nonexistent/raw.sqlite", frames: frames, rowsPerCommit: 1,
            pace: Pace(seconds: 0.02)
        ).run()
    }
}
