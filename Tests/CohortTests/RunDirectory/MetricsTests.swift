import Foundation
import Testing

import cohort

@Test("A row has step and time first and the metrics in the catalogue's order")
func rowOrder() {
    var row = MetricsRow(step: 12, time: 1_700_000_000.25)
    row.record(.workersLive, 2)
    row.record(MetricName(rawValue: "own/metric"), 1.0)
    row.record(MetricName.reward.evaluation, 0.5)
    row.record(.rewardStd, 0.25)
    row.record(.rewardMean("exact"), 0.5)
    row.record(.groupsDropped("stale"), 3)
    row.record(.groupsDropped("bad_reward"), 0)
    row.record(.reward, 0.1)
    row.record(.kl, 1e-7)
    row.record(.groupsConsumed, 64)
    row.record(.loss, -0.0)
    #expect(
        row.json
            == #"{"step":12,"time":1700000000.25,"loss":-0.0,"reward":0.1,"reward_std":0.25,"#
            + #""rewards/exact/mean":0.5,"kl":1e-07,"groups/consumed":64,"#
            + #""groups/dropped/bad_reward":0,"groups/dropped/stale":3,"workers/live":2,"#
            + #""own/metric":1,"eval_reward":0.5}"#)
}

@Test("Numbers that are not finite are null, with the reason beside them")
func nonFiniteMetrics() throws {
    var row = MetricsRow(step: 1, time: 0)
    row.record(.kl, .nan)
    row.record(.loss, .infinity)
    row.record(.gradNorm, -.infinity)
    row.record(.meanTerminatedLength, nil)
    row.record(.reward, 1.0)
    #expect(
        row.json
            == #"{"step":1,"time":0,"loss":null,"grad_norm":null,"reward":1,"kl":null,"#
            + #""completions/mean_terminated_length":null,"metrics_errors":{"loss":"infinity","#
            + #""grad_norm":"-infinity","kl":"not a number","#
            + #""completions/mean_terminated_length":"no valid value"}}"#)
    _ = try JSONSerialization.jsonObject(with: Data(row.json.utf8))
}

@Test("Recording a metric again replaces it")
func recordingAgain() {
    var row = MetricsRow(step: 1, time: 0)
    row.record(.kl, nil)
    row.record(.kl, 0.5)
    #expect(row.json == #"{"step":1,"time":0,"kl":0.5}"#)
    row.record(.kl, nil)
    #expect(row[.kl] == nil)
    #expect(row.json.hasPrefix(#"{"step":1,"time":0,"kl":null,"#))
}

@Test("Every number reads back as the same bits")
func numberRoundTrip() throws {
    let values: [Double] = [
        0.1, 1 / 3, Double.leastNonzeroMagnitude, 1.7976931348623157e308, -2.5,
        9_007_199_254_740_992, 1e22, 123_456_789,
    ]
    for value in values {
        var row = MetricsRow(step: 1, time: 0)
        row.record(.loss, value)
        let object = try JSONDecoder().decode([String: Double].self, from: Data(row.json.utf8))
        #expect(object["loss"] == value)
    }
}

@Test("Metric names are TRL's")
func metricNames() {
    #expect(MetricName.rewardMean("exact").rawValue == "rewards/exact/mean")
    #expect(MetricName.clipRatioLowMin.rawValue == "clip_ratio/low_min")
    #expect(MetricName.logprobDifferenceMax.rawValue == "sampling/sampling_logp_difference/max")
    #expect(MetricName.clippedRatio.rawValue == "completions/clipped_ratio")
    #expect(MetricName.kl.evaluation.rawValue == "eval_kl")
    #expect(MetricName.stalenessHistogram(2).rawValue == "staleness/histogram/2")
}

@Test("Each row is in the file before write returns")
func writtenThrough() throws {
    try withTemporaryDirectory { directory in
        let path = directory + "/metrics.jsonl"
        let writer = try MetricsWriter(path: path)
        for step in 1...3 {
            try writer.write(MetricsRow(step: step, time: 0))
            #expect(try contents(path).split(separator: "\n").count == step)
        }
        try writer.synchronize()
    }
}

@Test("After a crash half a line is cut off and writing goes on")
func tornLine() throws {
    try withTemporaryDirectory { directory in
        let path = directory + "/metrics.jsonl"
        try put("{\"step\":1,\"time\":0}\n{\"step\":2,\"ti", at: path)
        let writer = try MetricsWriter(path: path)
        try writer.write(MetricsRow(step: 2, time: 5))
        #expect(try contents(path) == "{\"step\":1,\"time\":0}\n{\"step\":2,\"time\":5}\n")
    }
}

@Test("A file that is half a line becomes empty")
func onlyTornLine() throws {
    try withTemporaryDirectory { directory in
        let path = directory + "/metrics.jsonl"
        try put("{\"step\":1,", at: path)
        _ = try MetricsWriter(path: path)
        #expect(try contents(path) == "")
    }
}

@Test("A run resumed after step 2 has every step once")
func resumedSteps() throws {
    try withTemporaryDirectory { directory in
        let path = directory + "/metrics.jsonl"
        let first = try MetricsWriter(path: path)
        for step in 1...4 { try first.write(MetricsRow(step: step, time: 0)) }
        let second = try MetricsWriter(path: path, keepingThrough: 2)
        for step in 3...5 { try second.write(MetricsRow(step: step, time: 1)) }
        let steps = try contents(path).split(separator: "\n").map { $0.dropFirst(8).prefix(1) }
        #expect(steps == ["1", "2", "3", "4", "5"])
    }
}

@Test("Many tasks write whole lines")
func concurrentRows() async throws {
    let path = NSTemporaryDirectory() + "cohort-rows-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try JSONLinesFile(path: path)
    let filler = String(repeating: "x", count: 2000)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<50 {
            group.addTask { try file.append("{\"n\":\(number),\"x\":\"\(filler)\"}") }
        }
        try await group.waitForAll()
    }
    let lines = try contents(path).split(separator: "\n")
    #expect(Set(lines.map(\.count)).count == 2)
    #expect(lines.count == 50)
}

@Test("A file that cannot be made is an error with its path")
func unwritableFile() throws {
    try withTemporaryDirectory { directory in
        let failure = #expect(throws: CommandFailure.self) {
            try MetricsWriter(path: directory + "/missing/metrics.jsonl")
        }
        #expect(failure?.exitCode == .cannotCreate)
        #expect(failure?.message.contains("/missing/metrics.jsonl: No such file") == true)
    }
}

@Test("A device is no place for lines")
func device() throws {
    let failure = #expect(throws: CommandFailure.self) { try MetricsWriter(path: "/dev/null") }
    #expect(failure?.message == "/dev/null is not a regular file")
}

@Test("Cutting works however long the lines are")
func longLines() throws {
    try withTemporaryDirectory { directory in
        let path = directory + "/completions.jsonl"
        let filler = String(repeating: "x", count: 70_000)
        let lines = (1...9).map { "{\"step\":\($0),\"completion\":\"\(filler)\"}\n" }
        try put(lines.joined() + "{\"step\":10", at: path)
        _ = try CompletionsWriter(path: path)
        #expect(try contents(path) == lines.joined())
        _ = try CompletionsWriter(path: path, keepingThrough: 4)
        #expect(try contents(path) == lines.prefix(4).joined())
    }
}
