import Ports

/// What `cohort verify` looked at without finding a violation.
package struct VerificationReport: Encodable {
    package struct Line: Encodable {
        package var checked: String
        package var count: Int
        /// What exactly was compared.
        var with: String
    }

    /// Durable states from rows alone; the others as the newest version recorded them.
    package struct Balance: Encodable {
        package var issued = 0
        package var leased = 0
        package var received = 0
        package var journaled = 0
        package var consumed = 0
        package var dropped: [String: Int] = [:]
    }

    var run: String
    package var lines: [Line] = []
    package var balance = Balance()

    mutating func add(_ checked: String, _ count: Int, _ with: String) {
        lines.append(Line(checked: checked, count: count, with: with))
    }

    package var text: String {
        let table = TextTable(
            rows: lines.map { [$0.checked, String($0.count), $0.with] },
            alignments: [.left, .right, .left])
        return table.text + "\n" + balance.text + "\n\(run): no violation found\n"
    }
}

extension VerificationReport.Balance {
    fileprivate var text: String {
        let causes = dropped.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let durable = TextTable(
            rows: [
                ["journaled, waiting", "\(journaled)"], ["consumed", "\(consumed)"],
                ["dropped", "\(dropped.values.reduce(0, +))", causes.joined(separator: ", ")],
            ], alignments: [.left, .right, .left])
        return durable.text
            + "at the newest version: \(issued) issued, \(leased) leased, \(received) received\n"
    }
}
