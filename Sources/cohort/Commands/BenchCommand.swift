import ArgumentParser
import Foundation
import Wire

/// `cohort bench`: how fast this machine is, always next to a ceiling of the same minute.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure engines, the link, whole clusters and tokenizers on this machine.",
        subcommands: [
            BenchGemmCommand.self, BenchRolloutCommand.self, BenchLearnerCommand.self,
            BenchScoreCommand.self, BenchTokenizerCommand.self, BenchWireCommand.self,
            BenchLossCommand.self, BenchLossReaderCommand.self, BenchClusterCommand.self,
        ])
}

/// `cohort bench wire`
struct BenchWireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire",
        abstract: "Groups per second into a learner, against libzmq and SQLite alone.",
        discussion: """
            Each round measures libzmq's DEALER to ROUTER one way, the link with leases and verdicts, \
            libzmq with as many bytes both ways, the link with a ledger (a verdict leaves once its group is \
            durable), and SQLite alone: the same frames as rows of one table, in transactions of the same \
            mean size, in WAL mode with synchronous = FULL. Speeds are medians over the rounds; ratios \
            are medians of each round's ratio.

            With --groups, one long run with a ledger instead: what it takes of memory and disk on the \
            way.
            """)

    @Option(help: "Completions per group.")
    var groupSize = 8

    @Option(help: "Tokens of the longest completion.")
    var completionLength = 128

    @Option(help: "full: all completions have that many tokens; mixed: 4 to that many.")
    var lengths: WireLoad.Lengths = .full

    @Option(help: "Leases that the worker holds at most.")
    var slots = 256

    @Option(help: "Times that everything is measured.")
    var rounds = 5

    @Option(help: "Seconds of each measurement.")
    var seconds = 1.0

    @Option(help: "ipc or tcp. Default: both.")
    var transport: WireBenchmark.Transport?

    @Flag(help: "Measure the link over tcp with CURVE encryption too.")
    var curve = false

    @Flag(inversion: .prefixedNo, help: "Measure with a ledger, and SQLite alone.")
    var ledger = true

    @Option(help: "Where ledgers are put, and removed again: the disk that is measured.")
    var directory = "."

    @Option(help: "Instead of rounds: this many groups into one ledger, over ipc or --transport.")
    var groups: Int?

    @Option(help: "Megabytes that a ledger should stay near; beyond, old tokens are removed.")
    var ledgerMegabytes = 256

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard 10...1_000_000_000 ~= groups ?? 10 else {
            throw ValidationError("--groups must be 10 to 1000000000")
        }
        guard 1...1_000_000 ~= ledgerMegabytes else {
            throw ValidationError("--ledger-megabytes must be 1 to 1000000")
        }
        guard WireLoad.fits(groupSize: groupSize, completionLength: completionLength) else {
            throw ValidationError(
                "--group-size \(groupSize) with --completion-length \(completionLength) makes no group "
                    + "that one message can hold")
        }
        guard 1...WireLimits.heldLeases ~= slots else {
            throw ValidationError("--slots must be 1 to \(WireLimits.heldLeases)")
        }
        guard 1...1_000 ~= rounds else { throw ValidationError("--rounds must be 1 to 1000") }
        guard 0.01...600 ~= seconds else { throw ValidationError("--seconds must be 0.01 to 600") }
    }

    func run() async throws {
        let (options, transports) = (self, transport.map { [$0] } ?? [.ipc, .tcp])
        let load = WireLoad(
            groupSize: groupSize, completionLength: completionLength, lengths: lengths)
        let parent = absolute(directory)
        let text = try await BenchScratch.with { scratch in
            let disk = try BenchScratch(in: parent)
            defer { disk.remove() }
            var benchmark = WireBenchmark(
                load: load, slots: options.slots, rounds: options.rounds,
                pace: Pace(seconds: options.seconds), directory: scratch.path,
                measuresCurve: options.curve)
            let ledgers = LedgerBenchmark(
                pace: benchmark.pace, directory: disk.path,
                budgetBytes: options.ledgerMegabytes << 20)
            if let groups = options.groups {
                return try await options.longRun(groups, ledgers, benchmark)
            }
            if options.ledger { benchmark.ledgers = ledgers }
            var reports: [WireReport] = []
            for transport in transports {
                reports.append(
                    try await benchmark.run(transport) { StandardStream.error.write($0 + "\n") })
            }
            return options.json
                ? try WireReports(reports: reports).benchJSON()
                : BenchMachine.current.text + reports.map(\.text).joined()
        }
        StandardStream.output.write(text)
    }

    private func longRun(
        _ groups: Int, _ ledgers: LedgerBenchmark, _ benchmark: WireBenchmark
    ) async throws -> String {
        let transport = transport ?? .ipc
        let marks = try await ledgers.longRun(groups, benchmark.exchange(transport)) {
            StandardStream.error.write($0.text + "\n")
        }
        let report = LongIngestReport(
            transport: transport, budgetBytes: ledgers.budgetBytes, marks: marks)
        return json ? try report.benchJSON() : report.text
    }
}

extension WireLoad.Lengths: ExpressibleByArgument {}
extension WireBenchmark.Transport: ExpressibleByArgument {}

/// `cohort bench cluster`
struct BenchClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Completion tokens per second of a learner with 1 to N workers on this machine.",
        discussion: """
            Real processes train the built-in model from random weights, or --model, without warm-up, \
            evaluation and checkpoints. Other settings by --set.
            """)

    @Option(help: "The most workers to try. Default: one per core, but not more than 4.")
    var workersMax: Int?

    @Option(help: "Steps to measure; one more is run before.")
    var steps = 8

    @Option(help: "Hugging Face directory to start from. Without it: the built-in small model.")
    var model: String?

    @Option(help: "Seconds after which a run is given up.")
    var limitSeconds = 300

    @OptionGroup var settings: SettingOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard 1...64 ~= workersMax ?? 1 else {
            throw ValidationError("--workers-max must be 1 to 64")
        }
        guard 1...100_000 ~= steps else { throw ValidationError("--steps must be 1 to 100000") }
        guard 1...86_400 ~= limitSeconds else {
            throw ValidationError("--limit-seconds must be 1 to 86400")
        }
    }

    func run() async throws {
        let base = try ResolvedConfiguration(
            try settings.sources([("model.path", "--model", model)]))
        let (options, cores) = (self, ProcessInfo.processInfo.activeProcessorCount)
        let report = try await BenchScratch.with { scratch in
            try await ClusterBenchmark(
                base: base, steps: options.steps, limit: .seconds(options.limitSeconds),
                directory: scratch.path
            ).run(workersMax: options.workersMax ?? min(4, cores)) {
                StandardStream.error.write($0 + "\n")
            }
        }
        StandardStream.output.write(json ? try report.benchJSON() : report.text)
    }
}
