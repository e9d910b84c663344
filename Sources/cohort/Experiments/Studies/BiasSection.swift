extension BiasStudy.Outcome {
    package var section: Section {
        Section(
            name: BiasStudy.name,
            title: "A baseline that leaves the sample out does not bias the gradient",
            claim: """
                A line that does not depend on the completion it judges changes the gradient's noise but \
                not its mean. The mean of the group's other members is such a line. The plain group mean \
                is not: it contains the completion itself, which takes back one G-th of the push, so the \
                gradient shrinks to (G − 1)/G of its length and keeps its direction. Dividing by the \
                group's deviation as well re-weighs prompts and is no estimate of the gradient at all.
                """,
            method: """
                One prompt, \(NumberText.short(Double(study.draws))) groups per point. Plotted is the \
                estimate projected on the exact gradient, in units of its length: 1 is unbiased. Whiskers \
                are two standard errors. All completions of the exact gradient are counted, not sampled.
                """,
            verdicts: [leaveOneOut, groupMean, deviation], figures: [plot, deviationPlot])
    }

    private var sizes: [Double] { study.groupSizes.map(Double.init) }

    private func measured(_ arms: Range<Int>) -> [LinePlot.Series] {
        arms.map { arm in
            LinePlot.Series(
                BiasStudy.arms[arm].name, mark: .points,
                points: zip(sizes, points[arm]).map { size, point in
                    let (low, high) = (point.scale - 2 * point.error, point.scale + 2 * point.error)
                    return LinePlot.Point(size, Estimate(point.scale, low: low, high: high))
                })
        }
    }

    private func figure(_ title: String, _ series: [LinePlot.Series]) -> Figure {
        Figure(
            title,
            .lines(
                LinePlot(
                    x: "group size G (logarithmic)", y: "estimate ÷ exact gradient",
                    xKind: .logarithmic, series: series)))
    }

    private var plot: Figure {
        let guide = LinePlot.Series(
            "(G − 1)/G", mark: .guide,
            points: sizes.map { LinePlot.Point($0, Estimate(exact: ($0 - 1) / $0)) })
        return figure("Mean of the estimate, in units of the exact gradient", measured(0..<3) + [guide])
    }

    private var deviationPlot: Figure {
        let guide = LinePlot.Series(
            "unbiased", mark: .guide, points: sizes.map { LinePlot.Point($0, Estimate(exact: 1)) })
        return figure("The same, divided by the group's deviation", measured(3..<4) + [guide])
    }

    private var leaveOneOut: Verdict {
        verdict("The leave-one-out baseline does not bias the gradient", arm: 0) { _ in 1 }
    }

    private var groupMean: Verdict {
        verdict("The group mean shrinks the gradient by (G − 1)/G and keeps its direction", arm: 1) {
            Double($0 - 1) / Double($0)
        }
    }

    /// Holds where all scales and components lie within errors of what is expected.
    private func verdict(_ statement: String, arm: Int, factor: (Int) -> Double) -> Verdict {
        let rows = zip(study.groupSizes, points[arm])
        let inside = rows.allSatisfy { size, point in
            abs(point.scale - factor(size)) < 4 * point.error && point.largestDeviation < 5
        }
        let largest = points[arm].reduce(0) { max($0, $1.largestDeviation) }
        return Verdict(
            statement, holds: inside,
            evidence: rows.map { size, point in
                "G = \(size): \(NumberText.withError(point.scale, point.error)), expected "
                    + NumberText.short(factor(size))
            }.joined(separator: "; ")
                + " (± standard error). No component is off by more than "
                + "\(NumberText.short(largest)) standard errors.")
    }

    private var deviation: Verdict {
        let off = zip(study.groupSizes, points[3]).filter { abs($1.scale - 1) > 4 * $1.error }
        return Verdict(
            "Dividing by the deviation re-weighs the gradient",
            holds: off.count == study.groupSizes.count,
            evidence: zip(study.groupSizes, points[3]).map { size, point in
                "G = \(size): \(NumberText.withError(point.scale, point.error))"
            }.joined(separator: "; ") + ".")
    }
}
