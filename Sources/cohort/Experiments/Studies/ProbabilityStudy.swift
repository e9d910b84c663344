import GRPO

/// The probability itself instead of a ratio to the sampler's.
package struct ProbabilityStudy: Study {
    package static let name = "probability"

    package var learningRates = [0.02, 0.05, 0.1, 0.2]
    /// Whose curves are shown.
    package var shownRate = 2
    package var steps = 200
    /// Logit of the wrong first token above all others at the start.
    package var prejudice = 3.0

    package init() {}

    static let arms: [(name: String, surrogate: Surrogate)] = [
        ("ratio", .clip), ("raw probability", .probability),
    ]

    package struct Outcome: StudyOutcome {
        package var study: ProbabilityStudy
        package var context: StudyContext
        /// Expected reward: (arms)(learning rates).
        package var curves: [[Curve]]
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        let task = TableTask.sums()
        var start = TablePolicy(task)
        start.prefer(first: 5, by: prejudice)
        let trainings = Self.arms.flatMap { arm in
            learningRates.map { rate in
                var training = TableTraining(
                    task: task, start: start,
                    settings: .study {
                        $0.advantage.scaling = .group
                        $0.objective.surrogate = arm.surrogate
                    })
                (training.steps, training.learningRate) = (steps, rate)
                return training
            }
        }
        let runs = try context.train(trainings) { $0.logprobs.expectation(of: task.reward) }
        let x = trainings[0].axis
        return Outcome(
            study: self, context: context,
            curves: Self.arms.indices.map { arm in
                learningRates.indices.map { rate in
                    Curve(Self.arms[arm].name, x: x, runs: runs[arm * learningRates.count + rate])
                }
            })
    }
}

extension ProbabilityStudy.Outcome {
    package var section: Section {
        Section(
            name: ProbabilityStudy.name,
            title: "Raw probabilities instead of ratios fail",
            claim: """
                Why divide by π_old at all? Pushing up π_θ(o)·A directly looks simpler. But its gradient \
                is the probability times that of the logarithm: an answer that is rare gets a rare \
                answer's push, however good it is, on top of being sampled rarely. The policy hardens \
                what it already prefers. The ratio starts at 1 for every token, rare or not.
                """,
            method: """
                The policy starts with a prejudice: \(NumberText.short(0.8)) of its probability lies on a \
                first digit that is never right. Z-scored advantages, one pass per batch, Adam, \
                \(study.steps) steps, each surrogate with the same four learning rates. \
                \(context.bandText) Points are means, whiskers reach from the lowest to the highest seed.
                """,
            verdicts: [verdict], figures: [curvePlot, ratePlot])
    }

    private var curvePlot: Figure {
        let rate = study.learningRates[study.shownRate]
        return Figure(
            "Learning at rate \(NumberText.short(rate))",
            .lines(
                LinePlot(
                    x: "step", y: "expected reward",
                    series: curves.map { $0[study.shownRate].series })))
    }

    private var ratePlot: Figure {
        Figure(
            "Expected reward after \(study.steps) steps, by learning rate",
            .lines(
                LinePlot(
                    x: "learning rate (logarithmic)", y: "expected reward", xKind: .logarithmic,
                    series: zip(ProbabilityStudy.arms, curves).map { arm, curves in
                        LinePlot.Series(
                            arm.name, mark: .points,
                            points: zip(study.learningRates, curves).map {
                                LinePlot.Point($0, Estimate(range: $1.last))
                            })
                    })))
    }

    private var verdict: Verdict {
        let best = curves.map { curves in
            curves.indices.max { curves[$0].last.mean < curves[$1].last.mean } ?? 0
        }
        let ends = zip(curves, best).map { $0[$1].last }
        return Verdict(
            "Each at its best learning rate, raw probabilities end below ratios",
            holds: ends[0].isClearlyAbove(ends[1]),
            evidence: zip(ProbabilityStudy.arms, zip(best, ends)).map { arm, end in
                "\(arm.name): \(end.1.text) at rate \(NumberText.short(study.learningRates[end.0]))"
            }.joined(separator: "; ") + ".")
    }
}
