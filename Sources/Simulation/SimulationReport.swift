package import Ports

/// What a simulated run came to. All but `coordinator.microsecondsPerGroup` is the same on every machine.
package struct SimulationReport: Hashable, Sendable, Codable {
    /// Of virtual time, from the first process's start to the last one's end.
    package var seconds: Double
    package var steps: Int
    package var stepsPerHour: Double
    /// Share of the time that the learner trained, and that the workers sampled.
    package var learnerUtilization: Double
    package var workerUtilization: Double
    /// Where the groups went.
    package var groups: GroupAccounting
    /// Groups trained on, by the published versions that they lagged behind.
    package var staleness: [Int]
    package var queueing: Queueing
    package var coordinator: Coordinator
    package var faults: Faults
    /// Events simulated.
    package var events: Int

    /// From a group's arrival to its training, in seconds.
    package struct Queueing: Hashable, Sendable, Codable {
        package var median: Double
        package var p90: Double
        package var p99: Double
        package var longest: Double
    }

    /// What groups cost the learner's process beside training. Snapshots are not in the bytes.
    package struct Coordinator: Hashable, Sendable, Codable {
        package var messagesPerGroup: Double
        package var bytesReceivedPerGroup: Double
        package var bytesSentPerGroup: Double
        package var groupsPerCommit: Double
        /// Of this machine's time, with the simulation's own part in it.
        package var microsecondsPerGroup: Double
    }

    package struct Faults: Hashable, Sendable, Codable {
        package var happened: Int
        package var disconnects: Int
        package var workerRestarts: Int
        package var learnerRestarts: Int
        /// Steps that were journaled and not in a checkpoint.
        package var replayedSteps: Int
        /// Under way when the learner died.
        package var secondsOfTrainingLost: Double
        /// Between the learner's deaths and its workers' next leases.
        package var secondsOfRecovery: Double
    }
}
