import Foundation
import Rollout
import Testing
import cohort

private let machine = BenchMachine(
    cores: 2, numerics: "cpu=avx2 onednn=2.6.0/1 kernels=1 dtype=f32", libzmq: "4.3.4")

private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}

private func wireReport(_ transport: WireBenchmark.Transport) -> WireReport {
    WireReport(
        transport: transport, link: Rounds([50, 60, 10]), raw: Rounds([100, 100, 100]),
        answered: Rounds([100, 120, 40]), groupBytes: 1_000)
}

private func totals(
    groups: Int = 1, waiting: Double, fetching: Double, sampling: Double, scoring: Double
) -> RolloutTotals {
    var totals = RolloutTotals()
    totals.groups = groups
    (totals.waiting, totals.fetching) = (waiting, fetching)
    (totals.sampling, totals.scoring) = (sampling, scoring)
    return totals
}

private let step = StepTimes(
    total: 2, waiting: 0.8, optimizing: 1, movingWeights: 0.2, tokens: 400)

@Test("A wire report holds medians, and ratios of rounds that belong together")
func wireReportNumbers() {
    let report = wireReport(.ipc)
    #expect(report.groupsPerS == 50)
    #expect(report.bytesPerS == 50_000)
    #expect(report.rawGroupsPerS == 100)
    #expect(report.ratio == 0.5)
    #expect(report.answeredRatio == 0.5)
    #expect(report.rounds == 3)
    #expect(report.spread == 1)
}

@Test("The JSON of bench wire names the first transport's numbers at the top and all in a list")
func wireReportJSON() throws {
    let json = try object(
        WireReports(reports: [wireReport(.tcp), wireReport(.ipc)]).benchJSON())
    #expect(json["transport"] as? String == "tcp")
    #expect(json["groups_per_s"] as? Double == 50)
    #expect(json["raw_groups_per_s"] as? Double == 100)
    #expect(json["ratio"] as? Double == 0.5)
    #expect(json["group_bytes"] as? Double == 1_000)
    #expect(json["rounds"] as? Int == 3)
    let all = try #require(json["transports"] as? [[String: Any]])
    #expect(all.map { $0["transport"] as? String } == ["tcp", "ipc"])
    #expect(json["machine"] is [String: Any])
}

@Test("Shares of all processes add up to 1")
func sharesAddUp() {
    let run = ClusterRun(
        steps: [step, step],
        workers: [
            totals(waiting: 1, fetching: 0.5, sampling: 2, scoring: 0.5),
            totals(waiting: 3, fetching: 0, sampling: 1, scoring: 0),
        ])
    let share = run.share
    let sum =
        share.sampling + share.waiting + share.optimizing + share.movingWeights + share.scoring
    #expect(abs(sum - 1) < 1e-12)
    // Learner, and two workers that count as much as it does.
    #expect(abs(share.sampling - (0.5 + 0.25) / 3) < 1e-12)
    #expect(abs(share.waiting - (0.4 + 0.25 + 0.75) / 3) < 1e-12)
    #expect(abs(share.optimizing - 0.5 / 3) < 1e-12)
    #expect(abs(share.movingWeights - (0.1 + 0.125) / 3) < 1e-12)
    #expect(run.learnerShare.optimizing == 0.5)
    #expect(run.workerShare.sampling == 0.375)
}

@Test("Speeds are totals over total time, not means of speeds")
func speedsOfARun() {
    let slow = StepTimes(total: 8, waiting: 8, optimizing: 0, movingWeights: 0, tokens: 400)
    let run = ClusterRun(
        steps: [step, slow], workers: [totals(waiting: 1, fetching: 0, sampling: 1, scoring: 0)])
    #expect(run.completionTokensPerS == 80)
    #expect(run.stepsPerS == 0.2)
    #expect(run.steps == 2)
}

@Test("A process without any time has no shares, not NaN")
func noTime() throws {
    #expect(TimeShares(worker: RolloutTotals()) == TimeShares())
    #expect(TimeShares(learner: []) == TimeShares())
    #expect(TimeShares(meanOf: []) == TimeShares())
}

@Test("Efficiency is the speed-up over the first run, divided by the workers")
func efficiency() {
    func run(_ workers: Int, tokens: Double) -> ClusterRun {
        let times = StepTimes(
            total: 1, waiting: 0.5, optimizing: 0.4, movingWeights: 0.1, tokens: tokens)
        let each = totals(waiting: 1, fetching: 0, sampling: 1, scoring: 0)
        return ClusterRun(steps: [times], workers: Array(repeating: each, count: workers))
    }
    let report = ClusterReport(
        runs: [run(1, tokens: 100), run(2, tokens: 150), run(3, tokens: 300)], machine: machine)
    #expect(report.runs.map(\.speedup) == [1, 1.5, 3])
    #expect(report.runs.map(\.efficiency) == [1, 0.75, 1])
}

@Test("The JSON of bench cluster lists the runs with their shares, and the machine")
func clusterReportJSON() throws {
    let run = ClusterRun(
        steps: [step], workers: [totals(waiting: 1, fetching: 0, sampling: 3, scoring: 0)])
    let json = try object(ClusterReport(runs: [run], machine: machine).benchJSON())
    let runs = try #require(json["runs"] as? [[String: Any]])
    #expect(runs.count == 1)
    #expect(runs[0]["workers"] as? Int == 1)
    #expect(runs[0]["completion_tokens_per_s"] as? Double == 200)
    #expect(runs[0]["steps_per_s"] as? Double == 0.5)
    let share = try #require(runs[0]["share"] as? [String: Any])
    for part in ["sampling", "waiting", "optimizing", "moving_weights"] {
        #expect(share[part] is Double, "\(part) is missing")
    }
    let place = try #require(json["machine"] as? [String: Any])
    #expect(place["cores"] as? Int == 2)
    #expect(place["cpu_level"] as? String == "avx2")
}

@Test("The table of bench cluster has one line per run under its heading")
func clusterTable() {
    let run = ClusterRun(
        steps: [step], workers: [totals(waiting: 1, fetching: 0, sampling: 3, scoring: 0)])
    let lines = ClusterReport(runs: [run, run], machine: machine).text.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[0] == "2 cores, kernels for avx2, libzmq 4.3.4")
    #expect(lines[2].count == lines[1].count)
    #expect(lines[2].hasPrefix("      1       200     0.50"))
}

@Test("A numerics fingerprint without a CPU level gives an unknown one")
func unknownLevel() {
    #expect(BenchMachine(cores: 1, numerics: "dtype=f32", libzmq: "4").cpuLevel == "unknown")
}

@Test("A tokenizer report tells speed, and time for twice the text round by round")
func tokenizerReport() throws {
    let row = TokenizerReport.Row(
        name: "text", bytes: 4_000_000, tokens: 1_000_000, seconds: Rounds([0.5, 0.4, 0.8]),
        halfSeconds: Rounds([0.25, 0.1, 0.4]))
    #expect(row.megabytesPerS == 8)
    #expect(row.doubling == 2)
    let report = TokenizerReport(rows: [row])
    #expect(report.text.contains("8.0 MB/s") && report.text.contains("×2.00 time for twice the text"))
    let rows = try #require(try object(report.benchJSON())["rows"] as? [[String: Any]])
    #expect(rows.first?["megabytes_per_s"] as? Double == 8)
}
