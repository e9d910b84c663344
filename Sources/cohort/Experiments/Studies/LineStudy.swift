import GRPO

/// The group's line while the policy improves.
package struct LineStudy: Study {
    package static let name = "line"

    package var steps = 120
    /// The reward of the completion that is followed: one token of three right.
    package var reward = 1.0 / 3

    package init() {}

    package struct Outcome: StudyOutcome {
        package var study: LineStudy
        package var context: StudyContext
        /// Mean over groups of their mean rewards.
        package var line: Curve
        /// Mean advantage of all completions.
        package var meanAdvantage: Curve
        /// Mean advantage of completions with `reward`, where there are any: (x)(seeds with some).
        package var followed: [[Double]]
    }

    /// What is seen of the groups since the last measurement.
    private struct Glance: Sendable {
        var line: Double
        var meanAdvantage: Double
        var followed: Double?
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        var training = TableTraining(
            task: .sums(), start: TablePolicy(sums: 5, skill: 1),
            settings: .study { $0.advantage.scaling = .group })
        training.steps = steps
        let (rule, followed) = (training.settings.advantage, reward)
        let runs = try context.train([training]) { moment -> Glance? in
            try moment.groups.isEmpty ? nil : Self.glance(moment.groups, rule, followed: followed)
        }[0]
        let x = Array(training.axis.dropFirst())
        let glances = runs.map { $0.compactMap { $0 } }
        return Outcome(
            study: self, context: context,
            line: Curve("the line: mean of the group", x: x, runs: glances.map { $0.map(\.line) }),
            meanAdvantage: Curve(
                "mean advantage", x: x, runs: glances.map { $0.map(\.meanAdvantage) }),
            followed: x.indices.map { index in glances.compactMap { $0[index].followed } })
    }

    private static func glance(
        _ groups: [Group], _ rule: AdvantageRule, followed: Double
    ) throws -> Glance {
        var (means, all, some) = ([Double](), [Double](), [Double]())
        for group in groups {
            let rewards = try group.rewards()
            let advantages = try GRPO.advantages(of: rewards, rule: rule)
            means.append(Sample(rewards).mean)
            all += advantages
            some += zip(rewards, advantages).filter { abs($0.0 - followed) < 1e-9 }.map(\.1)
        }
        return Glance(
            line: Sample(means).mean, meanAdvantage: Sample(all).mean,
            followed: some.isEmpty ? nil : Sample(some).mean)
    }
}

extension LineStudy.Outcome {
    package var section: Section {
        Section(
            name: LineStudy.name,
            title: "The group's line re-adjusts as the policy improves",
            claim: """
                An answer counts as good if it beats what the policy gives at present. A weak policy's \
                half-right answer lies above its group's mean and is encouraged; when most answers are \
                right the same answer lies below and is discouraged. The line rises by itself, nobody \
                schedules it, and the advantages stay centred on 0 all the way.
                """,
            method: """
                Groups of 8 for each of 15 prompts per step, z-scored advantages, Adam with rate 0.05. \
                The answer that is followed has its first digit right and its second wrong, which earns a \
                third. \(context.bandText)
                """,
            verdicts: [lineVerdict, followedVerdict], figures: [linePlot, followedPlot])
    }

    private var linePlot: Figure {
        Figure(
            "Mean reward of the groups, and mean advantage",
            .lines(
                LinePlot(
                    x: "step", y: "reward, advantage", series: [line.series, meanAdvantage.series])))
    }

    private var followedPlot: Figure {
        let points = zip(line.x, followed).filter { !$1.isEmpty }.map {
            LinePlot.Point($0, Estimate(range: Sample($1)))
        }
        let zero = LinePlot.Series(
            "on the line", mark: .guide,
            points: [line.x[0], line.x[line.x.count - 1]].map { LinePlot.Point($0, Estimate(exact: 0)) })
        return Figure(
            "Advantage of an answer that is a third right",
            .lines(
                LinePlot(
                    x: "step", y: "advantage",
                    series: [LinePlot.Series("reward of a third", points: points), zero])))
    }

    private var lineVerdict: Verdict {
        let (first, last) = (line.at(0), line.last)
        let largest = meanAdvantage.runs.joined().reduce(0) { max($0, abs($1)) }
        return Verdict(
            "The line rises with the policy while advantages stay centred",
            holds: last.isClearlyAbove(first) && largest < 1e-9,
            evidence: "Mean reward of the groups from \(first.text) to \(last.text); the mean "
                + "advantage is never further from 0 than \(NumberText.short(largest)).")
    }

    private var followedVerdict: Verdict {
        let seen = zip(line.x, followed).filter { !$1.isEmpty }.map { ($0, Sample($1)) }
        let (first, last) = (seen[0], seen[seen.count - 1])
        return Verdict(
            "The same half-right answer is encouraged first and discouraged later",
            holds: first.1.mean > 0 && last.1.mean < 0,
            evidence: "Its mean advantage is \(NumberText.short(first.1.mean)) at step "
                + "\(NumberText.short(first.0)) and \(NumberText.short(last.1.mean)) at step "
                + "\(NumberText.short(last.0)).")
    }
}
