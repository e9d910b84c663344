/// What training changed, as a table for the end of a run.
package struct BeforeAfterTable: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package var name: String
        package var before: Double?
        package var after: Double?
        /// Digits after the point.
        package var digits: Int

        package init(name: String, before: Double?, after: Double?, digits: Int = 3) {
            self.name = name
            self.before = before
            self.after = after
            self.digits = digits
        }

        var cells: [String] {
            let change = before.flatMap { before in after.map { $0 - before } }
            let sign = change.map { $0 > 0 ? "+" : "" } ?? ""
            return [name, text(before), text(after), sign + text(change)]
        }

        private func text(_ value: Double?) -> String {
            value.map { DecimalText.fixed($0, digits: digits) } ?? "-"
        }
    }

    package var rows: [Row]

    package init(rows: [Row]) { self.rows = rows }

    /// The rows of two evaluations; a missing one shows as "-".
    package init(before: RunSummary.Evaluation?, after: RunSummary.Evaluation?) {
        self.init(rows: [
            Row(name: "reward", before: before?.reward, after: after?.reward),
            Row(
                name: "sampled accuracy", before: before?.sampledAccuracy,
                after: after?.sampledAccuracy),
            Row(
                name: "greedy accuracy", before: before?.greedyAccuracy,
                after: after?.greedyAccuracy),
            Row(
                name: "completion length", before: before?.meanLength, after: after?.meanLength,
                digits: 1),
        ])
    }

    /// Names to the left, numbers to the right.
    package var text: String {
        let cells = [["", "before", "after", "change"]] + rows.map(\.cells)
        let widths = (0..<4).map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ") + "\n"
        }.joined()
    }
}
