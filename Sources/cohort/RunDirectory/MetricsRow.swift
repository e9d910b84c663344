/// The metrics of one step.
package struct MetricsRow: Hashable, Sendable {
    package var step: Int
    /// Seconds since 1970, UTC.
    package var time: Double
    private var numbers: [MetricName: Double] = [:]
    private var missing: Set<MetricName> = []

    package init(step: Int, time: Double) {
        self.step = step
        self.time = time
    }

    /// Sets a metric; `nil` means that it has no valid value at this step and is written as null.
    package mutating func record(_ name: MetricName, _ value: Double?) {
        numbers[name] = value
        if value == nil { missing.insert(name) } else { missing.remove(name) }
    }

    package mutating func record(_ name: MetricName, _ value: Int) { record(name, Double(value)) }

    /// `nil`: never recorded, or recorded as having no value.
    package subscript(name: MetricName) -> Double? { numbers[name] }

    /// One JSON object: `step`, `time`, the metrics in the catalogue's order, and `metrics_errors`
    /// with the reason for each null, where there is one.
    package var json: String {
        var object = JSONObjectText()
        var errors = JSONObjectText()
        object.add("step", step)
        object.add("time", time)
        for name in (Array(numbers.keys) + missing).sorted(by: MetricName.precedes) {
            object.add(name.rawValue, numbers[name])
            if let reason = Self.reason(numbers[name]) { errors.add(name.rawValue, reason) }
        }
        if !errors.isEmpty { object.add("metrics_errors", errors) }
        return object.text
    }

    private static func reason(_ value: Double?) -> String? {
        guard let value else { return "no valid value" }
        if value.isNaN { return "not a number" }
        return value.isInfinite ? (value > 0 ? "infinity" : "-infinity") : nil
    }
}

/// Writes `metrics.jsonl`: one object per step, written through before `write` returns, never
/// changed.
package struct MetricsWriter: Sendable {
    private let file: JSONLinesFile

    /// A run resumed after `lastStep` drops rows of later steps, which will be written again.
    package init(path: String, keepingThrough lastStep: Int? = nil) throws(CommandFailure) {
        file = try JSONLinesFile(path: path, keepingThrough: lastStep)
    }

    package func write(_ row: MetricsRow) throws(CommandFailure) { try file.append(row.json) }

    /// Returns once all rows are on the disk.
    package func synchronize() throws(CommandFailure) { try file.synchronize() }
}
