package import GRPO

/// How far every profile is from its reference: the largest error of each quantity over all cases.
package struct ConformanceTable {
    /// What a float64 value may be off by, relative to the largest of the reference.
    package static let doubleBound = 1e-9
    /// What float32 may be off by from float64.
    package static let singleBound = 1e-5
    /// What float32 may be off by absolutely with the direct form of k3, which cancels.
    package static let directBound = 1e-6

    private struct Key: Hashable {
        var profile, source, quantity: String
    }
    private struct Cell {
        var cases = 0
        var double = 0.0
        var single = 0.0
        var isWithin = true
    }

    private var cells: [Key: Cell] = [:]
    /// Quantities out of bounds, as sentences.
    package private(set) var failures: [String] = []
    package private(set) var caseCount = 0
    private var deviations: [KnownDeviation: Int] = [:]

    package init() {}

    package mutating func add(_ result: ConformanceResult) {
        caseCount += 1
        for deviation in result.deviations { deviations[deviation, default: 0] += 1 }
        for name in result.missing {
            failures.append("\(result.profile), \(result.name): no \(name)")
        }
        for error in result.double {
            add(error, single: result.single.first { $0.quantity == error.quantity }, of: result)
        }
    }

    private mutating func add(
        _ error: ConformanceError, single: ConformanceError?, of result: ConformanceResult
    ) {
        let name = String(error.quantity.split(separator: ".")[0])
        let key = Key(profile: result.profile, source: result.source, quantity: name)
        let isDoubleWithin = error.relative <= Self.doubleBound
        let isSingleWithin =
            single.map {
                $0.relative <= Self.singleBound
                    || result.isDirect && $0.absolute <= Self.directBound
            } ?? true
        var cell = cells[key, default: Cell()]
        cell.cases += 1
        cell.double = max(cell.double, error.relative)
        cell.single = max(cell.single, single?.relative ?? 0)
        cell.isWithin = cell.isWithin && isDoubleWithin && isSingleWithin
        cells[key] = cell
        if !isDoubleWithin {
            failures.append(
                "\(result.profile), \(result.name): \(error.quantity) is off by \(error.relative)")
        }
        if let single, !isSingleWithin {
            failures.append(
                "\(result.profile), \(result.name): \(error.quantity) in float32 is off by "
                    + "\(single.relative) (absolute \(single.absolute))")
        }
    }

    package var text: String {
        let rows = cells.sorted { left, right in
            (left.key.profile, left.key.source, left.key.quantity)
                < (right.key.profile, right.key.source, right.key.quantity)
        }.map { key, cell in
            [
                key.profile, key.source, key.quantity, "\(cell.cases)", Self.error(cell.double),
                Self.error(cell.single), cell.isWithin ? "" : "out of bounds",
            ]
        }
        let head = ["profile", "reference", "quantity", "values", "float64", "float32", ""]
        return TextTable(
            rows: [head] + rows, alignments: [.left, .left, .left, .right, .right, .right]
        ).text + deviationText + "\(caseCount) cases, \(failures.count) values out of bounds\n"
    }

    private var deviationText: String {
        let lines = KnownDeviation.all.enumerated().compactMap { place, deviation in
            deviations[deviation].map { "\(place + 1). \(deviation.reason) (\($0) cases)\n" }
        }
        return lines.isEmpty ? "" : "Deviations on purpose:\n" + lines.joined()
    }

    /// `3.1e-16`
    private static func error(_ value: Double) -> String {
        guard value > 0, value.isFinite else { return value == 0 ? "0" : "inf" }
        var exponent = 0
        var digits = value
        while digits < 1 { (digits, exponent) = (digits * 10, exponent - 1) }
        while digits >= 10 { (digits, exponent) = (digits / 10, exponent + 1) }
        return DecimalText.fixed(digits, digits: 1) + "e\(exponent)"
    }
}
