import ArgumentParser
import Simulation
import Training

/// `cohort simulate`: what a cluster would do, before anyone rents it.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run a cluster that does not exist: use, waits and costs, with faults as you like.",
        discussion: """
            The protocol's real state machines exchange messages under virtual time; only sampling and training \
            are pretended. The same seed gives the same run. With faults, a run without them is shown beside it.
            cohort simulate --workers 100 --group-time 20 --train-time 30 --faults worker_crash=600
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

    @Option(help: "Seconds that a worker takes to sample one group.")
    var groupTime = 10.0

    @Option(help: "How far that varies to either side; 0 to 1.")
    var groupTimeSpread = 0.3

    @Option(help: "Seconds that the learner takes to train on one batch.")
    var trainTime = 10.0

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

    @Option(help: "Seconds between two heartbeats.")
    var heartbeat = 1.0

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

    func validate() throws {
        try require(1...10_000 ~= workers, "--workers must be 1 to 10000")
        try require(1...1_000_000 ~= steps, "--steps must be 1 to 1000000")
        for (name, value) in [
            ("--group-time", groupTime), ("--heartbeat", heartbeat), ("--lease", lease),
            ("--bandwidth", bandwidth), ("--liveness", liveness ?? 1),
        ] {
            try require(0.001...1e6 ~= value, "\(name) must be 0.001 to 1000000")
        }
        for (name, value) in [
            ("--train-time", trainTime), ("--snapshot-size", snapshotSize), ("--latency", latency),
        ] {
            try require(0...1e6 ~= value, "\(name) must be 0 to 1000000")
        }
        try require(0...1 ~= groupTimeSpread, "--group-time-spread must be 0 to 1")
        try require(0...1_024 ~= maxStaleness, "--max-staleness must be 0 to 1024")
        try require(1...1_000_000 ~= groupsPerBatch ?? 1, "--groups-per-batch must be 1 to 1000000")
        try require(1...1_024 ~= groupSize, "--group-size must be 1 to 1024")
        try require(1...65_536 ~= completionLength, "--completion-length must be 1 to 65536")
        try require(1...4_096 ~= slots, "--slots must be 1 to 4096")
        try require(1...slots ~= batchGroups, "--batch-groups must be 1 to --slots, which is \(slots)")
        try require(0...1_000_000 ~= saveSteps, "--save-steps must be 0 to 1000000")
        try require(
            liveness ?? 5 * heartbeat > heartbeat,
            "--liveness must be longer than --heartbeat, which is \(heartbeat)")
        let longest = groupTime * (1 + groupTimeSpread) * Double(slots)
        try require(
            lease > longest,
            "--lease \(lease) is too short: a worker may take \(longest) s for the \(slots) groups that it holds")
        let plan = try FaultWords(parsing: faults).plan
        try require(
            plan.corruptionShare == 0 || frames, "corruption_share needs --frames: there are none to damage")
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw ValidationError(message) }
    }

    func run() throws {
        if let seeds { return try SeedSearch(seeds: seeds).run(json: json) }
        let plan = try FaultWords(parsing: faults).plan
        let result = SimulationResult(
            workers: workers, seed: seed, report: try simulate(plan),
            withoutFaults: plan.isNone ? nil : try simulate(.none))
        StandardStream.output.write(json ? try result.benchJSON() : result.text)
    }

    private func simulate(_ plan: FaultRates) throws(CommandFailure) -> SimulationReport {
        do throws(Violation) { return try World.run(setup(with: plan)) } catch {
            throw CommandFailure("the simulated run went wrong: \(error)", .internalError)
        }
    }

    private func setup(with faults: FaultRates) -> SimulationSetup {
        var setup = SimulationSetup(
            workers: workers,
            plan: SchedulePlan(
                schedule: schedule, maxStaleness: maxStaleness,
                groupsPerBatch: groupsPerBatch ?? 2 * workers, maxSteps: steps))
        setup.seed = seed
        setup.faults = faults
        setup.groupSize = groupSize
        setup.completionLength = frames ? completionLength : 1
        setup.reckonedLength = completionLength
        setup.slots = slots
        setup.batchGroups = batchGroups
        setup.saveSteps = saveSteps
        setup.snapshotChunks = 4
        setup.chunkTime = .seconds(snapshotSize / bandwidth / 4)
        setup.groupTime = Delay(.seconds(groupTime), spread: groupTimeSpread)
        setup.trainTime = Delay(.seconds(trainTime))
        setup.networkDelay = Delay(.seconds(latency / 1_000), spread: 0.5)
        setup.heartbeat = .seconds(heartbeat)
        setup.liveness = .seconds(liveness ?? 5 * heartbeat)
        setup.lease = .seconds(lease)
        setup.fetchProgress = max(.seconds(60), setup.chunkTime * workers * 8)
        setup.encodes = frames
        setup.checks = false
        setup.measures = true
        let calm = (trainTime + groupTime * 4 * Double(setup.plan.groupsPerBatch) / Double(workers)) + 60
        setup.limit = .seconds(calm * Double(steps) * 100 + 86_400)
        return setup
    }
}

extension Schedule: ExpressibleByArgument {}
