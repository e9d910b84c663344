package import GRPO

/// Several passes over each batch, with and without the clip.
package struct ClipStudy: Study {
    package static let name = "clip"

    /// Passes over each batch.
    package var epochs = 8
    package var steps = 60
    package var descentRate = 200.0
    package var adamRate = 0.1

    package init() {}

    package struct Arm: Hashable, Sendable {
        package var name: String
        package var surrogate: Surrogate
    }

    static let arms = [
        Arm(name: "clipped", surrogate: .clip), Arm(name: "not clipped", surrogate: .unclipped),
    ]

    package struct Outcome: StudyOutcome {
        package var study: ClipStudy
        package var context: StudyContext
        /// Expected reward under gradient descent: (arms).
        package var descent: [Curve]
        /// The largest ratio so far, under gradient descent: (arms).
        package var ratios: [Curve]
        /// Expected reward under Adam: (arms).
        package var adam: [Curve]
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        let task = TableTask.sums()
        let trainings = [TableOptimizer.Kind.descent, .adam].flatMap { kind in
            Self.arms.map { training(task, $0, kind) }
        }
        let runs = try context.train(trainings) {
            ($0.logprobs.expectation(of: task.reward), $0.ratioMax)
        }
        let x = trainings[0].axis
        func curves(_ from: Int, _ value: ((Double, Double)) -> Double) -> [Curve] {
            Self.arms.indices.map { arm in
                Curve(Self.arms[arm].name, x: x, runs: runs[from + arm].map { $0.map(value) })
            }
        }
        return Outcome(
            study: self, context: context, descent: curves(0) { $0.0 },
            ratios: curves(0) { $0.1 }.map(\.largestSoFar),
            adam: curves(Self.arms.count) { $0.0 })
    }

    private func training(
        _ task: TableTask, _ arm: Arm, _ optimizer: TableOptimizer.Kind
    ) -> TableTraining {
        var training = TableTraining(
            task: task,
            settings: .study {
                $0.advantage.scaling = .group
                $0.objective.surrogate = arm.surrogate
            })
        (training.steps, training.epochs, training.interval) = (steps, epochs, 2)
        training.optimizer = optimizer
        training.learningRate = optimizer == .descent ? descentRate : adamRate
        return training
    }
}

extension ClipStudy.Outcome {
    package var section: Section {
        Section(
            name: ClipStudy.name,
            title: "Clipping prevents the collapse that an unclipped ratio shows",
            claim: """
                Samples are dear, so each batch is used for several passes. From the second pass on the \
                policy is no longer the one that sampled, and the ratio π_θ/π_old that corrects for it can \
                grow without limit: each pass pushes a lucky answer further, until the policy gives \
                nothing else. The clip takes the gradient away once an answer has moved by 20 % in the \
                direction of its advantage.
                """,
            method: """
                \(study.epochs) passes over each batch, z-scored advantages, exact expected reward. Gradient \
                descent with rate \(NumberText.short(study.descentRate)) on the token mean; Adam with rate \
                \(NumberText.short(study.adamRate)), whose steps have a bounded length whatever the \
                gradient, and whose momentum moves on after the clip has stopped the gradient. \
                \(context.bandText)
                """,
            verdicts: [descentVerdict, ratioVerdict, adamVerdict],
            figures: [
                Figure(
                    "Gradient descent, \(study.epochs) passes per batch",
                    .lines(LinePlot(x: "step", y: "expected reward", series: descent.map(\.series)))),
                Figure(
                    "Largest ratio so far, gradient descent",
                    .lines(
                        LinePlot(
                            x: "step", y: "ratio (logarithmic)", yKind: .logarithmic,
                            series: ratios.map(\.series)))),
                Figure(
                    "Adam, \(study.epochs) passes per batch",
                    .lines(LinePlot(x: "step", y: "expected reward", series: adam.map(\.series)))),
            ])
    }

    private var descentVerdict: Verdict {
        Verdict(
            "With several passes per batch, the unclipped ratio stops at wrong answers and the clipped "
                + "one does not",
            holds: descent[0].last.isClearlyAbove(descent[1].last), evidence: ends(descent))
    }

    private var ratioVerdict: Verdict {
        Verdict(
            "The clip keeps ratios in bounds",
            holds: ratios[0].last.mean * 10 < ratios[1].last.mean,
            evidence: "Largest ratio of a run: clipped \(ratios[0].last.text), not clipped "
                + "\(ratios[1].last.text). It is not held at 1.2 exactly: one step can overshoot, and "
                + "tokens that share a state move together.")
    }

    private var adamVerdict: Verdict {
        Verdict(
            "With Adam, too, the clip prevents the collapse",
            holds: adam[0].last.isClearlyAbove(adam[1].last),
            evidence: ends(adam))
    }

    private func ends(_ curves: [Curve]) -> String {
        "Expected reward after \(study.steps) steps: "
            + curves.map { "\($0.name) \($0.last.text)" }.joined(separator: ", ") + "."
    }
}
