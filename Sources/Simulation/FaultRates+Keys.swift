extension FaultRates {
    /// What `set` knows, for messages and help.
    package static let keys = [
        "disconnect", "partition", "partition_length", "one_way_share", "slow_share", "loss_share",
        "repeat_share", "overtake_share", "corruption_share", "worker_crash", "worker_twin", "stall_share",
        "worker_pause", "worker_pause_length", "learner_crash", "learner_pause", "learner_pause_length", "clock_jump",
        "malformed_share", "disk_full", "disk_full_length", "checkpoint_failure_share",
        "checkpoint_damage_share", "until",
    ]

    /// Sets one part by name: an interval or length in seconds, where an interval of 0 means never, or a
    /// share of 0 … 1. Answers with what is wrong; `nil` where nothing is.
    package mutating func set(_ key: String, to value: Double) -> String? {
        guard Self.keys.contains(key) else { return "there is no fault named \(key)" }
        let isShare = key.hasSuffix("_share")
        guard value.isFinite, value >= 0, value <= (isShare ? 1 : 1e9) else {
            return "\(key) must be \(isShare ? "0 to 1" : "0 to 1e9 seconds"), not \(value)"
        }
        let length = Duration.seconds(value)
        let interval = value > 0 ? length : nil
        switch key {
        case "disconnect": disconnect = interval
        case "partition": partition = interval
        case "partition_length": partitionLength = length
        case "one_way_share": oneWayShare = value
        case "slow_share": slowShare = value
        case "loss_share": lossShare = value
        case "repeat_share": repeatShare = value
        case "overtake_share": overtakeShare = value
        case "corruption_share": corruptionShare = value
        case "worker_crash": workerCrash = interval
        case "worker_twin": workerTwin = interval
        case "stall_share": stallShare = value
        case "worker_pause": workerPause = interval
        case "worker_pause_length": workerPauseLength = length
        case "learner_crash": learnerCrash = interval
        case "learner_pause": learnerPause = interval
        case "learner_pause_length": learnerPauseLength = length
        case "clock_jump": clockJump = interval
        case "malformed_share": malformedShare = value
        case "disk_full": diskFull = interval
        case "disk_full_length": diskFullLength = length
        case "checkpoint_failure_share": checkpointFailureShare = value
        case "checkpoint_damage_share": checkpointDamageShare = value
        default: until = length
        }
        return nil
    }
}
