import GRPO

extension ProfilesStudy.Outcome {
    package var section: Section {
        Section(
            name: ProfilesStudy.name,
            title: "Every profile learns the task from the same start",
            claim: """
                GRPO as people run it is a family: its members disagree on how advantages are scaled, what \
                a ratio is, where it is clipped and what the sum is divided by. A profile is one such \
                choice, by name. All of them push up what beats the line, so each should learn the same \
                task from the same start, though not at the same pace; so should the default with a \
                learned value function as its line instead of the group's mean.
                """,
            method: method, verdicts: [verdict], figures: [curvePlot, ratePlot, table],
            instructions: instructions)
    }

    private var method: String {
        """
        All start from the same uniform table: \(TableTask.sums().promptCount) prompts a step, groups of \
        \(study.groupSize), \(study.steps) steps, \(study.epochs) passes of \(study.minibatches) optimiser \
        steps over each batch, Adam, gradient norm cut at \(NumberText.short(study.maxGradNorm)). How large \
        a gradient is depends on how a profile sums, so each trains at the rates \(rates), and its curve \
        is the one with the highest mean reward over the run. What acts here of a profile is its \
        advantage, ratio, clip, KL to the start and denominators; of dapo, constant groups leave the \
        denominators, but no further prompts are drawn for them, so that all profiles see equally many, \
        and no overlong penalty is charged, as the right answers are as long as the limit. Where a \
        profile does not say, β is \(NumberText.short(AlgorithmSettings().objective.beta)); cohort train \
        itself starts from \(NumberText.short(GRPOSettings().algorithm.objective.beta)). The value \
        function is a table too, learned alongside. \(context.bandText)
        """
    }

    private var rates: String {
        let texts = study.learningRates.map(NumberText.short)
        return texts.count < 2
            ? texts.joined() : texts.dropLast().joined(separator: ", ") + " and " + texts[texts.count - 1]
    }

    private var curvePlot: Figure {
        let ends = [0, Double(study.steps)]
        let guide = LinePlot.Series(
            NumberText.short(study.level), mark: .guide,
            points: ends.map { LinePlot.Point($0, Estimate(exact: study.level)) })
        return Figure(
            "Learning curves, each at its learning rate",
            .lines(LinePlot(x: "step", y: "expected reward", series: chosen.map(\.series) + [guide])))
    }

    private var ratePlot: Figure {
        Figure(
            "Mean reward over the run, at every learning rate",
            .bars(
                BarPlot(
                    categoryLabel: "learning rate", y: "mean expected reward",
                    categories: study.learningRates.map(NumberText.short),
                    series: zip(arms, curves).map { arm, curves in
                        BarPlot.Series(arm.name, values: curves.map { Estimate(range: $0.average) })
                    })))
    }

    private var table: Figure {
        Figure(
            "What each curve is, and how far it gets",
            table: DataTable(
                columns: [
                    "curve", "learning rate", "reward at the end",
                    "first step at \(NumberText.short(study.level))", "differs from cohort in",
                ],
                rows: arms.indices.map { arm in
                    [
                        arms[arm].name, NumberText.short(study.learningRates[choices[arm]]),
                        chosen[arm].last.text, passage(chosen[arm]), difference(arms[arm]),
                    ]
                }))
    }

    private func difference(_ arm: ProfilesStudy.Arm) -> String {
        guard arm.name != ProfilesStudy.valueName else { return "advantage_baseline = \"value\"" }
        let words = arm.profile.statements.map { "\($0.word) = \($0.value)" }
        return words.isEmpty ? "–" : words.joined(separator: ", ")
    }

    /// `34 (30 to 38)`, or how many seeds never pass.
    private func passage(_ curve: Curve) -> String {
        let steps = curve.passages(of: study.level)
        let passed = steps.compactMap { $0 }
        guard !passed.isEmpty else { return "never" }
        let missing = steps.count - passed.count
        return Sample(passed).text + (missing == 0 ? "" : ", never in \(missing) of \(steps.count) seeds")
    }

    private var verdict: Verdict {
        Verdict(
            "Every profile reaches an expected reward of \(NumberText.short(study.level)), and so does the "
                + "value baseline",
            holds: chosen.allSatisfy { $0.last.least >= study.level },
            evidence: "After \(study.steps) steps, and the step that first reaches it: "
                + arms.indices.map { arm in
                    "\(arms[arm].name) \(chosen[arm].last.text), step \(passage(chosen[arm]))"
                }.joined(separator: "; ") + ". It holds where every seed ends there or above.")
    }

    private var instructions: Instructions {
        let names = arms.map(\.name).filter { $0 != ProfilesStudy.valueName }
        let directories = names.map { "\($0)=runs/\($0)" } + ["value=runs/value"]
        return Instructions(
            """
            The same curves of real training runs, all from one model START (a Hugging Face directory, or \
            the built-in model warmed up with cohort init and cohort sft), come from cohort experiments \
            with --only runs; a name may be given several runs, one per --seed. A profile that needs \
            another learning rate takes --set grpo.learning_rate.
            """,
            commands: names.map {
                "cohort train --model START --profile \($0) --output-dir runs/\($0)"
            } + [
                "cohort train --model START --profile cohort --set grpo.advantage_baseline=value "
                    + "--set grpo.vf_coef=0.5 --output-dir runs/value",
                "cohort experiments --only runs --runs \\",
                "    " + directories.joined(separator: " "),
            ])
    }
}
