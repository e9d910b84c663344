/// One claim, what was measured of it, and what follows: what a study makes and the page shows.
package struct Section: Hashable, Sendable, Codable {
    /// The study's name, and the section's anchor.
    package var name: String
    package var title: String
    /// The claim, for someone who has not met it before.
    package var claim: String
    /// What was run: task, settings, seeds, what a band or whisker means.
    package var method: String
    package var verdicts: [Verdict]
    package var figures: [Figure]
    /// How readers measure the same on models of their own.
    package var instructions: Instructions?

    package init(
        name: String, title: String, claim: String, method: String, verdicts: [Verdict],
        figures: [Figure], instructions: Instructions? = nil
    ) {
        self.name = name
        self.title = title
        self.claim = claim
        self.method = method
        self.verdicts = verdicts
        self.figures = figures
        self.instructions = instructions
    }
}

/// A sentence, and what to type.
package struct Instructions: Hashable, Sendable, Codable {
    package var text: String
    /// Lines for a shell.
    package var commands: [String]

    package init(_ text: String, commands: [String]) {
        self.text = text
        self.commands = commands
    }
}

/// Whether a statement holds in the data, and the figures that say so.
package struct Verdict: Hashable, Sendable, Codable {
    package var holds: Bool
    package var statement: String
    package var evidence: String

    package init(_ statement: String, holds: Bool, evidence: String) {
        self.statement = statement
        self.holds = holds
        self.evidence = evidence
    }

    package var word: String { holds ? "holds" : "does not hold at this scale" }
}

/// A plot with its table, or a table alone.
package struct Figure: Hashable, Sendable, Codable {
    package var title: String
    package var plot: Plot?
    package var table: DataTable

    /// A plot, with the table that its numbers make.
    package init(_ title: String, _ plot: Plot) {
        self.title = title
        self.plot = plot
        switch plot {
        case .lines(let lines): table = lines.table
        case .bars(let bars): table = bars.table
        }
    }

    package init(_ title: String, table: DataTable) {
        self.title = title
        self.table = table
    }
}

package enum Plot: Hashable, Sendable, Codable {
    case lines(LinePlot)
    case bars(BarPlot)
}

package struct DataTable: Hashable, Sendable, Codable {
    package var columns: [String]
    /// The first cell of a row names it.
    package var rows: [[String]]

    package init(columns: [String], rows: [[String]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "a cell for every column")
        self.columns = columns
        self.rows = rows
    }
}
