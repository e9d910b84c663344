import Foundation
import Testing
import cohort

private let lines = LinePlot(
    x: "step", y: "reward",
    series: [
        LinePlot.Series("a <b> & \"c\"", points: [
            .init(0, Estimate(0.1, low: 0, high: 0.2)), .init(10, Estimate(0.9, low: 0.8, high: 1)),
        ]),
        LinePlot.Series("points", mark: .points, points: [.init(0, Estimate(exact: 0.5))]),
        LinePlot.Series("theory", mark: .guide, points: [
            .init(0, Estimate(exact: 0)), .init(10, Estimate(exact: 1)),
        ]),
    ])

private let bars = BarPlot(
    categoryLabel: "β", y: "rate", categories: ["0", "0.1"],
    series: [
        BarPlot.Series("rate", values: [Estimate(exact: 1), Estimate(0.5, low: 0.4, high: 0.6)])
    ])

private func page(_ figures: [Figure]) -> ExperimentsPage {
    let section = Section(
        name: "sample", title: "1 < 2 & so on", claim: "Claim.", method: "Method.",
        verdicts: [
            Verdict("It works", holds: true, evidence: "1 of 1."),
            Verdict("It flies", holds: false, evidence: "0 of 1."),
        ], figures: figures)
    return ExperimentsPage(
        sections: [section], seeds: 5,
        claims: [ClaimRow("S1", "A claim", [.section("sample"), .section("absent"), .test("A test")])])
}

private let whole = page([
    Figure("Lines", .lines(lines)), Figure("Bars", .bars(bars)),
    Figure("Table", table: DataTable(columns: ["a", "b"], rows: [["1", ""]])),
])

@Suite("The experiments' page") struct PageTests {
    @Test("The page is well-formed, and text of all kinds is escaped")
    func wellFormed() {
        let parsed = ParsedMarkup(whole.html)
        #expect(parsed.problem == nil)
        #expect(parsed.text.contains("1 < 2 & so on"))
        #expect(parsed.text.contains("a <b> & \"c\""))
    }

    @Test("Control characters do not break the page")
    func control() {
        let page = page([Figure("bell \u{7} and null \u{0}", .lines(lines))])
        #expect(ParsedMarkup(page.html).problem == nil)
    }

    @Test("Nothing is loaded and nothing runs")
    func selfContained() {
        let html = whole.html
        for forbidden in ["http:", "https:", "url(", "@import", "<script", " src=", "<link"] {
            #expect(!html.contains(forbidden))
        }
    }

    @Test("Every picture has a title and a description, every id is unique, and every reference resolves")
    func accessible() {
        let parsed = ParsedMarkup(whole.html)
        let ids = parsed.attributes["id", default: []]
        #expect(Set(ids).count == ids.count)
        let labels = parsed.attributes["aria-labelledby", default: []].flatMap { $0.split(separator: " ") }
        #expect(labels.count >= 4)
        #expect(labels.allSatisfy { ids.contains(String($0)) })
        let links = parsed.attributes["href", default: []]
        #expect(links.contains("#sample"))
        #expect(!links.contains("#absent"))
        #expect(links.allSatisfy { ids.contains(String($0.dropFirst())) })
        #expect(parsed.names.filter { $0 == "desc" }.count == 2)
    }

    @Test("Commands are shown line by line, as they are typed")
    func instructions() {
        var page = page([])
        page.sections[0].instructions = Instructions("Type:", commands: ["a --b <c>", "d && e"])
        let parsed = ParsedMarkup(page.html)
        #expect(parsed.problem == nil)
        #expect(parsed.text.contains("a --b <c>\nd && e"))
        #expect(parsed.names.filter { $0 == "pre" }.count == 1)
    }

    @Test("Every plot has a table of its numbers")
    func tables() {
        #expect(Figure("Lines", .lines(lines)).table.rows == [
            ["0", "0.1 (0 to 0.2)", "0.5", "0"], ["10", "0.9 (0.8 to 1)", "–", "1"],
        ])
        #expect(Figure("Bars", .bars(bars)).table.rows == [["0", "1"], ["0.1", "0.5 (0.4 to 0.6)"]])
    }

    @Test("A long curve's table is thinned out to its ends and what lies between")
    func thinned() {
        let points = (0...100).map { LinePlot.Point(Double($0), Estimate(exact: Double($0))) }
        let plot = LinePlot(x: "x", y: "y", series: [LinePlot.Series("s", points: points)])
        let rows = Figure("Long", .lines(plot)).table.rows
        #expect(rows.count == 11)
        #expect(rows.first == ["0", "0"])
        #expect(rows.last == ["100", "100"])
    }

    @Test("Verdicts say in words whether they hold, at the top and in their section")
    func verdicts() {
        let text = ParsedMarkup(whole.html).text
        #expect(text.components(separatedBy: "✓ holds").count == 3)
        #expect(text.components(separatedBy: "✗ does not hold at this scale").count == 3)
        #expect(whole.text.contains("sample: It flies: does not hold at this scale\n"))
    }

    @Test("Places in pictures are finite numbers, whatever the data")
    func finite() {
        let points = [0.0, .nan, .infinity, -1].map { LinePlot.Point($0, Estimate(exact: $0)) }
        for kind in [AxisKind.linear, .logarithmic] {
            let plot = LinePlot(
                x: "x", y: "y", xKind: kind, yKind: kind,
                series: [LinePlot.Series("s", mark: .points, points: points)])
            let html = page([Figure("Odd", .lines(plot))]).html
            let attributes = ParsedMarkup(html).attributes
            for name in ["d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy"] {
                #expect(
                    attributes[name, default: []].allSatisfy { !$0.contains("nan") && !$0.contains("inf") })
            }
        }
    }

    @Test("The data reads back from JSON")
    func json() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let text = try ExperimentsResult(whole).benchJSON()
        let result = try decoder.decode(ExperimentsResult.self, from: Data(text.utf8))
        #expect(result.sections == whole.sections)
        #expect(result.seeds == 5)
    }
}
