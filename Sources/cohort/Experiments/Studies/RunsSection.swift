extension RunsStudy.Outcome {
    package var section: Section {
        Section(
            name: RunsStudy.name,
            title: "Real training runs, side by side",
            claim: """
                Small language models trained by this program, from the metrics that each run wrote. The \
                reward is that of the sampled batches; held-out accuracy is measured on prompts that \
                training never saw.
                """,
            method: """
                Runs of one name are drawn as one curve: the line is their mean, the band reaches from \
                the lowest to the highest run, and a step counts the runs that reached it. Curves of \
                many steps are averaged over windows.
                """,
            verdicts: [], figures: [curves, table])
    }

    /// Points of a curve at most; longer runs are averaged over windows of equal length.
    private static let pointsMax = 80

    private var curves: Figure {
        let last = groups.joined().flatMap(\.rewards).reduce(1) { max($0, $1.step) }
        let window = (last + Self.pointsMax - 1) / Self.pointsMax
        return Figure(
            "Mean reward of the batch",
            .lines(
                LinePlot(
                    x: window == 1 ? "step" : "step, in windows of \(window)", y: "reward",
                    series: groups.map { Self.series($0, window: window) })))
    }

    private static func series(_ runs: [RunsStudy.Run], window: Int) -> LinePlot.Series {
        var byWindow: [Int: [Double]] = [:]
        for run in runs {
            let windows = Dictionary(grouping: run.rewards) { ($0.step + window - 1) / window }
            for (place, rewards) in windows {
                byWindow[place, default: []].append(Sample(rewards.map(\.reward)).mean)
            }
        }
        let points = byWindow.keys.sorted().map { place in
            // Dictionaries have no order, sums do.
            LinePlot.Point(
                Double(place * window), Estimate(range: Sample(byWindow[place, default: []].sorted())))
        }
        return LinePlot.Series(runs[0].source.name, points: points)
    }

    private var table: Figure {
        Figure(
            "Every run",
            table: DataTable(
                columns: [
                    "run", "directory", "steps", "first reward", "mean of the last 5",
                    "held out before", "held out after",
                ],
                rows: groups.joined().map(Self.row)))
    }

    private static func row(_ run: RunsStudy.Run) -> [String] {
        let rewards = run.rewards.map(\.reward)
        func accuracy(_ evaluation: RunSummary.Evaluation?) -> String {
            guard let evaluation else { return "–" }
            return NumberText.short(evaluation.sampledAccuracy) + " sampled, "
                + NumberText.short(evaluation.greedyAccuracy) + " greedy"
        }
        return [
            run.source.name, RunDirectory(existing: run.source.directory).name,
            NumberText.short(Double(run.rewards[run.rewards.count - 1].step)),
            NumberText.short(rewards[0]), NumberText.short(Sample(Array(rewards.suffix(5))).mean),
            accuracy(run.before), accuracy(run.after),
        ]
    }
}
