internal import GRPO
internal import Wire

/// What a run's report is made of.
struct Measurements {
    var events = 0
    var faults = 0
    var disconnects = 0
    var workerRestarts = 0
    var learnerRestarts = 0
    var trainingTime = Duration.zero
    /// Trained and lost with the learner.
    var lostTrainingTime = Duration.zero
    var replayedSteps = 0
    var recoveryTime = Duration.zero
    var commits = 0
    /// Of all workers.
    var samplingTime = Duration.zero

    init(_ setup: SimulationSetup) {}

    mutating func count(_ parcel: Parcel, toLearner: Bool) {}
    mutating func received(_ group: Group, at time: Duration) {}
    mutating func consumed(_ batch: [Group], step: Int, at time: Duration) {}

    mutating func learnerCrashed(_ learner: LearnerProcess, at time: Duration) {
        learnerRestarts += 1
        if learner.isTraining { lostTrainingTime += time - learner.trainingStarted }
    }

    func report(at time: Duration, _ setup: SimulationSetup) -> SimulationReport {
        SimulationReport(time: time, events: events, faults: faults, learnerRestarts: learnerRestarts)
    }
}
