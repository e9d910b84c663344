/// A bar plot as a picture.
struct BarChart {
    let plot: BarPlot
    private let y: Axis

    init(_ plot: BarPlot) {
        self.plot = plot
        let values = plot.series.flatMap(\.values).flatMap { [$0.value, $0.low, $0.high] }
        y = Axis(
            plot.yKind, values: values, includes: plot.yKind == .linear ? 0 : nil,
            range: (ChartFrame.bottom, ChartFrame.top), ticks: 5)
    }

    func svg(id: String, title: String) -> Markup {
        ChartFrame(
            id: id, title: title, description: description, xLabel: plot.categoryLabel,
            yLabel: plot.yLabel, y: y
        ).svg(
            xTicks: plot.categories.indices.map { (start(of: $0) + slot / 2, plot.categories[$0]) },
            plot.categories.indices.flatMap { category in
                plot.series.indices.flatMap { bar(category: category, series: $0) }
            })
    }

    /// Width of a category, and where it starts.
    private var slot: Double {
        (ChartFrame.right - ChartFrame.left) / Double(max(plot.categories.count, 1))
    }

    private func start(of category: Int) -> Double { ChartFrame.left + Double(category) * slot }

    private func bar(category: Int, series index: Int) -> [Markup] {
        let value = plot.series[index].values[category]
        let width = min(slot * 0.8 / Double(plot.series.count), 44)
        let group = width * Double(plot.series.count)
        let left = start(of: category) + (slot - group) / 2 + Double(index) * width
        let base = y.place(plot.yKind == .linear ? 0 : y.domain.lowerBound)
        let end = y.place(value.value)
        let bar = tag(
            "rect",
            [
                "class": "bar s\(index)", "x": ChartFrame.number(left + 1),
                "y": ChartFrame.number(min(base, end)), "width": ChartFrame.number(width - 2),
                "height": ChartFrame.number(max(abs(base - end), 0.5)),
            ])
        guard value.hasSpread else { return [bar] }
        let middle = left + width / 2
        return [
            bar,
            ChartFrame.line(middle, y.place(value.low), middle, y.place(value.high), class: "error"),
        ]
    }

    private var description: String {
        let groups = plot.categories.indices.map { index in
            plot.categories[index] + ": "
                + plot.series.map { "\($0.name) \(NumberText.estimate($0.values[index]))" }
                .joined(separator: ", ")
        }
        return "\(plot.yLabel) by \(plot.categoryLabel). " + groups.joined(separator: "; ") + "."
    }
}
