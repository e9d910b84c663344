package import Rollout

/// One measured run of `cohort bench cluster`.
package struct ClusterRun: Hashable, Sendable, Codable {
    package var workers: Int
    /// Steps that were measured: all but the first, which starts the processes.
    package var steps: Int
    package var completionTokensPerS: Double
    package var stepsPerS: Double
    /// Over all processes; see `TimeShares`.
    package var share: TimeShares
    package var learnerShare: TimeShares
    /// Mean of the workers.
    package var workerShare: TimeShares
    /// Completion tokens per second, relative to the run with one worker.
    package var speedup = 1.0
    /// Speed-up per worker: 1 if each worker adds as much as the first.
    package var efficiency = 1.0

    /// `steps`: without the first. `workers`: totals of each, at least one.
    package init(steps times: [StepTimes], workers totals: [RolloutTotals]) {
        precondition(!times.isEmpty && !totals.isEmpty, "a run has steps and workers")
        let seconds = times.sum(\.total)
        workers = totals.count
        steps = times.count
        completionTokensPerS = times.sum(\.tokens) / seconds
        stepsPerS = Double(times.count) / seconds
        learnerShare = TimeShares(learner: times)
        let each = totals.map { TimeShares(worker: $0) }
        workerShare = TimeShares(meanOf: each)
        share = TimeShares(meanOf: [learnerShare] + each)
    }
}

/// What `cohort bench cluster` found.
package struct ClusterReport: Hashable, Sendable, Codable {
    package var runs: [ClusterRun]
    package var machine: BenchMachine

    /// Sets each run in relation to the first, which has one worker.
    package init(runs: [ClusterRun], machine: BenchMachine) {
        self.machine = machine
        let unit = runs.first.map { $0.completionTokensPerS / Double($0.workers) } ?? 0
        self.runs = runs.map { run in
            var run = run
            guard unit > 0 else { return run }
            run.speedup = run.completionTokensPerS / unit
            run.efficiency = run.speedup / Double(run.workers)
            return run
        }
    }

    /// For people.
    package var text: String {
        let head = [
            "workers", "tokens/s", "steps/s", "speed-up", "efficiency", "sampling", "waiting",
            "optimizing", "weights", "scoring",
        ]
        let rows = runs.map { run in
            [
                "\(run.workers)", DecimalText.compact(run.completionTokensPerS),
                DecimalText.fixed(run.stepsPerS, digits: 2),
                DecimalText.fixed(run.speedup, digits: 2),
                percent(run.efficiency), percent(run.share.sampling), percent(run.share.waiting),
                percent(run.share.optimizing), percent(run.share.movingWeights),
                percent(run.share.scoring),
            ]
        }
        let lines = ([head] + rows).map { row in
            zip(head, row).map { name, cell in
                String(repeating: " ", count: max(0, name.count - cell.count)) + cell
            }.joined(separator: "  ") + "\n"
        }
        return machine.text + lines.joined()
            + "Shares are of the time of all processes, learner and workers alike.\n"
    }
}
