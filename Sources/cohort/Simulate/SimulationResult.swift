import Ports
import Simulation

/// What `cohort simulate` prints.
struct SimulationResult: Encodable {
    var workers: Int
    var seed: UInt64
    var heartbeatSeconds: Double
    var report: SimulationReport
    /// The same cluster with nothing going wrong; only where something does.
    var withoutFaults: SimulationReport?
    /// Virtual seconds per second of this machine; like the coordinator's time, not the same twice.
    var timesRealTime: Double

    var text: String {
        let reports = [report] + (withoutFaults.map { [$0] } ?? [])
        var table = TextTable(rows: [], alignments: [.left, .right, .right])
        if withoutFaults != nil { table.rows.append(["", "with faults", "without"]) }
        for row in Self.rows { table.rows.append([row.name] + reports.map(row.value)) }
        let rest = reports.dropFirst().map { _ in "" }
        table.rows.append(["a heartbeat every", Self.seconds(heartbeatSeconds)] + rest)
        table.rows.append(
            ["simulated", DecimalText.fixed(timesRealTime, digits: 0) + " × real time"] + rest)
        return table.text
    }

    private typealias Row = (name: String, value: (SimulationReport) -> String)

    private static var rows: [Row] {
        [
            ("time", { DecimalText.duration(.seconds($0.seconds)) }),
            ("steps per hour", { DecimalText.fixed($0.stepsPerHour, digits: 1) }),
            ("learner trains", { percent($0.learnerUtilization) }),
            ("workers sample", { percent($0.workerUtilization) }),
            ("groups trained on", { "\($0.groups.consumed)" }),
            ("  of version lag 0, 1, …", { report in
                report.staleness.map { percent(Double($0) / Double(max(1, report.groups.consumed))) }
                    .joined(separator: " ")
            }),
            ("groups dropped as stale", { "\($0.groups.dropped["stale"] ?? 0)" }),
            ("leases given out again", { "\($0.groups.reissued)" }),
            ("copies for nothing", { "\($0.groups.duplicateCopies + $0.groups.lateCopies)" }),
            ("a group waits, median", { seconds($0.queueing.median) }),
            ("  90 %", { seconds($0.queueing.p90) }),
            ("  99 %", { seconds($0.queueing.p99) }),
            ("messages per group", { DecimalText.fixed($0.coordinator.messagesPerGroup, digits: 1) }),
            ("bytes in per group", { DecimalText.compact($0.coordinator.bytesReceivedPerGroup) }),
            ("bytes out per group", { DecimalText.compact($0.coordinator.bytesSentPerGroup) }),
            ("groups per journal commit", { DecimalText.fixed($0.coordinator.groupsPerCommit, digits: 1) }),
            ("coordinator's time per group, here", {
                DecimalText.fixed($0.coordinator.microsecondsPerGroup, digits: 0) + " µs"
            }),
            ("faults", { "\($0.faults.happened)" }),
            ("restarts of workers", { "\($0.faults.workerRestarts)" }),
            ("restarts of the learner", { "\($0.faults.learnerRestarts)" }),
            ("steps trained again", { "\($0.faults.replayedSteps)" }),
            ("time without a learner", { DecimalText.duration(.seconds($0.faults.secondsOfRecovery)) }),
        ]
    }

    private static func percent(_ share: Double) -> String {
        DecimalText.fixed(100 * share, digits: 0) + " %"
    }

    private static func seconds(_ value: Double) -> String { DecimalText.fixed(value, digits: 1) + " s" }
}
