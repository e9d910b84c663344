import Foundation
import Ports
import Testing
import cohort

@Test("Percentiles are values that occurred, by nearest rank")
func percentiles() {
    #expect(Percentiles([5]) == Percentiles([5, 5]))
    let hundred = Percentiles((1...100).reversed().map(Double.init))
    #expect(hundred.p50 == 50 && hundred.p99 == 99)
}

@Test("Ledger figures are medians, ratios of rounds that belong together, and percentiles of all commits")
func ledgerFigures() throws {
    var rounds = LedgerRounds()
    #expect(LedgerFigures(rounds, link: [100], answered: [100]) == nil)
    let commits = [IngestCommit(groups: 4, seconds: 0.5), IngestCommit(groups: 8, seconds: 0.25)]
    for (ingest, raw) in [(50, 100), (60, 100), (10, 40)] {
        rounds.add(
            Throughput(messages: ingest, seconds: 1), commits, raw: Throughput(messages: raw, seconds: 1))
    }
    let figures = try #require(
        LedgerFigures(rounds, link: [100, 100, 100], answered: [200, 120, 40]))
    #expect(figures.groupsPerS == 50 && figures.sqliteGroupsPerS == 100)
    #expect(figures.linkRatio == 0.5 && figures.sqliteRatio == 0.5 && figures.answeredRatio == 0.25)
    #expect(figures.spread == 1 && figures.commits == 6)
    #expect(figures.groupsPerCommit.p50 == 4 && figures.groupsPerCommit.p99 == 8)
    #expect(figures.commitSeconds.p50 == 0.25 && figures.commitSeconds.p99 == 0.5)
    let report = WireReport(
        transport: .ipc, link: Rounds([1]), raw: Rounds([1]), answered: Rounds([1]), ledger: figures,
        groupBytes: 1_000)
    let json = try #require(
        try JSONSerialization.jsonObject(with: Data(report.benchJSON().utf8)) as? [String: Any])
    let ledger = try #require(json["ledger"] as? [String: Any])
    #expect(ledger["groups_per_s"] as? Double == 50)
    #expect(ledger["sqlite_ratio"] as? Double == 0.5)
    #expect(report.text.contains("link and ledger") && report.text.contains("SQLite alone"))
}

@Test("A run of a number of groups has a mark at each tenth, also where one commit passes several")
func marksOfALongRun() throws {
    let footprint = IngestFootprint(rssBytes: nil, peakRssBytes: 2, ledgerBytes: 3, logBytes: 4)
    let start = ContinuousClock.now
    var goal = CountedIngest(groups: 100, from: start, look: { footprint })
    var reached: [Bool] = []
    for (groups, second) in [(5, 1), (5, 2), (25, 4), (64, 5), (1, 6)] {
        reached.append(
            try goal.isReached(
                by: IngestCommit(groups: groups, seconds: 0.1), at: start + .seconds(second)))
    }
    #expect(reached == [false, false, false, false, true])
    #expect(goal.marks.map(\.groups) == [10, 35, 35, 99, 99, 99, 99, 99, 99, 100])
    #expect(goal.marks.map(\.groupsPerS).prefix(2) == [5, 12.5])
    #expect(goal.marks[3].groupsPerS == 64 && goal.marks[9].groupsPerS == 1)
}

@Test("Groups wait for their batch; checkpoints follow batches, and the older one of two decides what may go")
func trainingBooks() {
    var books = TrainingBooks(batchGroups: 2, checkpointBatches: 1)
    func position(_ count: Int64) -> JournalPosition {
        JournalPosition(count: count, chain: [UInt8](repeating: 1, count: 32))
    }
    #expect(books.due().isEmpty)
    books.committed([7, 8, 9], at: position(3))
    let first = books.due()
    #expect(first.first == .batch(step: 0, members: [7, 8]) && first.count == 2)
    books.committed([10], at: position(6))
    let second = books.due()
    #expect(second.first == .checkpoint(step: 1, at: position(6)))
    #expect(second.dropFirst().first == .batch(step: 1, members: [9, 10]))
    #expect(books.coveredStep == nil)
    books.committed([], at: position(10))
    _ = books.due()
    #expect(books.coveredStep == 1)
}
