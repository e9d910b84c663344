import GRPO
import Ledger
import Ports
import Synchronization
import Testing

@Suite("A full disk")
struct FullDiskTests {
    @Test("The run pauses with one sentence, goes on when there is room, and loses nothing")
    func pauses() async throws {
        let scratch = try Scratch()
        let notes = Notes()
        let looks = Mutex(0)
        let settings = settings(
            LedgerRetention(budgetBytes: 0), clock: QuickClock(), pagesMax: 40,
            freeBytes: {
                looks.withLock { $0 += 1 }
                return .max
            }, note: notes.add)
        let ledger = try Ledger(path: scratch.ledger, run: run, settings: settings)
        let before = (0..<12).map { JournalEntry.group(group(UInt64($0), tokens: 900), from: ada) }
        try await ledger.commit(before + [.batch(step: 0, members: (0..<12).map(UInt64.init))])
        #expect(notes.all.isEmpty)
        let after = (12..<24).map { JournalEntry.group(group(UInt64($0), tokens: 900), from: ada) }
        async let position = ledger.commit(after)
        while looks.withLock({ $0 }) < 5 { await Task.yield() }
        #expect(notes.all.count == 1)
        #expect(notes.all.first?.contains("the disk of here is full") == true)
        // What makes room here is the removal of old tokens.
        try await ledger.prune(coveredBefore: 1)
        #expect(try await position.count == 25)
        #expect(notes.all.count == 2)
        #expect(
            try await ledger.groups(at: [12, 23]) == [
                group(12, tokens: 900), group(23, tokens: 900),
            ])
        #expect(try await ledger.records(after: 0, limit: 99).count == 25)
    }

    @Test("Who waits for room can be called off, and the ledger is as it was")
    func cancelled() async throws {
        let scratch = try Scratch()
        let paused = Notes()
        let ledger = try Ledger(
            path: scratch.ledger, run: run,
            settings: settings(
                clock: QuickClock(), pagesMax: 20, freeBytes: { 0 }, note: paused.add))
        let large = (0..<40).map { JournalEntry.group(group(UInt64($0), tokens: 900), from: ada) }
        let waiting = Task { try await ledger.commit(large) }
        while paused.all.isEmpty { await Task.yield() }
        waiting.cancel()
        let error = await #expect(throws: LedgerError.self) { try await waiting.value }
        #expect(error?.code == .full)
        #expect(await ledger.position == .start)
        try await ledger.commit([.start(incarnation: 1)])
    }
}
