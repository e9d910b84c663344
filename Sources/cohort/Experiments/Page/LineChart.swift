/// A line plot as a picture.
struct LineChart {
    let plot: LinePlot
    private let x: Axis
    private let y: Axis

    init(_ plot: LinePlot) {
        var plot = plot
        for index in plot.series.indices {
            // What is not a number has no place.
            plot.series[index].points.removeAll { !$0.x.isFinite || !$0.y.value.isFinite }
        }
        self.plot = plot
        let points = plot.series.flatMap(\.points)
        x = Axis(
            plot.xKind, values: points.map(\.x), range: (ChartFrame.left + 6, ChartFrame.right - 8),
            ticks: 6, fitsTicks: false)
        y = Axis(
            plot.yKind, values: points.flatMap { [$0.y.value, $0.y.low, $0.y.high] },
            range: (ChartFrame.bottom, ChartFrame.top), ticks: 5)
    }

    func svg(id: String, title: String) -> Markup {
        ChartFrame(
            id: id, title: title, description: description, xLabel: plot.xLabel, yLabel: plot.yLabel,
            y: y
        ).svg(
            xTicks: xTicks.map { (x.place($0), NumberText.short($0)) },
            // Bands lie behind all lines.
            plot.series.indices.compactMap(band) + plot.series.indices.flatMap(marks))
    }

    /// Few points on a logarithmic axis are their own ticks.
    private var xTicks: [Double] {
        let all = Set(plot.series.flatMap { $0.points.map(\.x) }).sorted()
        return plot.xKind == .logarithmic && all.count <= 8 ? all : x.ticks
    }

    private func band(_ index: Int) -> Markup? {
        let series = plot.series[index]
        guard series.mark == .curve, series.points.contains(where: \.y.hasSpread) else { return nil }
        let upper = series.points.map { (x.place($0.x), y.place($0.y.high)) }
        let lower = series.points.reversed().map { (x.place($0.x), y.place($0.y.low)) }
        return tag("path", ["class": "band s\(index)", "d": Self.path(upper + lower) + "Z"])
    }

    private func marks(_ index: Int) -> [Markup] {
        let series = plot.series[index]
        let name = series.mark == .guide ? "guide s\(index)" : "curve s\(index)"
        let places = series.points.map { (x.place($0.x), y.place($0.y.value)) }
        let line = tag("path", ["class": name, "d": Self.path(places)])
        guard series.mark == .points else { return [line] }
        return [line]
            + zip(series.points, places).flatMap { point, place in
                [
                    ChartFrame.line(
                        place.0, y.place(point.y.low), place.0, y.place(point.y.high),
                        class: "whisker s\(index)"),
                    tag(
                        "circle",
                        [
                            "class": "dot s\(index)", "cx": ChartFrame.number(place.0),
                            "cy": ChartFrame.number(place.1), "r": "3.5",
                        ]),
                ]
            }
    }

    private static func path(_ places: [(Double, Double)]) -> String {
        places.enumerated().map { index, place in
            (index == 0 ? "M" : "L") + ChartFrame.number(place.0) + " " + ChartFrame.number(place.1)
        }.joined()
    }

    /// Where each line starts and ends.
    private var description: String {
        let lines = plot.series.compactMap { series -> String? in
            guard let first = series.points.first, let last = series.points.last else { return nil }
            return "\(series.name): from \(NumberText.short(first.y.value)) at "
                + "\(NumberText.short(first.x)) to \(NumberText.short(last.y.value)) at "
                + "\(NumberText.short(last.x))"
        }
        return "\(plot.yLabel) over \(plot.xLabel). " + lines.joined(separator: "; ") + "."
    }
}
