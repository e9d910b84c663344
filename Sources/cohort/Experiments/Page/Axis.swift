import Foundation

/// One axis of a plot: from numbers to places, and where its ticks are.
package struct Axis: Sendable {
    package let kind: AxisKind
    package let domain: ClosedRange<Double>
    /// Places of the domain's ends; the first may be the larger one.
    package let range: (from: Double, to: Double)
    package let ticks: [Double]

    /// An axis that shows all of `values` (finite; positive where logarithmic), `includes` too, with about
    /// `count` ticks.
    package init(
        _ kind: AxisKind, values: [Double], includes: Double? = nil, range: (from: Double, to: Double),
        ticks count: Int, fitsTicks: Bool = true
    ) {
        self.kind = kind
        self.range = range
        let all = values + (includes.map { [$0] } ?? [])
        let usable = all.filter { $0.isFinite && (kind == .linear || $0 > 0) }
        let (low, high) = (usable.reduce(.infinity, min), usable.reduce(-.infinity, max))
        guard low <= high else {
            (domain, ticks) = kind == .linear ? (0...1, [0, 1]) : (1...10, [1, 10])
            return
        }
        (domain, ticks) =
            kind == .linear
            ? Self.linear(low, high, count, fitsTicks) : Self.logarithmic(low, high, count, fitsTicks)
    }

    /// Where `value` lies; what is outside is put at the edge, NaN at the lower one.
    package func place(_ value: Double) -> Double {
        guard !value.isNaN else { return range.from }
        let share: Double
        switch kind {
        case .linear: share = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
        case .logarithmic:
            let (low, high) = (log(domain.lowerBound), log(domain.upperBound))
            share = (log(max(value, domain.lowerBound)) - low) / (high - low)
        }
        return range.from + min(max(share, 0), 1) * (range.to - range.from)
    }

    private static func linear(
        _ low: Double, _ high: Double, _ count: Int, _ fitsTicks: Bool
    ) -> (ClosedRange<Double>, [Double]) {
        let high = high > low ? high : low + max(1e-9, low.magnitude * 0.1)
        let step = niceStep((high - low) / Double(max(count, 1)))
        // A little slack, so that rounding does not ask for one more tick.
        let first = (low / step + 1e-9).rounded(.down)
        let last = (high / step - 1e-9).rounded(.up)
        let all = stride(from: first, through: last, by: 1).map { $0 * step }
        guard !fitsTicks else { return (first * step...last * step, all) }
        return (low...high, all.filter { $0 >= low - step * 1e-9 && $0 <= high + step * 1e-9 })
    }

    /// 1, 2 or 5 times a power of ten, at least `least`.
    private static func niceStep(_ least: Double) -> Double {
        let power = pow(10, floor(log10(least)))
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= least * 0.999 } ?? 10 * power
    }

    private static func logarithmic(
        _ low: Double, _ high: Double, _ count: Int, _ fitsTicks: Bool
    ) -> (ClosedRange<Double>, [Double]) {
        let (first, last) = (Int(floor(log10(low) + 1e-9)), Int(ceil(log10(high) - 1e-9)))
        let decades = max(1, last - first)
        let factors: [Double] = decades <= 1 ? [1, 2, 5] : decades <= 2 ? [1, 3] : [1]
        let stride = max(1, (decades + count - 1) / max(count, 1))
        let all = (first...first + decades).flatMap { decade in
            (decade - first) % stride == 0 ? factors.map { $0 * pow(10, Double(decade)) } : []
        }
        guard fitsTicks else {
            let high = high > low ? high : low * 10
            return (low...high, all.filter { $0 >= low * 0.999 && $0 <= high * 1.001 })
        }
        let ends = (all.last { $0 <= low * 1.001 } ?? low, all.first { $0 >= high * 0.999 } ?? high)
        let upper = ends.1 > ends.0 ? ends.1 : ends.0 * 10
        return (ends.0...upper, all.filter { $0 >= ends.0 * 0.999 && $0 <= upper * 1.001 })
    }
}
