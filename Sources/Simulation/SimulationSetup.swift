internal import GRPO
package import Training

/// A cluster and a run to simulate: all sizes, times and patience. With a seed it decides everything.
package struct SimulationSetup: Hashable, Sendable {
    package var seed: UInt64 = 1
    package var faults = FaultRates.none

    // MARK: The run

    package var plan: SchedulePlan
    package var prompts = 64
    package var groupSize = 4
    /// Tokens of the longest completion.
    package var completionLength = 3
    package var scoresHere = false
    /// `dynamic_sampling`: prompts that may take the place of one with equal rewards.
    package var replacementsMax = 0
    package var constantShare = 0.0
    package var badRewardShare = 0.0
    package var rewardFailureShare = 0.0
    /// A checkpoint every so many steps.
    package var saveSteps = 1

    // MARK: The cluster

    package var workers: Int
    /// Leases that a worker holds at most, and groups that it samples together.
    package var slots = 2
    package var batchGroups = 1
    /// Of a snapshot in the simulation, and seconds that one takes to leave the learner.
    package var snapshotChunks = 2
    package var chunkTime: Duration = .zero
    package var pipeCapacity = 1_024
    package var outboxCapacity = 64

    // MARK: Time

    package var groupTime = Delay(.seconds(2))
    package var trainTime = Delay(.seconds(1))
    package var scoreTime = Delay(.milliseconds(50))
    package var checkpointTime = Delay(.seconds(1))
    package var commitTime = Delay(.milliseconds(5), spread: 0.5)
    /// One way through the network.
    package var networkDelay = Delay(.milliseconds(1), spread: 0.5)
    /// Between the link and the learner's loop.
    package var handoffDelay = Delay.none
    /// Between two connection attempts, and between a process's end and its next start.
    package var reconnectTime = Delay(.milliseconds(200), spread: 0.5)
    package var restartTime = Delay(.seconds(3), spread: 0.5)
    package var learnerRestartTime = Delay(.seconds(5), spread: 0.5)

    // MARK: Patience

    package var heartbeat: Duration = .seconds(1)
    package var liveness: Duration = .seconds(5)
    package var lease: Duration = .seconds(120)
    package var helloPause: Duration = .seconds(1)
    package var helloPauseMax: Duration = .seconds(32)
    package var reconnectDeadline: Duration = .seconds(60)
    package var drainLimit: Duration = .seconds(10)
    package var fetchRequest: Duration = .seconds(2)
    package var fetchProgress: Duration = .seconds(60)

    // MARK: The simulation

    /// Real frames instead of values between the processes.
    package var encodes = false
    /// Everything is checked by a second bookkeeper.
    package var checks = true
    /// Waits, messages and costs are measured.
    package var measures = false
    /// Tokens of the longest completion where bytes are reckoned and not counted.
    package var reckonedLength = 128
    /// Virtual time after which the run counts as hung.
    package var limit: Duration = .seconds(3_600)

    /// Processes of workers: a second one for each name where there are twins.
    var processes: Int { faults.workerTwin == nil ? workers : 2 * workers }

    /// A worker numbers its groups anew, which it does with frames only, where a learner comes back.
    var encodesGroups: Bool { encodes || faults.learnerCrash != nil }

    /// Nobody compares what groups say, counts their bytes or waits for a reward that is not there.
    var hasPlainGroups: Bool {
        !checks && !encodes && constantShare + badRewardShare + rewardFailureShare == 0
    }

    package init(workers: Int, plan: SchedulePlan) {
        precondition(workers > 0, "a cluster without workers does nothing")
        self.workers = workers
        self.plan = plan
    }
}
