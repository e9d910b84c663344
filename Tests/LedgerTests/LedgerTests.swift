import Foundation
import GRPO
import Ledger
import Ports
import Testing

@Suite("The ledger as a journal")
struct LedgerTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func open(_ run: LedgerRun = run) throws -> Ledger {
        try Ledger(path: scratch.ledger, run: run, settings: settings())
    }

    private let story: [JournalEntry] = [
        .start(incarnation: 1), .version(version(0)), entry(0), entry(1),
        .drop(DroppedTicket(ordinal: 1, key: key(1), cause: .stale, detail: "too \"old\"\n")),
        entry(1, attempt: 1), .drop(DroppedTicket(ordinal: 2, key: key(2), cause: .rewardFailed)),
        .batch(step: 0, members: [1, 0]), .version(version(1, issued: 4, consumed: 2)),
        .checkpoint(
            step: 1, at: JournalPosition(count: 8, chain: [UInt8](repeating: 3, count: 32))),
    ]

    @Test(
        "Every kind of entry is read back as it was committed, also by another ledger on the same file"
    )
    func readsBack() async throws {
        let ledger = try open()
        for part in [story[0..<3], story[3..<4], story[4...]] {
            try await ledger.commit(Array(part))
        }
        let expected = story.map(\.record)
        #expect(try await ledger.records(after: 0, limit: 100) == expected)
        let again = try open()
        #expect(try await again.records(after: 0, limit: 4) == Array(expected[0..<4]))
        #expect(try await again.records(after: 4, limit: 3) == Array(expected[4..<7]))
        #expect(try await again.records(after: 10, limit: 3).isEmpty)
        #expect(try await again.records(after: 11, limit: 3).isEmpty)
    }

    @Test("Groups come back bit for bit, the last attempt at each place, in the order asked for")
    func groups() async throws {
        let ledger = try open()
        try await ledger.commit(story)
        #expect(try await ledger.groups(at: [1, 0]) == [group(1, attempt: 1), group(0)])
        #expect(
            try LedgerReader(path: scratch.ledger).groups(ofStep: 0) == [
                group(1, attempt: 1), group(0),
            ])
        await #expect(throws: MissingGroup.self) { try await ledger.groups(at: [2]) }
    }

    @Test("The position depends on the entries and their order, not on how they were committed")
    func position() async throws {
        let ledger = try open()
        #expect(await ledger.position == .start)
        let end = try await ledger.commit(story)
        #expect(end.count == 10)
        #expect(try await ledger.commit([]) == end)
        let other = try Scratch()
        let parts = try Ledger(path: other.ledger, run: run, settings: settings())
        for entry in story { try await parts.commit([entry]) }
        #expect(await parts.position == end)
        let swapped = try Scratch()
        let third = try Ledger(path: swapped.ledger, run: run, settings: settings())
        #expect(try await third.commit([story[1], story[0]] + story[2...]).chain != end.chain)
    }

    @Test("An earlier position is found again, another one is not")
    func contains() async throws {
        let ledger = try open()
        let early = try await ledger.commit(Array(story[0..<4]))
        try await ledger.commit(Array(story[4...]))
        #expect(try await ledger.contains(early))
        #expect(try await ledger.contains(.start))
        #expect(try await !ledger.contains(JournalPosition(count: 5, chain: early.chain)))
        #expect(try await !ledger.contains(JournalPosition(count: 99, chain: early.chain)))
        #expect(try LedgerReader(path: scratch.ledger).contains(early))
    }

    @Test("A commit with a contradiction leaves nothing behind, and the ledger takes no more")
    func contradiction() async throws {
        for wrong in [
            .batch(step: 0, members: [0, 0]), .batch(step: 0, members: [7]), entry(0),
            .batch(step: 0, members: [1]),
        ] as [JournalEntry] {
            let scratch = try Scratch()
            let ledger = try Ledger(path: scratch.ledger, run: run, settings: settings())
            let start = try await ledger.commit(Array(story[0..<5]))
            await #expect(throws: LedgerError.self) { try await ledger.commit([entry(3), wrong]) }
            #expect(await ledger.position == start)
            await #expect(throws: LedgerError.self) { try await ledger.commit([entry(3)]) }
            let again = try Ledger(path: scratch.ledger, run: run, settings: settings())
            #expect(await again.position == start)
            try await again.commit([entry(3), .batch(step: 0, members: [3])])
        }
    }

    @Test("What was trained on can neither be trained on again nor dropped")
    func once() async throws {
        for wrong in [
            .batch(step: 1, members: [0]), .batch(step: 0, members: [1]),
            .drop(DroppedTicket(ordinal: 0, key: key(0), cause: .stale)),
        ] as [JournalEntry] {
            let scratch = try Scratch()
            let ledger = try Ledger(path: scratch.ledger, run: run, settings: settings())
            try await ledger.commit([entry(0), entry(1), .batch(step: 0, members: [0])])
            await #expect(throws: LedgerError.self) { try await ledger.commit([wrong]) }
        }
    }

    @Test("A file of another run, another program or a newer schema is refused")
    func refused() async throws {
        try await open().commit(story)
        let other = LedgerRun(id: "ffff", configuration: "{}", createdAt: 1)
        #expect(throws: LedgerError.self) { try open(other) }
        try scratch.damage("PRAGMA user_version = 2")
        #expect(throws: LedgerError.self) { try open() }
        #expect(throws: LedgerError.self) { try LedgerReader(path: scratch.ledger) }
        try scratch.damage("PRAGMA user_version = 1; PRAGMA application_id = 5")
        #expect(throws: LedgerError.self) { try open() }
        try Data("not a database, but long enough to be looked at".utf8).write(
            to: URL(filePath: scratch.ledger))
        #expect(throws: LedgerError.self) { try open() }
        #expect(throws: LedgerError.self) { try LedgerReader(path: scratch.path + "/none.sqlite") }
    }

    @Test("A reader sees what is committed while the ledger is open, and knows the run")
    func reader() async throws {
        let ledger = try open()
        try await ledger.commit(Array(story[0..<8]))
        let reader = try LedgerReader(path: scratch.ledger)
        #expect(reader.run == run)
        #expect(try reader.batches().map(\.members) == [[1, 0]])
        #expect(try reader.versions() == [version(0)])
        try await ledger.commit(Array(story[8...]))
        #expect(try reader.versions() == [version(0), version(1, issued: 4, consumed: 2)])
        #expect(try reader.groups(ofStep: 1) == nil)
    }
}
