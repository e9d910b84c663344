/// Rounds of ingest into a ledger, and of SQLite alone.
package struct LedgerRounds: Hashable, Sendable {
    private(set) var ingest: [Double] = []
    private(set) var raw: [Double] = []
    private(set) var commits: [IngestCommit] = []

    package init() {}

    package mutating func add(_ throughput: Throughput, _ commits: [IngestCommit], raw: Throughput) {
        ingest.append(throughput.perSecond)
        self.raw.append(raw.perSecond)
        self.commits += commits
    }

    /// Of the last round, to go behind other speeds.
    var lastText: String {
        guard let ingest = ingest.last, let raw = raw.last else { return "" }
        return ", with a ledger \(DecimalText.compact(ingest)), SQLite alone \(DecimalText.compact(raw))"
    }
}

/// What ingest with durable verdicts reached. All speeds are medians over the rounds.
package struct LedgerFigures: Hashable, Sendable, Codable {
    /// Through link, parser and ledger: leased, sent, durable, answered.
    package var groupsPerS: Double
    /// Largest minus smallest of the rounds, relative to the median.
    package var spread: Double
    /// Median over the rounds of this ÷ the link without a ledger.
    package var linkRatio: Double
    /// Median over the rounds of this ÷ libzmq alone with the link's traffic.
    package var answeredRatio: Double
    /// SQLite alone: the same frames in one table, in transactions of the same mean size.
    package var sqliteGroupsPerS: Double
    /// Median over the rounds of this ÷ SQLite alone.
    package var sqliteRatio: Double
    /// Commits of all rounds; each flushes the log once.
    package var commits: Int
    package var groupsPerCommit: Percentiles
    package var commitSeconds: Percentiles

    /// `nil` of no rounds.
    package init?(_ rounds: LedgerRounds, link: [Double], answered: [Double]) {
        guard !rounds.ingest.isEmpty, !rounds.commits.isEmpty else { return nil }
        let (ingest, raw) = (Rounds(rounds.ingest), Rounds(rounds.raw))
        groupsPerS = ingest.median
        spread = ingest.spread
        linkRatio = ingest.ratios(to: Rounds(link)).median
        answeredRatio = ingest.ratios(to: Rounds(answered)).median
        sqliteGroupsPerS = raw.median
        sqliteRatio = ingest.ratios(to: raw).median
        commits = rounds.commits.count
        groupsPerCommit = Percentiles(rounds.commits.map { Double($0.groups) })
        commitSeconds = Percentiles(rounds.commits.map(\.seconds))
    }

    /// For people: the last line of a transport.
    var text: String {
        func milliseconds(_ seconds: Double) -> String { DecimalText.fixed(seconds * 1e3, digits: 1) }
        return "  \(commits) commits: \(DecimalText.compact(groupsPerCommit.p50)) groups "
            + "(p99 \(DecimalText.compact(groupsPerCommit.p99))) in \(milliseconds(commitSeconds.p50)) ms "
            + "(p99 \(milliseconds(commitSeconds.p99)) ms), spread \(percent(spread))\n"
    }
}

/// What `cohort bench wire --groups` found.
package struct LongIngestReport: Hashable, Sendable, Codable {
    package var transport: WireBenchmark.Transport
    package var budgetBytes: Int
    package var marks: [IngestMark]

    package init(transport: WireBenchmark.Transport, budgetBytes: Int, marks: [IngestMark]) {
        self.transport = transport
        self.budgetBytes = budgetBytes
        self.marks = marks
    }

    /// For people.
    package var text: String {
        "\(transport.rawValue), one ledger with a budget of \(IngestMark.megabytes(budgetBytes)) MB\n"
            + marks.map { $0.text + "\n" }.joined()
    }
}

extension IngestMark {
    static func megabytes(_ bytes: Int) -> String { DecimalText.fixed(Double(bytes) / 1e6, digits: 0) }

    var text: String {
        let memory = footprint.rssBytes.map { "\(Self.megabytes($0)) MB, " } ?? ""
        return "  \(groups) groups, \(DecimalText.compact(groupsPerS)) groups/s: memory \(memory)"
            + "at most \(Self.megabytes(footprint.peakRssBytes)) MB; ledger "
            + "\(Self.megabytes(footprint.ledgerBytes)) MB and log "
            + "\(Self.megabytes(footprint.logBytes)) MB"
    }
}
