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

    package init() {}

    /// Throws what the case's own evaluation throws.
    package mutating func add(_ golden: GoldenCase) throws {
        caseCount += 1
        for name in try golden.missingQuantities() {
            failures.append("\(golden.profile), \(golden.name): no \(name)")
        }
        let isDirect = try golden.usesDirectEstimator()
        let singles = try golden.singlePrecisionErrors()
        for error in try golden.errors() {
            let single = singles.first { $0.quantity == error.quantity }
            add(error, single: single, source: golden.source, isDirect: isDirect)
        }
    }

    private mutating func add(
        _ error: ConformanceError, single: ConformanceError?, source: String, isDirect: Bool
    ) {
        let name = String(error.quantity.split(separator: ".")[0])
        let key = Key(profile: error.profile, source: source, quantity: name)
        let isDoubleWithin = error.relative <= Self.doubleBound
        let isSingleWithin =
            single.map {
                $0.relative <= Self.singleBound || isDirect && $0.absolute <= Self.directBound
            } ?? true
        var cell = cells[key, default: Cell()]
        cell.cases += 1
        cell.double = max(cell.double, error.relative)
        cell.single = max(cell.single, single?.relative ?? 0)
        cell.isWithin = cell.isWithin && isDoubleWithin && isSingleWithin
        cells[key] = cell
        if !isDoubleWithin {
            failures.append(
                "\(error.profile), \(error.name): \(error.quantity) is off by \(error.relative)")
        }
        if let single, !isSingleWithin {
            failures.append(
                "\(error.profile), \(error.name): \(error.quantity) in float32 is off by "
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
        ).text + "\(caseCount) cases, \(failures.count) values out of bounds\n"
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

extension GoldenCase {
    /// Whether the KL term or its metric takes the direct form of k3.
    fileprivate func usesDirectEstimator() throws -> Bool {
        let objective = try AlgorithmSettings(profile: profile, changes: settings).objective
        return objective.beta != 0 && [.k3Direct, .lowVar].contains(objective.klEstimator)
    }
}
