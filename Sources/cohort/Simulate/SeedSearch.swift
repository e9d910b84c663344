import Simulation

/// Small clusters full of faults, one for each seed: the search for what must not happen.
struct SeedSearch {
    let seeds: SeedRange

    /// Prints violations as they are found, then the sum. Throws where there was one.
    func run(json: Bool) throws {
        let start = ContinuousClock.now
        var summary = Summary()
        for seed in seeds.seeds {
            do throws(Violation) {
                let report = try World.run(.shrunk(seed: seed))
                summary.add(report)
            } catch {
                summary.violations += 1
                StandardStream.error.write("\(error)\n")
            }
            if summary.runs % 1_000 == 0 { StandardStream.error.write("\(summary.runs) seeds\n") }
        }
        summary.seconds = (ContinuousClock.now - start) / .seconds(1)
        StandardStream.output.write(json ? try summary.benchJSON() : summary.text)
        if summary.violations > 0 {
            throw CommandFailure("\(summary.violations) seeds show what must not happen", .internalError)
        }
    }

    private struct Summary: Encodable {
        var runs = 0
        var violations = 0
        var virtualSeconds = 0.0
        var events = 0
        var faults = 0
        var learnerRestarts = 0
        var workerRestarts = 0
        var seconds = 0.0

        mutating func add(_ report: SimulationReport) {
            runs += 1
            virtualSeconds += report.seconds
            events += report.events
            faults += report.faults.happened
            learnerRestarts += report.faults.learnerRestarts
            workerRestarts += report.faults.workerRestarts
        }

        var text: String {
            "\(runs) runs without and \(violations) with a violation; \(faults) faults, \(learnerRestarts) "
                + "restarts of learners and \(workerRestarts) of workers in "
                + "\(DecimalText.fixed(virtualSeconds / 3_600, digits: 1)) h of virtual time, \(events) "
                + "events; \(DecimalText.fixed(seconds, digits: 1)) s\n"
        }
    }
}
