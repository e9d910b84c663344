import Ports

/// `cohort replay`: steps of a run computed again and held against the weights that were published.
struct RunReplay {
    let directory: RunDirectory
    var from: Int?
    var to: Int?
    /// Hears of each step as it is done, and of what was passed over.
    let say: (String) -> Void
    let note: (String) -> Void

    /// What was found; `first_difference` is missing where there is none.
    struct Report: Encodable {
        struct Step: Encodable {
            var step: Int
            var computed: String
            var recorded: String?
            var same: Bool
        }

        var start: String
        var from: Int
        var to: Int
        var steps: [Step] = []
        var firstDifference: Int?
    }

    /// Stops at the first difference, which `failure` names.
    func run() async throws -> (report: Report, failure: CommandFailure?) {
        let steps = try RecordedSteps(directory)
        let range = try range(steps)
        var replay = try await StepReplay(of: steps, startingBefore: range.lowerBound, note: note)
        var report = Report(start: replay.start, from: range.lowerBound, to: range.upperBound)
        say("replaying steps \(range.lowerBound) to \(range.upperBound) from \(replay.start)")
        while true {
            let version = try await replay.version()
            report.steps.append(
                .init(
                    step: version.step, computed: "\(version.computed)",
                    recorded: version.recorded.map { "\($0)" }, same: version.isSame))
            say(line(version))
            do { try replay.require(version) } catch let failure as CommandFailure {
                report.firstDifference = version.step
                return (report, failure)
            }
            guard replay.step < range.upperBound else { break }
            try await replay.takeStep()
        }
        say("steps \(range.lowerBound) to \(range.upperBound) lead to the weights that were published")
        return (report, nil)
    }

    private func line(_ version: StepReplay.Version) -> String {
        let what = version.step == 0 ? "start" : "step \(version.step)"
        return "\(what)  \("\(version.computed)".prefix(12))  \(version.isSame ? "same" : "DIFFERENT")"
    }

    private func range(_ steps: RecordedSteps) throws -> ClosedRange<Int> {
        let last = steps.lastPublished
        guard last > 0 else {
            throw CommandFailure(
                "\(directory.ledger) holds no step that was published; there is nothing to replay", .badData)
        }
        let (from, to) = (from ?? 1, to ?? last)
        guard from >= 1, from <= to else {
            throw CommandFailure("--from \(from) and --to \(to) are no range of steps; the first is 1", .usage)
        }
        guard to <= last else {
            throw CommandFailure("--to \(to): the last step that was published is \(last)", .usage)
        }
        return from...to
    }
}
