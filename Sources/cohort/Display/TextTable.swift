/// Rows of cells in columns: the first column to the left, the others as `alignments` has them.
struct TextTable {
    enum Alignment { case left, right }

    var rows: [[String]]
    /// Of the columns; those beyond are to the left.
    var alignments: [Alignment] = []

    /// One line per row, two spaces between columns, none at the end.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                let isRight = column < alignments.count && alignments[column] == .right
                return isRight ? padding + cell : cell + padding
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
