import ArgumentParser
import Simulation

// What the options may be.

extension SimulateCommand {
    func validate() throws {
        try require(1...10_000 ~= workers, "--workers must be 1 to 10000")
        try require(1...1_000_000 ~= steps, "--steps must be 1 to 1000000")
        for (name, value) in [
            ("--group-time", groupTime), ("--heartbeat", heartbeat ?? 1), ("--lease", lease),
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
            liveness ?? 5 * heartbeatSeconds > heartbeatSeconds,
            "--liveness must be longer than --heartbeat, which is \(heartbeatSeconds)")
        let longest = groupTime * (1 + groupTimeSpread) * Double(slots)
        try require(
            lease > longest,
            "--lease \(lease) is too short: a worker may take \(longest) s for the \(slots) groups it holds")
        let plan = try FaultWords(parsing: faults).plan
        try require(
            plan.corruptionShare == 0 || frames, "corruption_share needs --frames: there are none to damage")
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw ValidationError(message) }
    }
}
