/// A value with a spread around it.
package struct Estimate: Hashable, Sendable, Codable {
    package var value: Double
    package var low: Double
    package var high: Double

    package init(_ value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }

    package init(exact value: Double) { self.init(value, low: value, high: value) }

    /// The mean, from the least to the greatest value.
    package init(range sample: Sample) {
        self.init(sample.mean, low: sample.least, high: sample.greatest)
    }

    /// The mean, two standard errors to both sides.
    package init(errors sample: Sample) {
        let reach = 2 * sample.standardError
        self.init(sample.mean, low: sample.mean - reach, high: sample.mean + reach)
    }

    package var hasSpread: Bool { high > low }
}

/// How an axis maps numbers to places.
package enum AxisKind: String, Hashable, Sendable, Codable { case linear, logarithmic }

/// Curves over a common axis.
package struct LinePlot: Hashable, Sendable, Codable {
    package enum Mark: String, Hashable, Sendable, Codable {
        /// A line with a band.
        case curve
        /// A line through points with whiskers.
        case points
        /// A dashed line without points: what theory says.
        case guide
    }

    package struct Point: Hashable, Sendable, Codable {
        package var x: Double
        package var y: Estimate

        package init(_ x: Double, _ y: Estimate) {
            self.x = x
            self.y = y
        }
    }

    package struct Series: Hashable, Sendable, Codable {
        package var name: String
        package var mark: Mark
        package var points: [Point]

        package init(_ name: String, mark: Mark = .curve, points: [Point]) {
            self.name = name
            self.mark = mark
            self.points = points
        }
    }

    package var xLabel: String
    package var yLabel: String
    package var xKind = AxisKind.linear
    package var yKind = AxisKind.linear
    package var series: [Series]

    package init(
        x: String, y: String, xKind: AxisKind = .linear, yKind: AxisKind = .linear, series: [Series]
    ) {
        xLabel = x
        yLabel = y
        self.xKind = xKind
        self.yKind = yKind
        self.series = series
    }

    /// Rows of a table at most; curves are thinned out to that.
    private static let rowsMax = 11

    /// One row per x, one column per series.
    var table: DataTable {
        let all = Set(series.flatMap { $0.points.map(\.x) }).sorted()
        let last = all.count - 1
        let kept =
            all.count <= Self.rowsMax
            ? all : (0..<Self.rowsMax).map { all[$0 * last / (Self.rowsMax - 1)] }
        return DataTable(
            columns: [xLabel] + series.map(\.name),
            rows: kept.map { x in
                [NumberText.short(x)]
                    + series.map { series in
                        series.points.first { $0.x == x }.map { NumberText.estimate($0.y) } ?? "–"
                    }
            })
    }
}

/// Groups of bars.
package struct BarPlot: Hashable, Sendable, Codable {
    package struct Series: Hashable, Sendable, Codable {
        package var name: String
        /// One per category.
        package var values: [Estimate]

        package init(_ name: String, values: [Estimate]) {
            self.name = name
            self.values = values
        }
    }

    package var categoryLabel: String
    package var yLabel: String
    package var yKind: AxisKind
    package var categories: [String]
    package var series: [Series]

    package init(
        categoryLabel: String, y: String, yKind: AxisKind = .linear, categories: [String],
        series: [Series]
    ) {
        precondition(
            series.allSatisfy { $0.values.count == categories.count }, "a bar for every category")
        self.categoryLabel = categoryLabel
        yLabel = y
        self.yKind = yKind
        self.categories = categories
        self.series = series
    }

    /// One row per category, one column per series.
    var table: DataTable {
        DataTable(
            columns: [categoryLabel] + series.map(\.name),
            rows: categories.indices.map { index in
                [categories[index]] + series.map { NumberText.estimate($0.values[index]) }
            })
    }
}
