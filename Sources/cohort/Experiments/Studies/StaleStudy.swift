import GRPO

/// Completions of an older policy, with and without the decoupled objective.
package struct StaleStudy: Study {
    package static let name = "stale"

    /// Steps between the policy that samples and the one that learns.
    package var staleness = [0, 4, 16]
    /// The second is too large on purpose.
    package var learningRates = [0.1, 0.3]
    package var steps = 120
    /// Optimiser steps per batch.
    package var minibatches = 4

    package init() {}

    static let arms: [(name: String, isDecoupled: Bool)] = [
        ("clip against the sampler", false), ("decoupled", true),
    ]

    package struct Outcome: StudyOutcome {
        package var study: StaleStudy
        package var context: StudyContext
        /// Expected reward: (learning rates)(arms)(staleness).
        package var curves: [[[Curve]]]
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        let task = TableTask.sums()
        let trainings = learningRates.flatMap { rate in
            Self.arms.flatMap { arm in staleness.map { training(task, rate, arm.isDecoupled, $0) } }
        }
        let runs = try context.train(trainings) { $0.logprobs.expectation(of: task.reward) }
        let (x, perArm) = (trainings[0].axis, staleness.count)
        return Outcome(
            study: self, context: context,
            curves: learningRates.indices.map { rate in
                Self.arms.indices.map { arm in
                    staleness.indices.map { age in
                        Curve(
                            "\(Self.arms[arm].name), \(staleness[age]) steps old", x: x,
                            runs: runs[(rate * Self.arms.count + arm) * perArm + age])
                    }
                }
            })
    }

    private func training(
        _ task: TableTask, _ rate: Double, _ isDecoupled: Bool, _ age: Int
    ) -> TableTraining {
        var training = TableTraining(
            task: task,
            settings: .study {
                $0.advantage.scaling = .group
                if isDecoupled { $0.decouple(limit: 2) }
            })
        (training.steps, training.minibatches) = (steps, minibatches)
        (training.learningRate, training.staleness) = (rate, age)
        return training
    }
}

extension StaleStudy.Outcome {
    package var section: Section {
        Section(
            name: StaleStudy.name,
            title: "Stale data: the decoupled objective uses it better",
            claim: """
                When workers sample while the learner trains, completions come from an older policy. A \
                ratio to that policy starts away from 1, so the clip meant for the learner's own steps \
                throws away good tokens because of their age. The decoupled objective asks two questions: \
                how far did this step move the policy (clip against the policy at the start of the batch), \
                and how likely was the token to be sampled now (a weight, cut at 2).
                """,
            method: """
                Completions of the policy of 0, 4 or 16 steps ago; 4 optimiser steps per batch, z-scored \
                advantages, Adam. The bars are the mean expected reward over the whole run, which is \
                higher the faster a run learns; whiskers reach from the lowest to the highest seed. \
                \(context.bandText)
                """,
            verdicts: study.learningRates.indices.map(verdict),
            figures: [curvePlot] + study.learningRates.indices.map(barPlot))
    }

    private var oldest: Int { study.staleness.count - 1 }

    private var curvePlot: Figure {
        var fresh = curves[0][0][0]
        fresh.name = "fresh data"
        return Figure(
            "Learning from data \(study.staleness[oldest]) steps old, rate "
                + NumberText.short(study.learningRates[0]),
            .lines(
                LinePlot(
                    x: "step", y: "expected reward",
                    series: [fresh.series] + curves[0].map { $0[oldest].series })))
    }

    private func barPlot(rate: Int) -> Figure {
        Figure(
            "Mean reward over the run, learning rate \(NumberText.short(study.learningRates[rate]))",
            .bars(
                BarPlot(
                    categoryLabel: "age of the data in steps", y: "mean expected reward",
                    categories: study.staleness.map { NumberText.short(Double($0)) },
                    series: zip(StaleStudy.arms, curves[rate]).map { arm, curves in
                        BarPlot.Series(arm.name, values: curves.map { Estimate(range: $0.average) })
                    })))
    }

    private func verdict(rate: Int) -> Verdict {
        let pairs = (1...oldest).map { (curves[rate][0][$0].average, curves[rate][1][$0].average) }
        let name = NumberText.short(study.learningRates[rate])
        return Verdict(
            "On stale data the decoupled objective learns faster, at learning rate \(name)",
            holds: pairs.allSatisfy { $1.isClearlyAbove($0) },
            evidence: "Mean expected reward over the run: "
                + zip(study.staleness.dropFirst(), pairs).map { age, pair in
                    "\(age) steps old \(pair.0.text) clipped against the sampler, \(pair.1.text) decoupled"
                }.joined(separator: "; ")
                + "; fresh \(curves[rate][0][0].average.text).")
    }
}
