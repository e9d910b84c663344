import ArgumentParser
import Simulation
import Training

/// `cohort simulate`: what a cluster would do, before anyone rents it.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run a cluster that does not exist: use, waits and costs, with faults as you like.",
        discussion: """
            The protocol's real state machines exchange messages under virtual time; only sampling and \
            training are pretended. The same seed gives the same run. With faults, a run without them is \
            shown beside it.
            cohort simulate --workers 100 --group-time 20 --train-time 40 --faults worker_crash=600
            Faults: none, light, heavy, and KEY=VALUE with mean seconds between two of a kind (at one worker \
            or connection; 0: never), seconds, or shares: \(FaultRates.keys.joined(separator: ", ")).
            """)

    @Option(help: "Rollout workers.")
    var workers = 8

    @Option(help: "Decides everything that is random.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("What goes wrong.", valueName: "none|light|heavy|KEY=VALUE,…"))
    var faults = "none"

    @Option(help: "Steps of the run.")
    var steps = 20

    @Option(help: "Seconds that a worker takes to sample one group; 30: 8 × 256 tokens at 70 tokens/s.")
    var groupTime = 30.0

    @Option(help: "How far that varies to either side; 0 to 1.")
    var groupTimeSpread = 0.3

    @Option(help: "Seconds that the learner takes to train on one batch.")
    var trainTime = 30.0

    @Option(help: "lockstep or bounded.")
    var schedule = Schedule.lockstep

    @Option(help: "Published versions that a group may lag behind.")
    var maxStaleness = 1

    @Option(help: "Groups of one batch. Default: two for each worker.")
    var groupsPerBatch: Int?

    @Option(help: "Completions per group.")
    var groupSize = 8

    @Option(help: "Tokens of the longest completion, for the bytes on the wire.")
    var completionLength = 256

    @Option(help: "Leases that a worker holds at most.")
    var slots = 2

    @Option(help: "Groups that a worker samples together.")
    var batchGroups = 1

    @Option(help: "Megabytes of a snapshot.")
    var snapshotSize = 0.0

    @Option(help: "Megabytes per second that leave the learner's machine.")
    var bandwidth = 100.0

    @Option(help: "Milliseconds of one way through the network.")
    var latency = 1.0

    @Option(
        help: "Seconds between two heartbeats. Default: a fiftieth for each worker, 1 to 30.")
    var heartbeat: Double?

    @Option(help: "Seconds of silence after which a peer is given up. Default: five heartbeats.")
    var liveness: Double?

    @Option(help: "Seconds after which a lease is given to another worker.")
    var lease = 120.0

    @Option(help: "A checkpoint every so many steps; 0: only at the end.")
    var saveSteps = 10

    @Flag(help: "Encode and decode every message, as real processes do.")
    var frames = false

    @Option(
        help: ArgumentHelp(
            "Instead: check the protocol on small clusters full of faults, one for each seed.",
            valueName: "first..last"))
    var seeds: SeedRange?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        if let seeds { return try SeedSearch(seeds: seeds).run(json: json) }
        let plan = try FaultWords(parsing: faults).plan
        let start = ContinuousClock.now
        let report = try simulate(plan)
        let withoutFaults = plan.isNone ? nil : try simulate(.none)
        let result = SimulationResult(
            workers: workers, seed: seed, heartbeatSeconds: heartbeatSeconds, report: report,
            withoutFaults: withoutFaults,
            timesRealTime: (report.seconds + (withoutFaults?.seconds ?? 0))
                / ((ContinuousClock.now - start) / .seconds(1)))
        StandardStream.output.write(json ? try result.benchJSON() : result.text)
    }

    private func simulate(_ plan: FaultRates) throws(CommandFailure) -> SimulationReport {
        do throws(Violation) { return try World.run(setup(with: plan)) } catch {
            throw CommandFailure("the simulated run went wrong: \(error)", .internalError)
        }
    }
}

extension Schedule: ExpressibleByArgument {}
