extension Figure {
    /// Picture, legend and table. `id` is unique on the page.
    func markup(id: String) -> Markup {
        var parts = [tag("figcaption", [:], title)]
        if let plot {
            parts.append(plot.svg(id: id, title: title))
            if let legend = plot.legend { parts.append(legend) }
            let summary = tag("summary", [:], "Numbers")
            parts.append(tag("details", [:], [summary, table.markup(label: title)]))
        } else {
            parts.append(table.markup(label: title))
        }
        return tag("figure", ["class": plot == nil ? "wide" : "plot"], parts)
    }
}

extension Plot {
    fileprivate func svg(id: String, title: String) -> Markup {
        switch self {
        case .lines(let plot): LineChart(plot).svg(id: id, title: title)
        case .bars(let plot): BarChart(plot).svg(id: id, title: title)
        }
    }

    /// Names with a piece of their line or bar, as the picture draws it; none for a single one.
    fileprivate var legend: Markup? {
        let entries: [(name: String, swatch: Markup)] =
            switch self {
            case .lines(let plot):
                plot.series.enumerated().map { index, series in
                    let kind = series.mark == .guide ? "guide" : "curve"
                    return (series.name, tag("path", ["class": "\(kind) s\(index)", "d": "M1 6L27 6"]))
                }
            case .bars(let plot):
                plot.series.enumerated().map { index, series in
                    let box: KeyValuePairs = [
                        "class": "bar s\(index)", "x": "8", "y": "0", "width": "12", "height": "12",
                    ]
                    return (series.name, tag("rect", box))
                }
            }
        guard entries.count > 1 else { return nil }
        return tag(
            "ul", ["class": "legend"],
            entries.map { entry in
                let swatch = tag("svg", ["viewBox": "0 0 28 12", "aria-hidden": "true"], [entry.swatch])
                return tag("li", [:], [swatch, .text(entry.name)])
            })
    }
}

extension DataTable {
    /// Scrolls by itself where the screen is narrow, by keyboard too.
    func markup(label: String) -> Markup {
        let head = tag("tr", [:], columns.map { tag("th", ["scope": "col"], $0) })
        let body = rows.map { row in
            tag(
                "tr", [:],
                row.enumerated().map { index, cell in
                    index == 0 ? tag("th", ["scope": "row"], cell) : tag("td", [:], cell)
                })
        }
        let table = tag("table", [:], [tag("thead", [:], [head]), tag("tbody", [:], body)])
        return tag(
            "div", ["class": "scroll", "role": "region", "tabindex": "0", "aria-label": "Table: \(label)"],
            [table])
    }
}
