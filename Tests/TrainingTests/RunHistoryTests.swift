import GRPO
import Ports
import Testing
import Training

@Suite struct RunHistoryTests {
    private func group(_ ordinal: UInt64, attempt: UInt32 = 0) -> JournalEntry {
        .group(answer(makeTicket(ordinal: ordinal, attempt: attempt)), from: alice)
    }

    private func drop(
        _ ordinal: UInt64, attempt: UInt32 = 0, _ cause: DropCause = .stale
    ) -> JournalEntry {
        .drop(
            DroppedTicket(
                ordinal: ordinal, key: makeTicket(ordinal: ordinal, attempt: attempt).key,
                cause: cause))
    }

    private func published(
        _ number: UInt64, incarnation: UInt32 = 1, digest bytes: SnapshotDigest? = nil
    ) -> JournalEntry {
        .version(
            PublishedVersion(
                version: version(number, incarnation: incarnation), digest: bytes ?? digest(number),
                optimizerSteps: 0, tokens: 0,
                accounting: counts(issued: 1, leased: 1, reissued: 3, duplicates: 2), metrics: ""))
    }

    @Test("Waiting groups keep the order of admission; places without a group are pending")
    func waiting() throws {
        let history = try RunHistory([
            .start(incarnation: 1), published(0), group(4), group(1), drop(1), group(1, attempt: 1),
            drop(0, .badReward), group(2), .batch(step: 0, members: [2, 4]), published(1), group(6),
        ])
        #expect(history.waiting.map(\.ordinal) == [1, 6])
        #expect(history.waiting.map(\.key.attempt) == [1, 0])
        #expect(history.pending == [0: 1, 3: 0, 5: 0] && history.firstUnissued == 7)
        #expect(history.batches == [[2, 4]] && history.badRewards == [0: 1])
        #expect(history.digests == [0: digest(0), 1: digest(1)])
        #expect(
            history.accounting
                == counts(
                    issued: 6, journaled: 2, consumed: 2, dropped: [.stale: 1, .badReward: 1],
                    reissued: 3, duplicates: 2))
        #expect(history.accounting.isBalanced)
    }

    @Test("After an earlier step the groups of later batches were still waiting")
    func earlierCounts() throws {
        let history = try RunHistory([
            .start(incarnation: 1), group(0), group(1), group(2), group(3), group(4),
            .batch(step: 0, members: [0, 1]), .batch(step: 1, members: [2, 3]),
        ])
        #expect(history.accounting(after: 0) == counts(issued: 5, journaled: 3, consumed: 2))
        #expect(history.accounting(after: 1) == history.accounting)
    }

    @Test(
        "What no run can have done is refused, with what is wrong",
        arguments: [
            (0, "there is a second group at place 0"),
            (1, "batch 0 holds place 7, where no group waits"),
            (2, "batch 3 comes after 0 batches"),
            (3, "version 1 has no batch that made it"),
            (4, "start 1 comes after start 1"),
        ] as [(Int, String)])
    func impossible(which: Int, sentence: String) throws {
        let last: [JournalEntry] = [
            group(0), .batch(step: 0, members: [7]), .batch(step: 3, members: [0]), published(1),
            .start(incarnation: 1),
        ]
        let error = #expect(throws: JournalInconsistent.self) {
            try RunHistory([.start(incarnation: 1), published(0), group(0), last[which]])
        }
        #expect(error?.description == sentence)
    }

    @Test("Two digests under one version's number are refused, whichever learners published them")
    func digests() throws {
        let start: [JournalEntry] = [.start(incarnation: 1), published(0), .start(incarnation: 2)]
        _ = try RunHistory(start + [published(0, incarnation: 2)])
        #expect(throws: JournalInconsistent.self) {
            try RunHistory(start + [published(0, incarnation: 2, digest: digest(9))])
        }
    }

    @Test("A journal is read in pages, and an inconsistent entry is named by its number")
    func pages() async throws {
        let many = (0..<5_000).map { group(UInt64($0)) }
        #expect(try await RunHistory(of: MemoryJournal(many)).waiting.count == 5_000)
        let error = await #expect(throws: JournalInconsistent.self) {
            try await RunHistory(of: MemoryJournal(many + [group(3)]))
        }
        #expect(error?.description == "entry 5001: there is a second group at place 3")
    }
}
