/// What all charts share: size, axes, grid, labels, and the description for those who do not see it.
struct ChartFrame {
    // In user units; the picture is scaled to the width that there is.
    static let width = 420.0
    static let height = 270.0
    static let left = 54.0
    static let right = 408.0
    static let top = 30.0
    static let bottom = 222.0

    let id: String
    let title: String
    let description: String
    let xLabel: String
    let yLabel: String
    let y: Axis

    init(id: String, title: String, description: String, xLabel: String, yLabel: String, y: Axis) {
        self.id = id
        self.title = title
        self.description = description
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.y = y
    }

    /// The picture: grid and axes behind `contents`.
    func svg(xTicks: [(place: Double, text: String)], _ contents: [Markup]) -> Markup {
        tag(
            "svg",
            [
                "viewBox": "0 0 \(Self.number(Self.width)) \(Self.number(Self.height))", "role": "img",
                "aria-labelledby": "\(id)-title \(id)-desc",
            ],
            [
                tag("title", ["id": "\(id)-title"], title),
                tag("desc", ["id": "\(id)-desc"], description),
            ] + grid + xTicks.map(xTick) + contents + labels)
    }

    private var grid: [Markup] {
        y.ticks.flatMap { tick in
            let place = y.place(tick)
            return [
                Self.line(Self.left, place, Self.right, place, class: "grid"),
                Self.text(NumberText.short(tick), Self.left - 6, place + 4, anchor: "end"),
            ]
        } + [Self.line(Self.left, Self.bottom, Self.right, Self.bottom, class: "axis")]
    }

    private func xTick(_ tick: (place: Double, text: String)) -> Markup {
        Self.text(tick.text, tick.place, Self.bottom + 17, anchor: "middle")
    }

    private var labels: [Markup] {
        [
            Self.text(yLabel, 6, 14, anchor: "start", class: "label"),
            Self.text(
                xLabel, (Self.left + Self.right) / 2, Self.height - 10, anchor: "middle", class: "label"),
        ]
    }

    static func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String
    ) -> Markup {
        tag(
            "line",
            [
                "class": name, "x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2),
            ])
    }

    static func text(
        _ text: String, _ x: Double, _ y: Double, anchor: String, class name: String = "tick"
    ) -> Markup {
        tag(
            "text", ["class": name, "x": number(x), "y": number(y), "text-anchor": anchor], text)
    }

    /// A coordinate: a tenth of a unit is enough.
    static func number(_ value: Double) -> String {
        let text = DecimalText.fixed(value, digits: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
