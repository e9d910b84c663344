/// What `cohort bench wire` found over one transport. All speeds are medians over the rounds.
package struct WireReport: Hashable, Sendable, Codable {
    package var transport: WireBenchmark.Transport
    package var rounds: Int
    /// Mean size of a GROUP frame.
    package var groupBytes: Double
    /// Through the link: leased, sent, answered.
    package var groupsPerS: Double
    package var bytesPerS: Double
    /// libzmq alone, frames of the same bytes one way, nothing coming back.
    package var rawGroupsPerS: Double
    package var rawBytesPerS: Double
    /// Median over the rounds of link ÷ libzmq alone.
    package var ratio: Double
    /// libzmq alone with what the link has to say: a verdict and a lease come back for each group, each
    /// as a message (the link puts several into one), and as many groups are on the way as the worker
    /// has slots.
    package var rawAnsweredGroupsPerS: Double
    /// Median over the rounds of link ÷ libzmq alone with the link's traffic.
    package var answeredRatio: Double
    /// Largest minus smallest of the link's rounds, relative to the median.
    package var spread: Double
    /// Through the link over tcp with CURVE; `nil`: not measured.
    package var curveGroupsPerS: Double?
    /// Median over the rounds of the encrypted link ÷ the plain one.
    package var curveRatio: Double?
    /// With a ledger; `nil`: not measured.
    package var ledger: LedgerFigures?

    package init(
        transport: WireBenchmark.Transport, link: Rounds, raw: Rounds, answered: Rounds,
        curve: Rounds? = nil, ledger: LedgerFigures? = nil, groupBytes: Double
    ) {
        self.transport = transport
        rounds = link.values.count
        self.groupBytes = groupBytes
        groupsPerS = link.median
        bytesPerS = link.median * groupBytes
        rawGroupsPerS = raw.median
        rawBytesPerS = raw.median * groupBytes
        ratio = link.ratios(to: raw).median
        rawAnsweredGroupsPerS = answered.median
        answeredRatio = link.ratios(to: answered).median
        spread = link.spread
        curveGroupsPerS = curve?.median
        curveRatio = curve?.ratios(to: link).median
        self.ledger = ledger
    }

    /// For people.
    package var text: String {
        func row(_ name: String, _ groups: Double, _ note: String) -> String {
            let speed = DecimalText.compact(groups) + " groups/s"
            let bytes = DecimalText.fixed(groups * groupBytes / 1e6, digits: 0) + " MB/s"
            return "  " + padded(name, 24) + padded(speed, 18) + padded(bytes, 12) + note + "\n"
        }
        return "\(transport.rawValue): groups of \(DecimalText.compact(groupBytes)) bytes, "
            + "median of \(rounds) rounds, spread \(percent(spread))\n"
            + row("link", groupsPerS, "")
            + (curveGroupsPerS.map {
                row("link with CURVE", $0, "of the link: \(percent(curveRatio ?? 0))")
            } ?? "")
            + (ledger.map {
                row("link and ledger", $0.groupsPerS, "of the link: \(percent($0.linkRatio))")
            } ?? "")
            + row("libzmq, answered", rawAnsweredGroupsPerS, "link: \(percent(answeredRatio))")
            + row("libzmq, one way", rawGroupsPerS, "link: \(percent(ratio))")
            + (ledger.map {
                row("SQLite alone", $0.sqliteGroupsPerS, "link and ledger: \(percent($0.sqliteRatio))")
                    + $0.text
            } ?? "")
    }
}

/// All transports of one `cohort bench wire`; the first one's numbers stand at the top as well.
package struct WireReports: Encodable {
    package var reports: [WireReport]

    package init(reports: [WireReport]) { self.reports = reports }

    private enum Key: String, CodingKey { case transports, machine }

    package func encode(to encoder: any Encoder) throws {
        try reports.first?.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(reports, forKey: .transports)
        try container.encode(BenchMachine.current, forKey: .machine)
    }
}

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}
