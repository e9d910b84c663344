extension OffsetStudy.Outcome {
    package var section: Section {
        Section(
            name: OffsetStudy.name,
            title: "Absolute reward fluctuates where a baseline does not",
            claim: """
                If every answer earns some reward, learning from the reward itself pushes all sampled \
                answers up, the bad ones too, and only their different sizes tell them apart. A baseline \
                takes a line off first: a learned value function, or, as GRPO does, the mean of the group. \
                Then a common offset of the rewards changes nothing, and the gradient is far less noisy. A \
                baseline is no law of nature, though: there are cases where it adds variance.
                """,
            method: """
                Variance: total variance of the gradient estimated from one group of \(study.groupSize), \
                \(study.draws) groups per seed, bars are means over \(context.seeds) seeds and whiskers \
                two standard errors; the value baseline there is the exact value function. Learning: every \
                reward is raised by \(NumberText.short(study.trainingOffset)); plotted is the exact \
                expected reward without it; Adam with rate 0.1, which divides out the factor between group \
                mean and leave-one-out, so their curves coincide; the value function is learned alongside. \
                \(context.bandText) Counter-example: all 16 groups are counted, nothing is sampled.
                """,
            verdicts: [varianceVerdict, learningVerdict, counterVerdict],
            figures: [variancePlot, curvePlot, counterPlot])
    }

    private var variancePlot: Figure {
        Figure(
            "Variance of the gradient, by offset of the rewards",
            .bars(
                BarPlot(
                    categoryLabel: "offset added to every reward", y: "variance (logarithmic)",
                    yKind: .logarithmic, categories: study.offsets.map(NumberText.short),
                    series: zip(OffsetStudy.arms, variances).map { arm, samples in
                        BarPlot.Series(arm.name, values: samples.map(Estimate.init(errors:)))
                    })))
    }

    private var curvePlot: Figure {
        Figure(
            "Learning with rewards raised by \(NumberText.short(study.trainingOffset))",
            .lines(LinePlot(x: "step", y: "expected reward", series: curves.map(\.series))))
    }

    private var counterPlot: Figure {
        Figure(
            "Counter-example: two answers, p = (0.1, 0.9), r = (+1, −1), G = 4",
            .bars(
                BarPlot(
                    categoryLabel: "baseline", y: "variance of the gradient",
                    categories: ["raw reward", "leave-one-out"],
                    series: [
                        BarPlot.Series(
                            "exact variance",
                            values: [
                                Estimate(exact: counterExample.raw),
                                Estimate(exact: counterExample.leaveOneOut),
                            ])
                    ])))
    }

    private var varianceVerdict: Verdict {
        let largest = study.offsets.count - 1
        let growth = variances.map { $0[largest].mean / $0[0].mean }
        return Verdict(
            "An offset inflates the variance of the raw reward's gradient, not that of a baseline's",
            holds: growth[0] > 10 && growth.dropFirst().allSatisfy { abs($0 - 1) < 0.2 },
            evidence: "With an offset of \(NumberText.short(study.offsets[largest])) the variance is "
                + zip(OffsetStudy.arms, growth).map { "\(NumberText.short($1)) × (\($0.name))" }
                .joined(separator: ", ") + " of what it is without.")
    }

    private var learningVerdict: Verdict {
        let rest = curves.dropFirst()
        return Verdict(
            "With an offset, raw reward learns less, and less surely, than any baseline",
            holds: rest.allSatisfy {
                $0.last.isClearlyAbove(curves[0].last)
                    && $0.last.standardDeviation < curves[0].last.standardDeviation
            },
            evidence: "Expected reward after \(study.steps) steps: "
                + curves.map { "\($0.name) \($0.last.text)" }.joined(separator: "; ") + ".")
    }

    /// Here holding means that the exception exists.
    private var counterVerdict: Verdict {
        Verdict(
            "A baseline can also add variance: p = (0.1, 0.9), r = (+1, −1), G = 4",
            holds: counterExample.leaveOneOut > counterExample.raw,
            evidence: "Exact variance \(NumberText.short(counterExample.raw)) with the raw reward, "
                + "\(NumberText.short(counterExample.leaveOneOut)) with the leave-one-out baseline.")
    }
}
