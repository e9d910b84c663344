import GRPO
import Ledger
import Ports
import Testing

@Suite("What a ledger keeps")
struct RetentionTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func open(_ retention: LedgerRetention) throws -> Ledger {
        try Ledger(path: scratch.ledger, run: run, settings: settings(retention))
    }

    /// Two groups per batch, one ticket dropped after it was journaled per batch, and one group that waits.
    private func steps(_ range: Range<Int>, _ ledger: Ledger) async throws {
        for step in range {
            let first = UInt64(3 * step)
            try await ledger.commit([
                entry(first), entry(first + 1), entry(first + 2),
                .drop(DroppedTicket(ordinal: first + 2, key: key(first + 2), cause: .stale)),
                .batch(step: step, members: [first, first + 1]),
            ])
        }
    }

    private var kept: [UInt64] {
        get throws {
            try scratch.column(
                "SELECT g.ordinal FROM groups g JOIN payloads p ON p.number = g.number ORDER BY g.number",
                as: Int64.self
            ).map(UInt64.init)
        }
    }

    @Test("Only tokens that no kept checkpoint and no batch to come needs are removed")
    func covered() async throws {
        let ledger = try open(LedgerRetention(budgetBytes: 0))
        try await ledger.commit([.start(incarnation: 1)])
        try await steps(0..<4, ledger)
        try await ledger.commit([entry(100)])
        // Each batch follows the drop of a group that waited: the drop before batch 0 is covered at once.
        #expect(try await ledger.prune(coveredBefore: 0).groups == 1)
        // Batches 0 and 1, and the drops before batches 1 and 2.
        #expect(try await ledger.prune(coveredBefore: 2).groups == 6)
        #expect(try kept == [6, 7, 9, 10, 11, 100])
        let error = await #expect(throws: LedgerError.self) { try await ledger.groups(at: [0]) }
        #expect(error?.code == .pruned)
        #expect(try await ledger.groups(at: [6, 100]) == [group(6), group(100)])
        try await ledger.prune(coveredBefore: 4)
        #expect(try kept == [100])
    }

    @Test("The newest batches' tokens stay as long as they are asked for")
    func keepSteps() async throws {
        let ledger = try open(LedgerRetention(budgetBytes: 0, keepSteps: 3))
        try await steps(0..<4, ledger)
        try await ledger.prune(coveredBefore: 4)
        #expect(try kept == [3, 4, 6, 7, 8, 9, 10, 11])
    }

    @Test("Nothing is removed within the budget, and the chain stays whole beyond it")
    func chain() async throws {
        let ledger = try open(LedgerRetention(budgetBytes: 1 << 20))
        try await steps(0..<4, ledger)
        #expect(try await ledger.prune(coveredBefore: 4).groups == 0)
        let small = try open(LedgerRetention(budgetBytes: 0))
        try await small.prune(coveredBefore: 4)
        #expect(try LedgerReader(path: scratch.ledger).records(after: 0, limit: 100).count == 20)
        #expect(try await small.contains(ledger.position))
    }

    @Test("The file's size stays near the budget while groups go through it")
    func size() async throws {
        let budget = 1 << 20
        let ledger = try open(LedgerRetention(budgetBytes: budget))
        var largest = 0
        for step in 0..<60 {
            let members = (0..<16).map { UInt64(16 * step + $0) }
            try await ledger.commit(members.map { .group(group($0, tokens: 500), from: ada) })
            try await ledger.commit([.batch(step: step, members: members)])
            let used = try await ledger.prune(coveredBefore: step + 1).usedBytes
            #expect(used <= budget)
            largest = max(largest, try scratch.size())
        }
        // 60 × 16 groups of 4 KB each are 4 MB.
        #expect(largest < budget + budget / 4)
    }
}
